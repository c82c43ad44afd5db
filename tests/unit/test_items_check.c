/* SPDX-License-Identifier: Apache-2.0 */
#include "items/check.h"

#include <malloc.h>

#include <apr_strings.h>

#include "unit.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))
#define ABSENT NULL

static int check(items_item_fields_t *fields, items_reply_error_t *error, const char *body,
                 int is_new, int strict)
{
    const items_check_rules_t rules = {.is_new = is_new, .strict = strict};
    const dynamo_table_bytes_t bytes = {body, strlen(body)};

    memset(error, 0, sizeof(*error));
    return items_check_body(fields, error, &bytes, &rules, unit_pool);
}

static void is_field(const items_item_fields_t *fields, int field, const char *expected)
{
    const dynamo_table_bytes_t *value = &fields->value[field];

    if (!expected) {
        ck_assert_ptr_null(value->bytes);
        return;
    }
    ck_assert_ptr_nonnull(value->bytes);
    ck_assert_uint_eq(value->len, strlen(expected));
    ck_assert_mem_eq(value->bytes, expected, value->len);
}

static const struct {
    int is_new;
    const char *body;
    const char *fields[ITEMS_ITEM_FIELDS];
} taken[] = {
    {1, "{\"name\":\"a\"}", {"a", "", "active"}},
    {1, " { \"name\" : \"a\" , \"status\":\"s\",\"description\":\"d\"}\r\n\t", {"a", "d", "s"}},
    {1, "{\"name\":\"a\",\"status\":\"\",\"description\":null}", {"a", "", "active"}},
    {1, "{\"name\":\"a\",\"status\":null}", {"a", "", "active"}},
    {1, "{\"name\":5,\"name\":\"last wins\"}", {"last wins", "", "active"}},
    {1, "{\"n\\u0061me\":\"\\u00e9\\n\"}", {"\xc3\xa9\n", "", "active"}},
    {1, "{\"name\":\"\\ud83d\\ude00\"}", {"\xf0\x9f\x98\x80", "", "active"}},
    {1, "{\"name\":\" a \"}", {" a ", "", "active"}},
    {1, "{\"name\":\"\\u200b\"}", {"\xe2\x80\x8b", "", "active"}}, /* not White_Space */
    {1, "{\"id\":1,\"createdAt\":[],\"x\":{\"name\":7},\"name\":\"a\"}", {"a", "", "active"}},
    {1, "{\"__proto__\":{},\"a\\u0000b\":1,\"name\":\"a\"}", {"a", "", "active"}},
    {1, "{\"x\":1e999,\"y\":99999999999999999999999,\"name\":\"a\"}", {"a", "", "active"}},
    {0, "{}", {ABSENT, ABSENT, ABSENT}},
    {0, "{\"name\":null,\"status\":\"\",\"description\":\"\"}", {ABSENT, "", ABSENT}},
    {0, "{\"name\":\"n\",\"status\":\"s\"}", {"n", ABSENT, "s"}},
    {0, "{\"status\":\" \"}", {ABSENT, ABSENT, " "}},
    {0, "{\"description\":\"x\",\"description\":null}", {ABSENT, ABSENT, ABSENT}},
};

START_TEST(what_is_taken)
{
    items_reply_error_t error;
    items_item_fields_t fields;
    int i;

    ck_assert_msg(check(&fields, &error, taken[_i].body, taken[_i].is_new, 0), "%s: %s",
                  taken[_i].body, error.words);
    for (i = 0; i < ITEMS_ITEM_FIELDS; i++)
        is_field(&fields, i, taken[_i].fields[i]);
}
END_TEST

