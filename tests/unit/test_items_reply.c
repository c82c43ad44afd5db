/* SPDX-License-Identifier: Apache-2.0 */
#include "items/reply.h"

#include <strings.h>

#include "unit.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

static const struct {
    items_problem_e problem;
    int status;
    const char *body;
} problems[] = {
    {ITEMS_PROBLEM_PAGE_TOKEN, 400,
     "{\"error\":\"invalid page token\",\"message\":\"invalid page token\","
     "\"code\":\"invalid_page_token\",\"requestId\":\"r-1\"}"},
    {ITEMS_PROBLEM_UNAUTHORIZED, 401,
     "{\"error\":\"Unauthorized\",\"message\":\"Unauthorized\",\"code\":\"unauthorized\","
     "\"requestId\":\"r-1\"}"},
    {ITEMS_PROBLEM_NO_ITEM, 404,
     "{\"error\":\"Item not found\",\"message\":\"Item not found\",\"code\":\"item_not_found\","
     "\"requestId\":\"r-1\"}"},
    {ITEMS_PROBLEM_ITEM_TOO_LARGE, 413,
     "{\"error\":\"Item too large\",\"message\":\"Item too large\",\"code\":\"item_too_large\","
     "\"requestId\":\"r-1\"}"},
    {ITEMS_PROBLEM_UNAVAILABLE, 503,
     "{\"error\":\"Service unavailable\",\"message\":\"Service unavailable\","
     "\"code\":\"service_unavailable\",\"requestId\":\"r-1\"}"},
};

START_TEST(errors_as_json)
{
    const items_reply_error_t error = {.problem = problems[_i].problem, .request_id = "r-1"};
    items_reply_t reply = {0};

    items_reply_error(&reply, &error, unit_pool);
    ck_assert_int_eq(reply.status, problems[_i].status);
    ck_assert_int_eq(reply.problem, problems[_i].problem);
    ck_assert_str_eq(reply.content_type, "application/json");
    ck_assert_str_eq(reply.body, problems[_i].body);
    ck_assert_uint_eq(reply.body_len, strlen(problems[_i].body));
    ck_assert_str_eq(apr_table_get(reply.headers, "X-Content-Type-Options"), "nosniff");
    ck_assert_str_eq(apr_table_get(reply.headers, "Cache-Control"), "no-store");
    ck_assert_str_eq(apr_table_get(reply.headers, "Vary"), "Authorization, Origin, Accept");
    ck_assert_int_eq(apr_table_get(reply.headers, "Retry-After") != NULL, reply.status == 503);
    ck_assert_ptr_null(apr_table_get(reply.headers, "WWW-Authenticate"));
}
END_TEST

START_TEST(errors_as_problem)
{
    items_reply_error_t error = {.request_id = "r-1",
                                 .accept = "application/problem+json, application/json;q=0.5"};
    items_reply_t reply = {0};

    items_reply_add_fault(&error, ITEMS_PROBLEM_ITEM, "name", "Name is required", unit_pool);
    items_reply_add_fault(&error, ITEMS_PROBLEM_STRICT, "status", "say \"x\"", unit_pool);
    items_reply_error(&reply, &error, unit_pool);
    ck_assert_str_eq(reply.content_type, "application/problem+json");
    ck_assert_str_eq(
        reply.body,
        "{\"type\":\"about:blank\",\"title\":\"Bad Request\",\"status\":400,"
        "\"detail\":\"Name is required\",\"code\":\"invalid_item\",\"requestId\":\"r-1\","
        "\"details\":[{\"field\":\"name\",\"message\":\"Name is required\"},"
        "{\"field\":\"status\",\"message\":\"say \\\"x\\\"\"}],"
        "\"error\":\"Name is required\",\"message\":\"Name is required\"}");
}
END_TEST

START_TEST(details_have_a_ceiling)
{
    items_reply_error_t error = {0};
    items_reply_t reply = {0};
    int i;

    for (i = 0; i < 1000; i++)
        items_reply_add_fault(&error, ITEMS_PROBLEM_ITEM, "name", "no", unit_pool);
    items_reply_error(&reply, &error, unit_pool);
    ck_assert_int_eq(error.details->nelts, 32);
    ck_assert_uint_lt(reply.body_len, 4096);
}
END_TEST

