/* SPDX-License-Identifier: Apache-2.0 */
/* Attribute maps to plain JSON: cases as files in tests/vectors/attr, NAME.in a map, NAME.out what
 * comes out of it, a line "name type json" per attribute and "fault why" where it is refused. */
#include "unit.h"

#include <string.h>

#include <apr_file_info.h>
#include <apr_strings.h>

#include "dynamo/attr.h"

#define FOLDER "tests/vectors/attr"

static const char *read_map(const char *text, apr_size_t len)
{
    base_scan_t scan;
    dynamo_attr_t attr;
    base_text_t out;

    base_text_init(&out, 256, 65536, unit_pool);
    base_scan_init(&scan, text, len, DYNAMO_ATTR_DEPTH);
    if (base_scan_enter(&scan, BASE_SCAN_OBJECT))
        while (dynamo_attr_next(&attr, &scan, unit_pool)) {
            base_text_put(&out, attr.name.ptr, attr.name.len);
            base_text_put_char(&out, ' ');
            base_text_put_str(&out, attr.type);
            base_text_put_char(&out, ' ');
            dynamo_attr_put_plain(&out, &attr);
            base_text_put_char(&out, '\n');
        }
    base_scan_end(&scan);
    if (scan.why) {
        base_text_put_str(&out, "fault ");
        base_text_put_str(&out, scan.why);
        base_text_put_char(&out, '\n');
    }
    return out.data;
}

START_TEST(test_files)
{
    apr_dir_t *dir;
    apr_finfo_t entry;
    apr_size_t len;
    int count = 0;

    ck_assert_int_eq(apr_dir_open(&dir, FOLDER, unit_pool), APR_SUCCESS);
    while (apr_dir_read(&entry, APR_FINFO_NAME, dir) == APR_SUCCESS) {
        apr_size_t name_len = strlen(entry.name);
        const char *name, *in, *out;

        if (name_len < 4 || strcmp(entry.name + name_len - 3, ".in") != 0)
            continue;
        name = apr_pstrndup(unit_pool, entry.name, name_len - 3);
        in = unit_read_file(&len, apr_pstrcat(unit_pool, FOLDER "/", entry.name, NULL));
        in = read_map(in, len);
        out = unit_read_file(&len, apr_pstrcat(unit_pool, FOLDER "/", name, ".out", NULL));
        ck_assert_msg(!strcmp(in, out), "%s: got\n%swant\n%s", name, in, out);
        count++;
    }
    apr_dir_close(dir);
    ck_assert_int_ge(count, 70);
}
END_TEST

/* Every cut of a map with all types is refused, and none makes a value of what is not there. */
START_TEST(test_cuts)
{
    static const char map[] = "{\"a\":{\"M\":{\"l\":{\"L\":[{\"N\":\"1\"},{\"BOOL\":true}]},"
                              "\"s\":{\"BS\":[\"AP8=\"]}}},\"n\":{\"NULL\":true}}";
    apr_size_t len;

    for (len = 0; len < sizeof map - 1; len++)
        ck_assert_msg(strstr(read_map(map, len), "fault ") != NULL, "cut at %d", (int)len);
    ck_assert_str_eq(read_map(map, len), "a M {\"l\":[1,true],\"s\":[\"AP8=\"]}\nn NULL null\n");
}
END_TEST

/* Everything is left where it is. */
START_TEST(test_in_place)
{
    static const char map[] = "{\"s\":{\"S\":\"a\\n\"},\"n\":{\"N\":\"42\"},\"b\":{\"BOOL\":true},"
                              "\"l\":{\"L\":[]}}";
    base_scan_t scan;
    dynamo_attr_t attr;

    base_scan_init(&scan, map, sizeof map - 1, 3);
    ck_assert_int_eq(base_scan_enter(&scan, BASE_SCAN_OBJECT), 1);
    ck_assert_int_eq(dynamo_attr_next(&attr, &scan, unit_pool), 1);
    ck_assert_ptr_eq(attr.json, strstr(map, "\"a\\n"));
    ck_assert_uint_eq(attr.len, 5);
    ck_assert_int_eq(attr.is_plain, 1);
    ck_assert_ptr_eq(dynamo_attr_text(&attr).ptr, attr.json + 1);
    ck_assert_uint_eq(dynamo_attr_text(&attr).len, 3);
    ck_assert_int_eq(dynamo_attr_text(&attr).escaped, 1);
    ck_assert_int_eq(dynamo_attr_next(&attr, &scan, unit_pool), 1);
    ck_assert_ptr_eq(attr.json, strstr(map, "42"));
    ck_assert_uint_eq(attr.len, 2);
    ck_assert_ptr_eq(dynamo_attr_text(&attr).ptr, attr.json);
    ck_assert_uint_eq(dynamo_attr_text(&attr).len, 2);
    ck_assert_int_eq(dynamo_attr_text(&attr).escaped, 0); /* nothing of the one before */
    ck_assert_int_eq(dynamo_attr_next(&attr, &scan, unit_pool), 1);
    ck_assert_int_eq(dynamo_attr_next(&attr, &scan, unit_pool), 1);
    ck_assert_int_eq(attr.is_plain, 0);
    ck_assert_ptr_eq(attr.json, strstr(map, "{\"L\""));
    ck_assert_uint_eq(attr.len, strlen("{\"L\":[]}"));
    ck_assert_int_eq(dynamo_attr_next(&attr, &scan, unit_pool), 0);
    ck_assert_int_eq(base_scan_end(&scan), 1);
}
END_TEST

START_TEST(test_put)
{
    base_text_t text;

    base_text_init(&text, 16, 1024, unit_pool);
    dynamo_attr_put(&text, 'S', "a\"\0\xc3\xa9", 5);
    dynamo_attr_put(&text, 'N', "-1.5e3", 6);
    dynamo_attr_put(&text, 'S', "", 0);
    dynamo_attr_put(&text, 'N', "0", 1);
    ck_assert_str_eq(text.data,
                     "{\"S\":\"a\\\"\\u0000\xc3\xa9\"}{\"N\":\"-1.5e3\"}{\"S\":\"\"}{\"N\":\"0\"}");
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("dynamo/attr");
    TCase *tcase = unit_case(suite, "attr");

    tcase_add_test(tcase, test_files);
    tcase_add_test(tcase, test_cuts);
    tcase_add_test(tcase, test_in_place);
    tcase_add_test(tcase, test_put);
    return suite;
}
