/* SPDX-License-Identifier: Apache-2.0 */
/* The tree: what it keeps of a text (numbers to the digit, order, U+0000), what it refuses, and
 * that it dies with its pool. */
#include "unit.h"

#include "base/json.h"

#include <limits.h>
#include <string.h>

#include <apr_strings.h>
#include <json-c/json.h>

#include "base/text.h"

/* The tree of a whole text: the scan says whether there is one. */
static base_scan_t parse(base_json_t *tree, const char *text, apr_size_t len, int depth_max,
                         apr_pool_t *pool)
{
    base_scan_t scan;
    int taken;

    base_scan_init(&scan, text, len, depth_max);
    taken = base_json_take(tree, &scan, pool);
    ck_assert_int_eq(taken, scan.why == NULL);
    base_scan_end(&scan);
    return scan;
}

static base_json_t parsed(const char *text)
{
    base_json_t tree;
    base_scan_t scan = parse(&tree, text, strlen(text), 32, unit_pool);

    ck_assert_msg(!scan.why, "%s: %s", text, scan.why);
    return tree;
}

static base_json_t member(const base_json_t *object, const char *name)
{
    base_json_t value;

    ck_assert_msg(base_json_find(&value, object, name), "no member %s", name);
    return value;
}

static void has_text(const base_json_t *value, const char *text, apr_size_t text_len)
{
    apr_size_t len = 99;
    const char *bytes = base_json_text(&len, value);

    ck_assert_ptr_nonnull(bytes);
    ck_assert_uint_eq(len, text_len);
    ck_assert_mem_eq(bytes, text, len);
}

START_TEST(kinds)
{
    static const struct {
        const char *text;
        base_scan_kind_e kind;
    } cases[] = {{"{}", BASE_SCAN_OBJECT}, {"[]", BASE_SCAN_ARRAY},  {"\"\"", BASE_SCAN_STRING},
                 {"0", BASE_SCAN_NUMBER},  {"true", BASE_SCAN_TRUE}, {"false", BASE_SCAN_FALSE},
                 {"null", BASE_SCAN_NULL}};
    apr_size_t i;

    for (i = 0; i < sizeof cases / sizeof *cases; i++) {
        base_json_t tree = parsed(cases[i].text), inner;

        ck_assert_int_eq(tree.kind, cases[i].kind);
        tree = parsed(apr_pstrcat(unit_pool, " {\"a\" : ", cases[i].text, " } ", NULL));
        inner = member(&tree, "a");
        ck_assert_int_eq(inner.kind, cases[i].kind);
    }
}
END_TEST

START_TEST(numbers_keep_their_text)
{
    static const char *const numbers[] = {
        "0",
        "-0",
        "1.50",
        "1e400",
        "-1E-400",
        "99999999999999999999",
        "-9223372036854775809",
        "123456789012345678901234567890",
        "3.14159265358979323846264338327950288419716939937510",
        "1.0",
        "0.1e+1",
        "1E+2",
        "0.000000000000000000000000000000000000000000000000000000000001"};
    apr_size_t i;

    for (i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        base_json_t tree = parsed(numbers[i]), value;

        has_text(&tree, numbers[i], strlen(numbers[i]));
        has_text(&tree, numbers[i], strlen(numbers[i])); /* a second look is the same */
        tree = parsed(apr_pstrcat(unit_pool, "{\"a\":7,\"n\":", numbers[i], "}", NULL));
        value = member(&tree, "n");
        ck_assert_int_eq(value.kind, BASE_SCAN_NUMBER);
        has_text(&value, numbers[i], strlen(numbers[i]));
        ck_assert_str_eq(json_object_to_json_string_ext(tree.node, JSON_C_TO_STRING_PLAIN),
                         apr_pstrcat(unit_pool, "{\"a\":7,\"n\":", numbers[i], "}", NULL));
    }
}
END_TEST

START_TEST(strings_are_unescaped_and_may_hold_nul)
{
    base_json_t tree = parsed("{\"s\":\"a\\u0000b\\n\\ud83d\\ude00\",\"e\":\"\",\"p\":\"plain\"}"),
                value;

    value = member(&tree, "s");
    has_text(&value, "a\0b\n\xf0\x9f\x98\x80", 8);
    value = member(&tree, "e");
    has_text(&value, "", 0);
    value = member(&tree, "p");
    has_text(&value, "plain", 5);
}
END_TEST

START_TEST(what_is_no_text_has_none)
{
    static const char *const texts[] = {"{}", "[]", "true", "false", "null"};
    apr_size_t i, len;

    for (i = 0; i < sizeof texts / sizeof *texts; i++) {
        base_json_t tree = parsed(texts[i]);

        len = 99;
        ck_assert_ptr_null(base_json_text(&len, &tree));
        ck_assert_uint_eq(len, 0);
    }
}
END_TEST