static const struct {
    int status;
    items_problem_e problem;
    const char *code;
} statuses[] = {
    {400, ITEMS_PROBLEM_REQUEST, "bad_request"},
    {401, ITEMS_PROBLEM_UNAUTHORIZED, "unauthorized"},
    {403, ITEMS_PROBLEM_FORBIDDEN, "forbidden"},
    {404, ITEMS_PROBLEM_NO_ROUTE, "not_found"},
    {405, ITEMS_PROBLEM_METHOD, "method_not_allowed"},
    {406, ITEMS_PROBLEM_REQUEST, "bad_request"},
    {408, ITEMS_PROBLEM_BODY_TIMEOUT, "request_timeout"},
    {413, ITEMS_PROBLEM_BODY_TOO_LARGE, "body_too_large"},
    {414, ITEMS_PROBLEM_URI_TOO_LONG, "uri_too_long"},
    {415, ITEMS_PROBLEM_MEDIA_TYPE, "unsupported_media_type"},
    {417, ITEMS_PROBLEM_EXPECTATION, "expectation_failed"},
    {418, ITEMS_PROBLEM_REQUEST, "bad_request"},
    {429, ITEMS_PROBLEM_TOO_MANY, "too_many_requests"},
    {431, ITEMS_PROBLEM_HEADERS, "headers_too_large"},
    {500, ITEMS_PROBLEM_INTERNAL, "internal_error"},
    {501, ITEMS_PROBLEM_NOT_IMPLEMENTED, "not_implemented"},
    {502, ITEMS_PROBLEM_BAD_ANSWER, "bad_gateway"},
    {503, ITEMS_PROBLEM_UNAVAILABLE, "service_unavailable"},
    {504, ITEMS_PROBLEM_TIMEOUT, "gateway_timeout"},
    {505, ITEMS_PROBLEM_INTERNAL, "internal_error"},
    {599, ITEMS_PROBLEM_INTERNAL, "internal_error"},
};

START_TEST(servers_own_statuses)
{
    items_reply_error_t error = {.status = statuses[_i].status};
    items_reply_t reply = {0};

    error.problem = items_reply_problem_of_status(statuses[_i].status);
    ck_assert_int_eq(error.problem, statuses[_i].problem);
    items_reply_error(&reply, &error, unit_pool);
    ck_assert_int_eq(reply.status, statuses[_i].status);
    ck_assert_msg(strstr(reply.body, statuses[_i].code) != NULL, "%s", reply.body);
    ck_assert_ptr_null(strstr(reply.body, "requestId"));
}
END_TEST

/* A status that shares its code with others at least says its own name, to client and log. */
START_TEST(words_of_a_status)
{
    static const struct {
        int status;
        const char *words;
    } cases[] = {
        {400, "Bad request"},
        {404, "Not found"},
        {409, "Conflict"},
        {410, "Gone"},
        {418, "Bad Request"},
        {421, "Misdirected Request"},
        {505, "HTTP Version Not Supported"},
    };
    int i;

    for (i = 0; i < COUNT(cases); i++) {
        items_reply_error_t error = {.status = cases[i].status};
        items_reply_t reply = {0};

        error.problem = items_reply_problem_of_status(error.status);
        items_reply_error(&reply, &error, unit_pool);
        ck_assert_str_eq(reply.words, cases[i].words);
        ck_assert_ptr_nonnull(strstr(reply.body, cases[i].words));
    }
}
END_TEST

static const struct {
    base_err_kind_e kind;
    int status;
} kinds[] = {
    {BASE_ERR_INVALID, 500},   {BASE_ERR_CONFLICT, 500},  {BASE_ERR_DENIED, 500},
    {BASE_ERR_TOO_LARGE, 413}, {BASE_ERR_THROTTLED, 503}, {BASE_ERR_TIMEOUT, 504},
    {BASE_ERR_NONSENSE, 502},  {BASE_ERR_INTERNAL, 500},  {BASE_ERR_UNAVAILABLE, 503},
    {BASE_ERR_UNTRUSTED, 503},
};

/* Nothing of the store may show in what a client reads after a failure. */
START_TEST(failures_tell_nothing)
{
    static const char *const words[] = {"table",      "aws",       "dynamodb",   "sdk",
                                        "expression", "exception", "throughput", "example.com"};
    const base_err_t *err =
        base_err_make(kinds[_i].kind, 0, unit_pool, "aws table dynamodb at example.com");
    items_reply_error_t error = {.problem = items_reply_problem(err)};
    items_reply_t reply = {0};
    int i, form;

    for (form = 0; form < 2; form++) {
        error.accept = form ? "application/problem+json" : NULL;
        items_reply_error(&reply, &error, unit_pool);
        ck_assert_int_eq(reply.status, kinds[_i].status);
        for (i = 0; i < COUNT(words); i++)
            ck_assert_msg(strcasestr(reply.body, words[i]) == NULL, "%s", reply.body);
        ck_assert_int_eq(apr_table_get(reply.headers, "Retry-After") != NULL,
                         kinds[_i].status == 503 || kinds[_i].status == 504);
    }
}
END_TEST

START_TEST(answered_sends_nothing)
{
    const items_reply_error_t error = {.problem = ITEMS_PROBLEM_ANSWERED};
    items_reply_t reply = {0};

    items_reply_error(&reply, &error, unit_pool);
    ck_assert_int_eq(reply.problem, ITEMS_PROBLEM_ANSWERED);
    ck_assert_ptr_null(reply.body);
}
END_TEST