static const struct {
    int is_new;
    const char *body;
    items_problem_e problem;
    const char *words;
    int count; /* details */
} refused[] = {
    {1, "", ITEMS_PROBLEM_JSON, "body is not valid JSON at byte 0: it is empty", 0},
    {1, "{", ITEMS_PROBLEM_JSON, "body is not valid JSON at byte 1", 0},
    {1, "{\"name\":\"a\"}x", ITEMS_PROBLEM_JSON, "body is not valid JSON at byte 12", 0},
    {1, "{\"name\":\"a\"}{}", ITEMS_PROBLEM_JSON, "body is not valid JSON at byte 12", 0},
    {1, "{'name':1}", ITEMS_PROBLEM_JSON, "body is not valid JSON at byte 1", 0},
    {1, "{\"name\":\"a\",}", ITEMS_PROBLEM_JSON, "body is not valid JSON at byte 12", 0},
    {1, "name=a&status=b", ITEMS_PROBLEM_JSON, "body is not valid JSON at byte 0", 0},
    {1, "\xef\xbb\xbf{}", ITEMS_PROBLEM_JSON, "body is not valid JSON at byte 0", 0},
    {1, "null", ITEMS_PROBLEM_JSON, "body must be a JSON object", 0},
    {1, "[]", ITEMS_PROBLEM_JSON, "body must be a JSON object", 0},
    {1, " 5 ", ITEMS_PROBLEM_JSON, "body must be a JSON object", 0},
    {1, "\"x\"", ITEMS_PROBLEM_JSON, "body must be a JSON object", 0},
    {1, "[1", ITEMS_PROBLEM_JSON, "body is not valid JSON at byte 2", 0},
    {0, "{}", ITEMS_PROBLEM_NONE, NULL, 0},
    {1, "{}", ITEMS_PROBLEM_ITEM, "Name is required", 1},
    {1, "{\"name\":null}", ITEMS_PROBLEM_ITEM, "Name is required", 1},
    {1, "{\"name\":\"\"}", ITEMS_PROBLEM_ITEM, "Name is required", 1},
    {1, "{\"name\":\" \\t\\r\\n\"}", ITEMS_PROBLEM_ITEM, "Name is required", 1},
    {1,
     "{\"name\":\"\\u0009\\u000b\\u000c\\u0085\\u00a0\\u1680\\u2000\\u200a\\u2028\\u2029\\u202f"
     "\\u205f\\u3000\"}",
     ITEMS_PROBLEM_ITEM, "Name is required", 1},
    {1, "{\"name\":\"a\",\"name\":null}", ITEMS_PROBLEM_ITEM, "Name is required", 1},
    {1, "{\"name\":5}", ITEMS_PROBLEM_ITEM, "name must be a string", 1},
    {1, "{\"name\":true,\"status\":[],\"description\":{}}", ITEMS_PROBLEM_ITEM,
     "name must be a string", 3},
    {1, "{\"status\":1,\"description\":2}", ITEMS_PROBLEM_ITEM, "Name is required", 3},
    {0, "{\"name\":\"\"}", ITEMS_PROBLEM_ITEM, "Name must not be blank", 1},
    {0, "{\"name\":\"\xe3\x80\x80\"}", ITEMS_PROBLEM_ITEM, "Name must not be blank", 1},
    {0, "{\"description\":false}", ITEMS_PROBLEM_ITEM, "description must be a string", 1},
    {0, "{\"status\":0}", ITEMS_PROBLEM_ITEM, "status must be a string", 1},
};

START_TEST(what_is_refused)
{
    items_reply_error_t error;
    items_item_fields_t fields;
    int taken_anyway = check(&fields, &error, refused[_i].body, refused[_i].is_new, 0);

    ck_assert_msg(taken_anyway == !refused[_i].problem, "%s", refused[_i].body);
    ck_assert_int_eq(error.problem, refused[_i].problem);
    ck_assert_pstr_eq(error.words, refused[_i].words);
    ck_assert_int_eq(error.details ? error.details->nelts : 0, refused[_i].count);
}
END_TEST

START_TEST(bad_bytes)
{
    static const char *const bodies[] = {
        "{\"name\":\"\\ud800\"}",
        "{\"name\":\"\\udc00\\ud800\"}",
        "{\"x\":\"\xc0\xaf\"}",
        "{\"x\":\"\xed\xa0\x80\"}",
        "{\"name\":\"a\nb\"}",
        "{\"x\":NaN,\"name\":\"a\"}",
        "{\"x\":-01,\"name\":\"a\"}",
        "{\"x\":\"\\x41\"}",
        "{\"\xff\":1}",
        "{\"x\":/**/1,\"name\":\"a\"}",
    };
    items_reply_error_t error;
    items_item_fields_t fields;

    ck_assert_msg(!check(&fields, &error, bodies[_i], 1, 0), "%s", bodies[_i]);
    ck_assert_int_eq(error.problem, ITEMS_PROBLEM_JSON);
    ck_assert_int_eq(strncmp(error.words, "body is not valid JSON at byte ", 31), 0);
}
END_TEST

START_TEST(nul_survives)
{
    items_reply_error_t error;
    items_item_fields_t fields;

    ck_assert(check(&fields, &error, "{\"name\":\"a\\u0000b\"}", 1, 0));
    ck_assert_uint_eq(fields.value[ITEMS_ITEM_NAME].len, 3);
    ck_assert_mem_eq(fields.value[ITEMS_ITEM_NAME].bytes, "a\0b", 3);
}
END_TEST

/* {"x":[[…]]} with depth levels in all. */
static const char *nested(int depth, const char *behind)
{
    char *text = apr_pcalloc(unit_pool, (apr_size_t)depth * 2 + 100);
    char *pos = text + strlen(strcpy(text, "{\"name\":\"a\",\"x\":"));

    memset(pos, '[', (size_t)depth - 1);
    memset(pos + depth - 1, ']', (size_t)depth - 1);
    return apr_pstrcat(unit_pool, text, "}", behind, NULL);
}

START_TEST(depth)
{
    items_reply_error_t error;
    items_item_fields_t fields;

    ck_assert(check(&fields, &error, nested(32, ""), 1, 0));
    ck_assert(!check(&fields, &error, nested(33, ""), 1, 0));
    ck_assert_int_eq(error.problem, ITEMS_PROBLEM_JSON);
    ck_assert_str_eq(error.words, "body is nested deeper than 32 levels");
    ck_assert(!check(&fields, &error, nested(33, "}"), 1, 0));
    ck_assert_str_eq(error.words, "body is nested deeper than 32 levels");
    ck_assert(!check(&fields, &error, nested(100000, ""), 1, 0));
    ck_assert_str_eq(error.words, "body is nested deeper than 32 levels");
    ck_assert(!check(&fields, &error, nested(32, "}"), 1, 0));
    ck_assert_str_eq(error.words, "body is not valid JSON at byte 79");
}
END_TEST