START_TEST(find_in_anything)
{
    base_json_t tree = parsed("{\"a\":null,\"\":1,\"n\\u0061me\":2,\"\xc3\xa9\":3}"), value;

    value = member(&tree, "a");
    ck_assert_int_eq(value.kind, BASE_SCAN_NULL);
    value = member(&tree, "");
    has_text(&value, "1", 1);
    value = member(&tree, "name");
    has_text(&value, "2", 1);
    value = member(&tree, "\xc3\xa9");
    has_text(&value, "3", 1);
    ck_assert(!base_json_find(&value, &tree, "A"));
    ck_assert(!base_json_find(&value, &tree, "b"));
    tree = parsed("[\"a\"]");
    ck_assert(!base_json_find(&value, &tree, "a"));
    tree = parsed("\"a\"");
    ck_assert(!base_json_find(&value, &tree, "a"));
    tree = parsed("null");
    ck_assert(!base_json_find(&value, &tree, "a"));
}
END_TEST

START_TEST(the_last_duplicate_wins)
{
    base_json_t tree = parsed("{\"a\":{\"x\":1},\"b\":2,\"\\u0061\":[3],\"c\":4,\"a\":\"last\"}"),
                value;

    value = member(&tree, "a");
    has_text(&value, "last", 4);
    value = member(&tree, "b");
    has_text(&value, "2", 1);
    value = member(&tree, "c");
    has_text(&value, "4", 1);
}
END_TEST

START_TEST(many_members_are_found)
{
    base_text_t text;
    base_json_t tree, value;
    const char *number;
    int i;

    base_text_init(&text, 0, 100000, unit_pool);
    base_text_put_char(&text, '{');
    for (i = 0; i < 2000; i++) /* enough to make json-c's table grow several times */
        base_text_put_str(
            &text, apr_psprintf(unit_pool, "%s\"m%d\":%d", i ? "," : "", i * 7919 % 2000, i));
    base_text_put_char(&text, '}');
    tree = parsed(text.data);
    for (i = 0; i < 2000; i++) {
        number = apr_itoa(unit_pool, i);
        value = member(&tree, apr_psprintf(unit_pool, "m%d", i * 7919 % 2000));
        has_text(&value, number, strlen(number));
    }
}
END_TEST

START_TEST(trees_keep_their_shape)
{
    static const char *const texts[] = {
        "[]",
        "{}",
        "[[]]",
        "[[],[]]",
        "[[[1],2],3]",
        "{\"a\":{},\"b\":{}}",
        "[null,true,false,null]",
        "{\"a\":{\"b\":{\"c\":[{\"d\":[1,{\"e\":null}]},\"x\"]},\"f\":2},\"g\":[]}",
        "[{\"a\":[{\"a\":[{\"a\":[]}]}]},{\"a\":0}]",
        "{\"a\":[1,[2,[3,[4]]]],\"b\":{\"b\":{\"b\":{}}}}"};
    apr_size_t i;

    for (i = 0; i < sizeof texts / sizeof *texts; i++) {
        base_json_t tree = parsed(texts[i]);

        ck_assert_str_eq(json_object_to_json_string_ext(tree.node, JSON_C_TO_STRING_PLAIN),
                         texts[i]);
    }
}
END_TEST

START_TEST(refuses_with_the_scanners_words)
{
    static const struct {
        const char *text;
        apr_size_t fault;
        const char *words;
    } cases[] = {{"", 0, "unexpected end of the text"},
                 {"{\"a\":1,}", 7, "expected a member name"},
                 {"{\"a\":[1,{\"b\":2}", 15, "unexpected end of the text"},
                 {"{\"a\":1} x", 8, "text after the value"},
                 {"[1,nul]", 3, "expected true, false or null"},
                 {"[1,-]", 4, "expected a digit"},
                 {"[01]", 1, "number with a leading zero"},
                 {"[\"\\ud800\"]", 2, "lone surrogate in a string"},
                 {"{\"a\":\"\xff\"}", 6, "invalid UTF-8"},
                 {"{\"a\xff\":1}", 3, "invalid UTF-8"},
                 {"[[[[1]]]]", 3, "nested too deeply"},
                 {"{\"a\":{\"b\":{\"c\":{}}}}", 15, "nested too deeply"},
                 {"{\"a\\u0000b\":1}", 2, "member name holds U+0000"},
                 {"[{\"a\":1,\"\\u0000\":1}]", 9, "member name holds U+0000"},
                 {"NaN", 0, "expected a value"},
                 {"'a'", 0, "expected a value"}};
    apr_size_t i;

    for (i = 0; i < sizeof cases / sizeof *cases; i++) {
        base_json_t tree;
        base_scan_t scan = parse(&tree, cases[i].text, strlen(cases[i].text), 3, unit_pool);

        ck_assert_msg(scan.why != NULL, "%s", cases[i].text);
        ck_assert_str_eq(scan.why, cases[i].words);
        ck_assert_uint_eq(scan.fault, cases[i].fault);
    }
}
END_TEST