START_TEST(headers_go_where_the_caller_says)
{
    apr_table_t *table = apr_table_make(unit_pool, 4);
    items_reply_error_t error = {.problem = ITEMS_PROBLEM_TIMEOUT};
    items_reply_t reply = {.headers = table};

    apr_table_setn(table, "vary", "*");
    apr_table_setn(table, "Server", "kept");
    items_reply_error(&reply, &error, unit_pool);
    ck_assert_ptr_eq(reply.headers, table);
    ck_assert_str_eq(apr_table_get(table, "Retry-After"), "1");
    ck_assert_str_eq(apr_table_get(table, "Vary"), "Authorization, Origin, Accept");
    ck_assert_str_eq(apr_table_get(table, "Server"), "kept");
}
END_TEST

START_TEST(envelopes)
{
    items_reply_t reply = {0};
    base_text_t body;

    base_text_init(&body, 0, 1000, unit_pool);
    items_reply_begin_item(&body);
    base_text_put_str(&body, "{}");
    items_reply_end_item(&body);
    ck_assert_str_eq(body.data, "{\"data\":{}}");
    items_reply_success(&reply, 200, &body, 1, unit_pool);
    ck_assert_str_eq(reply.body, "{\"data\":{}}");
    ck_assert_str_eq(reply.content_type, "application/json");
    ck_assert_str_eq(apr_table_get(reply.headers, "Cache-Control"), "private, no-cache");
    items_reply_success(&reply, 201, &body, 0, unit_pool);
    ck_assert_int_eq(reply.status, 201);
    ck_assert_str_eq(apr_table_get(reply.headers, "Cache-Control"), "no-store");
    items_reply_success(&reply, 204, NULL, 0, unit_pool);
    ck_assert_ptr_null(reply.body);
    ck_assert_ptr_null(reply.content_type);
    base_text_init(&body, 0, 1000, unit_pool);
    items_reply_begin_list(&body);
    items_reply_end_list(&body, 0, NULL);
    ck_assert_str_eq(body.data, "{\"data\":[],\"count\":0}");
    base_text_init(&body, 0, 1000, unit_pool);
    items_reply_begin_list(&body);
    base_text_put_str(&body, "{}");
    items_reply_end_list(&body, 1, "tok");
    ck_assert_str_eq(body.data, "{\"data\":[{}],\"count\":1,\"nextToken\":\"tok\"}");
    base_text_init(&body, 0, 1000, unit_pool);
    items_reply_removed(&body);
    ck_assert_str_eq(body.data, "{\"message\":\"Item deleted\"}");
}
END_TEST

START_TEST(locations)
{
    ck_assert_str_eq(items_reply_location("/items", "a-b.c_d~9", 9, unit_pool), "/items/a-b.c_d~9");
    ck_assert_str_eq(items_reply_location("/a/b", "x/y %\xc3\xa9\r\n\0;", 11, unit_pool),
                     "/a/b/x%2Fy%20%25%C3%A9%0D%0A%00%3B");
}
END_TEST

START_TEST(shown_names)
{
    char name[70];

    memset(name, 'a', sizeof(name));
    ck_assert_str_eq(items_reply_shown_name("a b~", 4, unit_pool), "a b~");
    ck_assert_str_eq(items_reply_shown_name("", 0, unit_pool), "?");
    ck_assert_str_eq(items_reply_shown_name("a\n", 2, unit_pool), "?");
    ck_assert_str_eq(items_reply_shown_name("a\x7f", 2, unit_pool), "?");
    ck_assert_str_eq(items_reply_shown_name("\xc3\xa9", 2, unit_pool), "?");
    ck_assert_str_eq(items_reply_shown_name("a\0b", 3, unit_pool), "?");
    ck_assert_uint_eq(strlen(items_reply_shown_name(name, 64, unit_pool)), 64);
    ck_assert_str_eq(items_reply_shown_name(name, 65, unit_pool), "?");
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("items/reply");
    TCase *tcase = unit_case(suite, "replies");

    tcase_add_loop_test(tcase, errors_as_json, 0, COUNT(problems));
    tcase_add_test(tcase, errors_as_problem);
    tcase_add_test(tcase, details_have_a_ceiling);
    tcase_add_loop_test(tcase, servers_own_statuses, 0, COUNT(statuses));
    tcase_add_test(tcase, words_of_a_status);
    tcase_add_loop_test(tcase, failures_tell_nothing, 0, COUNT(kinds));
    tcase_add_test(tcase, answered_sends_nothing);
    tcase_add_test(tcase, headers_go_where_the_caller_says);
    tcase_add_test(tcase, envelopes);
    tcase_add_test(tcase, locations);
    tcase_add_test(tcase, shown_names);
    return suite;
}
