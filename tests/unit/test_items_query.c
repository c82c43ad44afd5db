/* SPDX-License-Identifier: Apache-2.0 */
#include "items/query.h"

#include "unit.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

static const struct {
    const char *raw;
    int limit;
    const char *token; /* NULL: the first page */
} taken[] = {
    {NULL, 20, NULL},
    {"", 20, NULL},
    {"&&&", 20, NULL},
    {"limit=1", 1, NULL},
    {"limit=100", 100, NULL},
    {"limit=101", 100, NULL},
    {"limit=999999999", 100, NULL},
    {"limit=000000007", 7, NULL},
    {"limit=0", 20, NULL},
    {"limit=", 20, NULL},
    {"limit", 20, NULL},
    {"l%69mit=%37", 7, NULL},
    {"lastKey=abc", 20, "abc"},
    {"nextToken=abc", 20, "abc"},
    {"lastKey=abc&nextToken=abc", 20, "abc"},
    {"lastKey=a%62c&nextToken=abc", 20, "abc"},
    {"lastKey=", 20, NULL},
    {"lastKey=&nextToken=", 20, NULL},
    {"nextToken=a+b%2Bc", 20, "a b+c"},
    {"lastKey=a=b", 20, "a=b"},
    {"utm_source=x&fields=id&limit=3", 3, NULL},
    {"Limit=abc&LASTKEY=x", 20, NULL},
    {"%zz=1&a%=2&%=3", 20, NULL},
    {"x=%zz", 20, NULL},
    {"limit%00=7", 20, NULL},
};

static const items_query_rules_t list = {.is_list = 1, .limit_default = 20, .limit_max = 100};

START_TEST(what_is_taken)
{
    items_reply_error_t error = {0};
    items_query_t query;

    ck_assert_msg(items_query_read(&query, &error, taken[_i].raw, &list, unit_pool), "%s",
                  taken[_i].raw);
    ck_assert_int_eq(query.limit, taken[_i].limit);
    ck_assert_pstr_eq(query.token, taken[_i].token);
}
END_TEST

static const struct {
    const char *raw;
    const char *words;
    int count;
} refused[] = {
    {"limit=abc", "limit must be a whole number of at most 9 digits", 1},
    {"limit=-1", "limit must be a whole number of at most 9 digits", 1},
    {"limit=+1", "limit must be a whole number of at most 9 digits", 1},
    {"limit=1.0", "limit must be a whole number of at most 9 digits", 1},
    {"limit=1000000000", "limit must be a whole number of at most 9 digits", 1},
    {"limit=1%00", "limit must be a whole number of at most 9 digits", 1},
    {"limit=%D9%A3", "limit must be a whole number of at most 9 digits", 1},
    {"limit=1&limit=1", "limit is given more than once", 1},
    {"limit=&limit=", "limit is given more than once", 1},
    {"limit=%4", "limit has a bad escape", 1},
    {"lastKey=a&lastKey=a", "lastKey is given more than once", 1},
    {"nextToken=a&nextToken=", "nextToken is given more than once", 1},
    {"nextToken=%", "nextToken has a bad escape", 1},
    {"lastKey=a&nextToken=b", "lastKey and nextToken differ", 1},
    {"lastKey=&nextToken=b", "lastKey and nextToken differ", 1},
    {"lastKey=a&nextToken=a%00", "lastKey and nextToken differ", 1},
    {"limit=x&lastKey=a&nextToken=b", "limit must be a whole number of at most 9 digits", 2},
};

START_TEST(what_is_refused)
{
    items_reply_error_t error = {0};
    items_query_t query;

    ck_assert_msg(!items_query_read(&query, &error, refused[_i].raw, &list, unit_pool), "%s",
                  refused[_i].raw);
    ck_assert_int_eq(error.problem, ITEMS_PROBLEM_QUERY);
    ck_assert_str_eq(error.words, refused[_i].words);
    ck_assert_int_eq(error.details->nelts, refused[_i].count);
}
END_TEST

START_TEST(strict_names_the_unknown)
{
    items_query_rules_t rules = list;
    items_reply_error_t error = {0};
    items_query_t query;

    rules.strict = 1;
    ck_assert(items_query_read(&query, &error, "limit=3&lastKey=", &rules, unit_pool));
    ck_assert(!items_query_read(&query, &error, "a+b=1&%0a=2&x%zz=3", &rules, unit_pool));
    ck_assert_int_eq(error.problem, ITEMS_PROBLEM_STRICT);
    ck_assert_str_eq(error.words, "unknown query parameter: a b");
    ck_assert_int_eq(error.details->nelts, 3);
    ck_assert_str_eq(APR_ARRAY_IDX(error.details, 1, items_reply_detail_t).field, "?");
    ck_assert_str_eq(APR_ARRAY_IDX(error.details, 2, items_reply_detail_t).field, "x%zz");
}
END_TEST

START_TEST(elsewhere_all_are_unknown)
{
    items_query_rules_t rules = list;
    items_reply_error_t error = {0};
    items_query_t query;

    rules.is_list = 0;
    ck_assert(items_query_read(&query, &error, "limit=abc&lastKey=%zz", &rules, unit_pool));
    ck_assert_ptr_null(query.token);
    rules.strict = 1;
    ck_assert(!items_query_read(&query, &error, "limit=1", &rules, unit_pool));
    ck_assert_str_eq(error.words, "unknown query parameter: limit");
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("items/query");
    TCase *tcase = unit_case(suite, "queries");

    tcase_add_loop_test(tcase, what_is_taken, 0, COUNT(taken));
    tcase_add_loop_test(tcase, what_is_refused, 0, COUNT(refused));
    tcase_add_test(tcase, strict_names_the_unknown);
    tcase_add_test(tcase, elsewhere_all_are_unknown);
    return suite;
}