START_TEST(a_text_beyond_json_c_is_refused_unread)
{
    base_json_t tree;
    base_scan_t scan;

    base_scan_init(&scan, "1", (apr_size_t)INT_MAX + 1, 3);
    ck_assert(!base_json_take(&tree, &scan, unit_pool));
    ck_assert_str_eq(scan.why, "text too long");
}
END_TEST

START_TEST(the_deepest_tree)
{
    char *text = apr_pcalloc(unit_pool, 2 * BASE_SCAN_DEPTH_MAX + 3);
    base_json_t tree;
    base_scan_t scan;

    memset(text, '[', BASE_SCAN_DEPTH_MAX);
    memset(text + BASE_SCAN_DEPTH_MAX, ']', BASE_SCAN_DEPTH_MAX);
    scan = parse(&tree, text, 2 * BASE_SCAN_DEPTH_MAX, 1000, unit_pool);
    ck_assert_ptr_null(scan.why);
    memset(text, '[', BASE_SCAN_DEPTH_MAX + 1);
    memset(text + BASE_SCAN_DEPTH_MAX + 1, ']', BASE_SCAN_DEPTH_MAX + 1);
    scan = parse(&tree, text, 2 * BASE_SCAN_DEPTH_MAX + 2, 1000, unit_pool);
    ck_assert_ptr_nonnull(scan.why);
    ck_assert_uint_eq(scan.fault, BASE_SCAN_DEPTH_MAX);
}
END_TEST

/* A second reference keeps the root; when the pool is gone, ours must be the only one left. */
START_TEST(a_tree_dies_with_its_pool)
{
    apr_pool_t *pool;
    base_json_t tree;
    struct json_object *root;

    ck_assert_int_eq(apr_pool_create(&pool, unit_pool), APR_SUCCESS);
    ck_assert_ptr_null(parse(&tree, "{\"a\":[1]}", 9, 3, pool).why);
    root = json_object_get(tree.node);
    apr_pool_destroy(pool);
    ck_assert_int_eq(json_object_put(root), 1); /* 1: that was the last */
}
END_TEST

/* Within a walk only the value at hand is consumed, however it is nested. */
START_TEST(a_value_amid_a_text)
{
    static const char text[] = "{\"skip\":[[]],\"take\":{\"a\":[1,{}]},\"then\":true}";
    base_scan_span_t name;
    base_scan_t scan;
    base_json_t tree;
    base_json_t inner;

    base_scan_init(&scan, text, sizeof text - 1, 4);
    ck_assert(base_scan_enter(&scan, BASE_SCAN_OBJECT));
    ck_assert(base_scan_member(&scan, &name) && base_scan_skip(&scan, NULL));
    ck_assert(base_scan_member(&scan, &name) && base_json_take(&tree, &scan, unit_pool));
    inner = member(&tree, "a");
    ck_assert_int_eq(inner.kind, BASE_SCAN_ARRAY);
    ck_assert(base_scan_member(&scan, &name) && base_scan_equals(&name, "then"));
    ck_assert(base_scan_literal(&scan, BASE_SCAN_TRUE));
    ck_assert(!base_scan_member(&scan, &name) && base_scan_end(&scan));
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("base/json");
    TCase *tcase = unit_case(suite, "values");

    tcase_add_test(tcase, kinds);
    tcase_add_test(tcase, a_value_amid_a_text);
    tcase_add_test(tcase, numbers_keep_their_text);
    tcase_add_test(tcase, strings_are_unescaped_and_may_hold_nul);
    tcase_add_test(tcase, what_is_no_text_has_none);
    tcase_add_test(tcase, find_in_anything);
    tcase_add_test(tcase, the_last_duplicate_wins);
    tcase_add_test(tcase, many_members_are_found);
    tcase_add_test(tcase, trees_keep_their_shape);
    tcase = unit_case(suite, "bounds");
    tcase_add_test(tcase, refuses_with_the_scanners_words);
    tcase_add_test(tcase, a_text_beyond_json_c_is_refused_unread);
    tcase_add_test(tcase, the_deepest_tree);
    tcase_add_test(tcase, a_tree_dies_with_its_pool);
    return suite;
}
