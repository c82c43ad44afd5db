/* SPDX-License-Identifier: Apache-2.0 */
#include "items/item.h"

#include <apr_strings.h>

#include "unit.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

/* Take one map: its JSON, NULL when it is refused. */
static const char *take(items_item_taker_t *taker, const dynamo_table_bytes_t *id, const char *map)
{
    base_text_t *text = apr_palloc(unit_pool, sizeof(*text));
    base_scan_t scan;

    base_text_init(text, 16, 1 << 20, unit_pool);
    items_item_taker_init(taker, text, id, unit_pool);
    base_scan_init(&scan, map, strlen(map), DYNAMO_ATTR_DEPTH);
    if (!items_item_take(taker, &scan)) {
        ck_assert_ptr_nonnull(scan.why);
        return NULL;
    }
    ck_assert(base_scan_end(&scan));
    return text->data;
}

static const struct {
    const char *map;
    const char *json; /* NULL: refused */
} maps[] = {
    {"{\"updatedAt\":{\"S\":\"u\"},\"createdAt\":{\"S\":\"c\"},\"status\":{\"S\":\"s\"},"
     "\"description\":{\"S\":\"d\"},\"name\":{\"S\":\"n\"},\"id\":{\"S\":\"i\"}}",
     "{\"id\":\"i\",\"name\":\"n\",\"description\":\"d\",\"status\":\"s\",\"createdAt\":\"c\","
     "\"updatedAt\":\"u\"}"},
    {"{\"id\":{\"S\":\"i\"}}", "{\"id\":\"i\"}"},
    {" { \"id\" : { \"S\" : \"i\" } , \"name\" : {\"N\":\"1.50\"}}",
     "{\"id\":\"i\",\"name\":1.50}"},
    {"{\"z\":{\"N\":\"1\"},\"a\":{\"BOOL\":true},\"B\":{\"NULL\":true},\"ab\":{\"S\":\"\"},"
     "\"id\":{\"S\":\"i\"},\"\xc3\xa9\":{\"L\":[]}}",
     "{\"id\":\"i\",\"B\":null,\"a\":true,\"ab\":\"\",\"z\":1,\"\xc3\xa9\":[]}"},
    {"{\"\\u0061\":{\"N\":\"1\"},\"\\\"\":{\"N\":\"2\"},\"i\\u0064\":{\"S\":\"\\u0069\"}}",
     "{\"id\":\"\\u0069\",\"\\\"\":2,\"a\":1}"},
    {"{\"id\":{\"S\":\"i\"},\"x\":{\"NS\":[\"1\",\"2\"]},\"m\":{\"M\":{\"id\":{\"S\":\"j\"},"
     "\"_items_x\":{\"N\":\"1\"}}}}",
     "{\"id\":\"i\",\"m\":{\"id\":\"j\",\"_items_x\":1},\"x\":[1,2]}"},
    {"{\"id\":{\"S\":\"i\"},\"_items_rev\":{\"N\":\"3\"},\"_items_w1\":{\"S\":\"t\"},"
     "\"_items_idem\":{\"S\":\"d\"},\"_items_\":{\"S\":\"\"},\"\\u005fitems_q\":{\"N\":\"1\"},"
     "\"_item\":{\"N\":\"4\"}}",
     "{\"id\":\"i\",\"_item\":4}"},
    {"{\"id\":{\"S\":\"i\"},\"name\":{\"S\":\"a\"},\"name\":{\"S\":\"b\"}}", NULL},
    {"{\"id\":{\"S\":\"i\"},\"id\":{\"S\":\"i\"}}", NULL},
    {"{\"id\":{\"S\":\"i\"},\"x\":{\"S\":\"a\"},\"y\":{\"S\":\"a\"},\"\\u0078\":{\"S\":\"b\"}}",
     NULL},
    {"{\"name\":{\"S\":\"a\"}}", NULL},
    {"{}", NULL},
    {"{\"id\":{\"N\":\"1\"}}", NULL},
    {"{\"id\":{\"S\":5}}", NULL},
    {"{\"id\":\"i\"}", NULL},
    {"[]", NULL},
    {"{\"id\":{\"S\":\"i\"}", NULL},
};

START_TEST(maps_to_json)
{
    items_item_taker_t taker;
    const char *json = take(&taker, NULL, maps[_i].map);

    ck_assert_pstr_eq(json, maps[_i].json);
}
END_TEST