static const char *with_length(const char *field, const char *unit, int count)
{
    char *text = apr_palloc(unit_pool, strlen(unit) * (apr_size_t)count + 1);
    char *pos = text;

    while (count--)
        pos = apr_cpystrn(pos, unit, strlen(unit) + 1);
    *pos = '\0';
    return apr_pstrcat(unit_pool, "{\"", field, "\":\"", text, "\"}", NULL);
}

START_TEST(lengths_in_characters)
{
    items_reply_error_t error;
    items_item_fields_t fields;

    ck_assert(check(&fields, &error, with_length("name", "\xf0\x9f\x98\x80", 1024), 0, 0));
    ck_assert(!check(&fields, &error, with_length("name", "a", 1025), 0, 0));
    ck_assert_str_eq(error.words, "name is longer than 1024 characters");
    ck_assert(check(&fields, &error, with_length("status", "\xc3\xa9", 256), 0, 0));
    ck_assert(!check(&fields, &error, with_length("status", "\\u00e9", 257), 0, 0));
    ck_assert_str_eq(error.words, "status is longer than 256 characters");
    ck_assert(check(&fields, &error, with_length("description", "a", 300000), 0, 0));
}
END_TEST

START_TEST(strict_names_the_unknown)
{
    items_reply_error_t error;
    items_item_fields_t fields;

    ck_assert(check(&fields, &error, "{\"name\":\"a\",\"status\":null}", 1, 1));
    ck_assert(!check(&fields, &error, "{\"id\":1,\"id\":2,\"\\n\":3,\"name\":\"a\"}", 1, 1));
    ck_assert_int_eq(error.problem, ITEMS_PROBLEM_STRICT);
    ck_assert_str_eq(error.words, "member can't be set: id");
    ck_assert_int_eq(error.details->nelts, 2);
    ck_assert_str_eq(APR_ARRAY_IDX(error.details, 1, items_reply_detail_t).field, "?");
    ck_assert(!check(&fields, &error, "{\"createdAt\":1}", 1, 1));
    ck_assert_int_eq(error.problem, ITEMS_PROBLEM_ITEM);
    ck_assert_int_eq(error.details->nelts, 2);
}
END_TEST

/* A stranger's body may cost a few times its size, whatever it repeats (zero is what a sanitizer's
 * allocator answers). */
START_TEST(a_name_again_and_again)
{
    static const char piece[] = "\"name\":\"\",";
    const apr_size_t count = 100000;
    char *body = apr_palloc(unit_pool, count * strlen(piece) + 64), *pos = body;
    items_item_fields_t fields;
    items_reply_error_t error;
    apr_size_t before, i;

    *pos++ = '{';
    for (i = 0; i < count; i++, pos += strlen(piece))
        memcpy(pos, piece, sizeof(piece));
    apr_cpystrn(pos, "\"name\":\"last\"}", 64);
    before = mallinfo2().uordblks;
    ck_assert_int_eq(check(&fields, &error, body, 1, 0), 1);
    is_field(&fields, ITEMS_ITEM_NAME, "last");
    ck_assert_uint_lt(mallinfo2().uordblks - before, 256 * 1024);
}
END_TEST

START_TEST(ids)
{
    char id[2049];

    memset(id, 'a', sizeof(id));
    ck_assert(items_check_id(id, 2048));
    ck_assert(!items_check_id(id, 2049));
    ck_assert(!items_check_id("", 0));
    ck_assert(!items_check_id(".", 1));
    ck_assert(!items_check_id("..", 2));
    ck_assert(items_check_id("...", 3));
    ck_assert(items_check_id(".a", 2));
    ck_assert(items_check_id("a/b \n\x7f\"", 7));
    ck_assert(items_check_id("\xf4\x8f\xbf\xbf", 4));
    ck_assert(!items_check_id("\xf4\x90\x80\x80", 4));
    ck_assert(!items_check_id("a\0b", 3));
    ck_assert(!items_check_id("\xe2\x82", 2));
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("items/check");
    TCase *tcase = unit_case(suite, "bodies and ids");

    tcase_add_loop_test(tcase, what_is_taken, 0, COUNT(taken));
    tcase_add_loop_test(tcase, what_is_refused, 0, COUNT(refused));
    tcase_add_loop_test(tcase, bad_bytes, 0, 10);
    tcase_add_test(tcase, nul_survives);
    tcase_add_test(tcase, depth);
    tcase_add_test(tcase, lengths_in_characters);
    tcase_add_test(tcase, strict_names_the_unknown);
    tcase_add_test(tcase, a_name_again_and_again);
    tcase_add_test(tcase, ids);
    return suite;
}