START_TEST(own_attributes)
{
    items_item_taker_t taker;

    take(&taker, NULL,
         "{\"_items_w3\":{\"S\":\"ccc\"},\"id\":{\"S\":\"i\"},\"_items_rev\":{\"N\":\"12\"},"
         "\"_items_w1\":{\"S\":\"0123456789abcdef\"},\"_items_w2\":{\"S\":\"\"},"
         "\"_items_w4\":{\"S\":\"0123456789abcdefg\"}}");
    ck_assert_str_eq(taker.own.revision, "12");
    ck_assert_str_eq(taker.own.writes[0], "0123456789abcdef");
    ck_assert_str_eq(taker.own.writes[1], "");
    ck_assert_str_eq(taker.own.writes[2], "ccc");
    ck_assert_str_eq(taker.own.writes[3], ""); /* too long: not ours */
    ck_assert(items_item_has_write(&taker.own, "ccc"));
    ck_assert(items_item_has_write(&taker.own, "0123456789abcdef"));
    ck_assert(!items_item_has_write(&taker.own, "0123456789abcde"));
    take(&taker, NULL,
         "{\"id\":{\"S\":\"i\"},\"_items_rev\":{\"S\":\"12\"},\"_items_w1\":{\"N\":\"1\"}}");
    ck_assert_str_eq(taker.own.revision, "");
    ck_assert_str_eq(taker.own.writes[0], "");
}
END_TEST

START_TEST(another_id_is_refused)
{
    const dynamo_table_bytes_t id = {"a/b", 3};
    items_item_taker_t taker;

    ck_assert_ptr_nonnull(take(&taker, &id, "{\"id\":{\"S\":\"a/b\"}}"));
    ck_assert_ptr_nonnull(take(&taker, &id, "{\"id\":{\"S\":\"a\\/\\u0062\"}}"));
    ck_assert_ptr_null(take(&taker, &id, "{\"id\":{\"S\":\"a/B\"}}"));
    ck_assert_ptr_null(take(&taker, &id, "{\"id\":{\"S\":\"a/b/\"}}"));
}
END_TEST

START_TEST(an_answer_starts_over)
{
    static const char map[] = "{\"id\":{\"S\":\"i\"},\"_items_w1\":{\"S\":\"t\"}}";
    items_item_taker_t taker;
    dynamo_table_reader_t reader;
    base_text_t text;
    base_scan_t scan;
    int round;

    base_text_init(&text, 0, 1000, unit_pool);
    base_text_put_str(&text, "[");
    items_item_taker_init(&taker, &text, NULL, unit_pool);
    reader = items_item_reader(&taker);
    for (round = 0; round < 2; round++) {
        reader.start(reader.taker);
        ck_assert_str_eq(text.data, "[");
        ck_assert_str_eq(taker.own.writes[0], "");
        base_scan_init(&scan, map, sizeof(map) - 1, DYNAMO_ATTR_DEPTH);
        ck_assert(reader.item(reader.taker, &scan));
        base_scan_init(&scan, map, sizeof(map) - 1, DYNAMO_ATTR_DEPTH);
        ck_assert(reader.item(reader.taker, &scan));
        ck_assert_int_eq(taker.count, 2);
        ck_assert_str_eq(text.data, "[{\"id\":\"i\"},{\"id\":\"i\"}");
    }
}
END_TEST

START_TEST(a_full_text_is_a_fault)
{
    static const char map[] = "{\"id\":{\"S\":\"0123456789\"}}";
    items_item_taker_t taker;
    base_text_t text;
    base_scan_t scan;

    base_text_init(&text, 0, 10, unit_pool);
    items_item_taker_init(&taker, &text, NULL, unit_pool);
    base_scan_init(&scan, map, sizeof(map) - 1, DYNAMO_ATTR_DEPTH);
    ck_assert(!items_item_take(&taker, &scan));
    ck_assert_ptr_nonnull(scan.why);
}
END_TEST

START_TEST(new_items)
{
    items_item_new_t item = {.id = {"i", 1},
                             .fields = {{{"n\"\n", 3}, {"", 0}, {"a\0b", 3}}},
                             .stamp = "2026-02-12T10:11:12.345Z"};
    base_text_t text;

    base_text_init(&text, 0, 1000, unit_pool);
    items_item_put_new(&text, &item);
    ck_assert_str_eq(text.data,
                     "{\"id\":\"i\",\"name\":\"n\\\"\\n\",\"description\":\"\","
                     "\"status\":\"a\\u0000b\",\"createdAt\":\"2026-02-12T10:11:12.345Z\","
                     "\"updatedAt\":\"2026-02-12T10:11:12.345Z\"}");
}
END_TEST

START_TEST(sizes)
{
    items_item_fields_t fields = {{{"n", 1}, {"", 0}, {"active", 6}}};

    /* id 2+36, name 4+1, description 11, status 6+6, two stamps 9+24, rev 10+2, w1 9+16 */
    ck_assert_uint_eq(items_item_size(&fields, 36, 1), 38 + 5 + 11 + 12 + 66 + 12 + 25);
    fields.value[ITEMS_ITEM_NAME].bytes = NULL;
    ck_assert_uint_eq(items_item_size(&fields, 36, 0), 38 + 11 + 12 + 33 + 12 + 25);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("items/item");
    TCase *tcase = unit_case(suite, "items");

    tcase_add_loop_test(tcase, maps_to_json, 0, COUNT(maps));
    tcase_add_test(tcase, own_attributes);
    tcase_add_test(tcase, another_id_is_refused);
    tcase_add_test(tcase, an_answer_starts_over);
    tcase_add_test(tcase, a_full_text_is_a_fault);
    tcase_add_test(tcase, new_items);
    tcase_add_test(tcase, sizes);
    return suite;
}
