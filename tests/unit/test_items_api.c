/* SPDX-License-Identifier: Apache-2.0 */
#include "items/api.h"

#include "items_tape.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))
#define END                                                                                        \
    {                                                                                              \
        NULL, 0, NULL                                                                              \
    }
#define NOW (apr_time_from_sec(1700000000) + 1000)

static const unsigned char key_bytes[] = "0123456789abcdef0123456789abcdef";
static const items_page_key_t page_key = {key_bytes, 32};

/* A request with its body. */
typedef struct {
    items_request_t req;
    const char *body;
    items_problem_e body_problem;
    int body_reads;
} client_t;

static items_problem_e read_body(const char **body, apr_size_t *len, void *ctx, apr_size_t max)
{
    client_t *client = ctx;

    (void)max;
    client->body_reads++;
    *body = client->body;
    *len = client->body ? strlen(client->body) : 0;
    return client->body_problem;
}

static client_t client_of(const char *method, const char *path, const char *body)
{
    client_t client = {.req = {.method = method,
                               .path = path,
                               .raw_path = path,
                               .content_length = -1,
                               .identity = ITEMS_API_IDENTIFIED,
                               .request_id = "r-1",
                               .now = NOW,
                               .read_body = read_body},
                       .body = body};

    return client;
}

static items_reply_t serve(items_tape_t *tape, client_t *client, const items_tape_step_t *steps)
{
    const items_api_options_t options = {.mount = "/items",
                                         .table = items_tape_table(tape, steps),
                                         .page_default = 20,
                                         .page_max = 100,
                                         .body_max = 1048576,
                                         .page_keys = &page_key,
                                         .page_key_count = 1,
                                         .page_age = apr_time_from_sec(86400)};
    items_reply_t reply = {0};
    base_call_t call;

    client->req.body_ctx = client;
    base_call_init(&call, apr_time_from_sec(5));
    items_api_serve(&reply, items_api_make(&options, unit_pool), &client->req, &call, unit_pool);
    items_tape_end(tape);
    return reply;
}

static const char *header(const items_reply_t *reply, const char *name)
{
    return apr_table_get(reply->headers, name);
}

/* Of every answer. */
static void is_reply(const items_reply_t *reply, int status, const char *body)
{
    ck_assert_msg(reply->status == status, "%d %s", reply->status, reply->body);
    ck_assert_pstr_eq(reply->body, body);
    if (body)
        ck_assert_uint_eq(reply->body_len, strlen(body));
    ck_assert_pstr_eq(reply->content_type, body ? "application/json" : NULL);
    ck_assert_str_eq(header(reply, "X-Content-Type-Options"), "nosniff");
    ck_assert_str_eq(header(reply, "Vary"), "Authorization, Origin, Accept");
    ck_assert_int_eq(status < 400, reply->problem == ITEMS_PROBLEM_NONE);
}

static const char *error_body(const char *words, const char *code)
{
    return apr_psprintf(unit_pool,
                        "{\"error\":\"%s\",\"message\":\"%s\",\"code\":\"%s\","
                        "\"requestId\":\"r-1\"}",
                        words, words, code);
}

START_TEST(list)
{
    static const items_tape_step_t first[] = {
        {"Scan", 200,
         "{\"Items\":[{\"id\":{\"S\":\"1\"}},{\"id\":{\"S\":\"2\"}}],\"Count\":2,"
         "\"ScannedCount\":2,\"LastEvaluatedKey\":{\"id\":{\"S\":\"2\"}}}"},
        END};
    static const items_tape_step_t last[] = {
        {"Scan", 200, "{\"Items\":[],\"Count\":0,\"ScannedCount\":0}"}, END};
    client_t client = client_of("GET", "/items", NULL);
    items_tape_t tape;
    items_reply_t reply = serve(&tape, &client, first);
    const char *token = strstr(reply.body, "\"nextToken\":\"");

    ck_assert_ptr_nonnull(token);
    token = apr_pstrdup(unit_pool, token + strlen("\"nextToken\":\""));
    ((char *)(apr_uintptr_t)token)[strcspn(token, "\"")] = '\0';
    is_reply(&reply, 200,
             apr_pstrcat(unit_pool,
                         "{\"data\":[{\"id\":\"1\"},{\"id\":\"2\"}],\"count\":2,\"nextToken\":\"",
                         token, "\"}", NULL));
    ck_assert_str_eq(header(&reply, "Cache-Control"), "private, no-cache");
    ck_assert_str_eq(reply.route, "GET /items");
    ck_assert_ptr_nonnull(strstr(tape.bodies[0], "\"Limit\":20"));
    ck_assert_int_eq(client.body_reads, 0);

    client.req.query = apr_pstrcat(unit_pool, "limit=500&nextToken=", token, NULL);
    reply = serve(&tape, &client, last);
    is_reply(&reply, 200, "{\"data\":[],\"count\":0}");
    ck_assert_ptr_nonnull(strstr(tape.bodies[0], "\"Limit\":100"));
    ck_assert_ptr_nonnull(strstr(tape.bodies[0], "\"ExclusiveStartKey\":{\"id\":{\"S\":\"2\"}}"));

    client.req.now = NOW + apr_time_from_sec(86402);
    reply = serve(&tape, &client, last + 1);
    is_reply(&reply, 400, error_body("invalid page token", "invalid_page_token"));
}
END_TEST

START_TEST(read_item)
{
    static const items_tape_step_t steps[] = {
        {"GetItem", 200,
         "{\"Item\":{\"status\":{\"S\":\"s\"},\"id\":{\"S\":\"a/b\"},\"zip\":{\"N\":\"1\"},"
         "\"_items_rev\":{\"N\":\"1\"},\"_items_w1\":{\"S\":\"t\"}}}"},
        END};
    client_t client = client_of("GET", "/items/a%2Fb", NULL);
    items_tape_t tape;
    items_reply_t reply = serve(&tape, &client, steps);

    is_reply(&reply, 200, "{\"data\":{\"id\":\"a/b\",\"status\":\"s\",\"zip\":1}}");
    ck_assert_str_eq(header(&reply, "Cache-Control"), "private, no-cache");
    ck_assert_str_eq(reply.route, "GET /items/{id}");
    ck_assert_ptr_null(header(&reply, "Preference-Applied"));
    client.req.method = "HEAD";
    client.req.prefer = "handling=strict";
    reply = serve(&tape, &client, steps);
    is_reply(&reply, 200, "{\"data\":{\"id\":\"a/b\",\"status\":\"s\",\"zip\":1}}");
    ck_assert_str_eq(reply.route, "HEAD /items/{id}");
    ck_assert_str_eq(header(&reply, "Preference-Applied"), "handling=strict");
}
END_TEST

START_TEST(create)
{
    static const items_tape_step_t steps[] = {{"PutItem", 200, "{}"}, END};
    client_t client = client_of("POST", "/items", "{\"name\":\"n\",\"id\":\"mine\"}");
    items_tape_t tape;
    items_reply_t reply = serve(&tape, &client, steps);

    is_reply(&reply, 201,
             apr_psprintf(unit_pool,
                          "{\"data\":{\"id\":\"%s\",\"name\":\"n\",\"description\":\"\","
                          "\"status\":\"active\",\"createdAt\":\"2023-11-14T22:13:20.001Z\","
                          "\"updatedAt\":\"2023-11-14T22:13:20.001Z\"}}",
                          tape.id));
    ck_assert_str_eq(header(&reply, "Location"), apr_pstrcat(unit_pool, "/items/", tape.id, NULL));
    ck_assert_str_eq(header(&reply, "Cache-Control"), "no-store");
    ck_assert_int_eq(client.body_reads, 1);
}
END_TEST

START_TEST(replace)
{
    static const items_tape_step_t found[] = {
        {"UpdateItem", 200, "{\"Attributes\":{\"id\":{\"S\":\"a\"},\"name\":{\"S\":\"n\"}}}"}, END};
    static const items_tape_step_t absent[] = {
        {"UpdateItem", 400, "{\"__type\":\"x#ConditionalCheckFailedException\"}"}, END};
    client_t client = client_of("PUT", "/items/a", "{\"name\":\"n\"}");
    items_tape_t tape;
    items_reply_t reply = serve(&tape, &client, found);

    is_reply(&reply, 200, "{\"data\":{\"id\":\"a\",\"name\":\"n\"}}");
    ck_assert_str_eq(header(&reply, "Cache-Control"), "no-store");
    reply = serve(&tape, &client, absent);
    is_reply(&reply, 404, error_body("Item not found", "item_not_found"));
    ck_assert_ptr_null(reply.err);
}
END_TEST

START_TEST(remove_item)
{
    static const items_tape_step_t steps[] = {{"DeleteItem", 200, "{}"}, END};
    client_t client = client_of("DELETE", "/items/a", NULL);
    items_tape_t tape;
    items_reply_t reply = serve(&tape, &client, steps);

    is_reply(&reply, 200, "{\"message\":\"Item deleted\"}");
    ck_assert_str_eq(header(&reply, "Cache-Control"), "no-store");
}
END_TEST

#define AWS_ERROR(code)                                                                            \
    "{\"__type\":\"com.amazonaws.dynamodb.v20120810#" code "\",\"message\":\"arn:aws:x\"}"

static const struct {
    items_tape_step_t steps[6];
    int status;
    const char *words;
    const char *code;
} failures[] = {
    {{{"GetItem", 200, "{}"}, END}, 404, "Item not found", "item_not_found"},
    {{{"GetItem", 400, AWS_ERROR("ResourceNotFoundException")}, END},
     500,
     "Internal server error",
     "internal_error"},
    {{{"GetItem", 400, AWS_ERROR("AccessDeniedException")}, END},
     500,
     "Internal server error",
     "internal_error"},
    {{{"GetItem", 400, AWS_ERROR("ValidationException")}, END},
     500,
     "Internal server error",
     "internal_error"},
    {{{"*GetItem", 200, "[]"}, END}, 502, "Bad gateway", "bad_gateway"},
    {{{"*GetItem", 200, ""}, END}, 502, "Bad gateway", "bad_gateway"},
    {{{"*GetItem", 200, "{\"Item\":{\"id\":{\"S\":\"b\"}}}"}, END},
     502,
     "Bad gateway",
     "bad_gateway"},
    {{{"*GetItem", 500, "{}"}, END}, 503, "Service unavailable", "service_unavailable"},
    {{{"*GetItem", 0, NULL}, END}, 503, "Service unavailable", "service_unavailable"},
    {{{"*GetItem", 400, AWS_ERROR("ProvisionedThroughputExceededException")}, END},
     503,
     "Service unavailable",
     "service_unavailable"},
};

START_TEST(failures_behind_us)
{
    client_t client = client_of("GET", "/items/a", NULL);
    items_tape_t tape;
    items_reply_t reply = serve(&tape, &client, failures[_i].steps);

    is_reply(&reply, failures[_i].status, error_body(failures[_i].words, failures[_i].code));
    ck_assert_str_eq(header(&reply, "Cache-Control"), "no-store");
    ck_assert_int_eq(reply.err != NULL, reply.status >= 500);
    ck_assert_int_eq(header(&reply, "Retry-After") != NULL, reply.status == 503);
}
END_TEST

START_TEST(a_spent_deadline)
{
    static const items_tape_step_t none[] = {END};
    const items_api_options_t options = {.mount = "/items", .body_max = 10};
    items_api_options_t with_table = options;
    client_t client = client_of("GET", "/items/a", NULL);
    items_tape_t tape;
    items_reply_t reply = {0};
    base_call_t call;

    with_table.table = items_tape_table(&tape, none);
    base_call_init(&call, 0);
    items_api_serve(&reply, items_api_make(&with_table, unit_pool), &client.req, &call, unit_pool);
    is_reply(&reply, 504, error_body("Gateway timeout", "gateway_timeout"));
    ck_assert_str_eq(header(&reply, "Retry-After"), "1");
}
END_TEST

/* What is refused here; none of it makes a call. */
static const struct {
    const char *method;
    const char *path;
    const char *query;
    const char *content_type;
    const char *prefer;
    const char *body;
    int status;
    const char *code;
    const char *words; /* NULL: not looked at */
} refused[] = {
    {"GET", "/items/", NULL, NULL, NULL, NULL, 404, "not_found", "Not found"},
    {"GET", "/items/a/b", NULL, NULL, NULL, NULL, 404, "not_found", NULL},
    {"OPTIONS", "/items/a/b", NULL, NULL, NULL, NULL, 404, "not_found", NULL},
    {"GET", "/items/\xff", NULL, NULL, NULL, NULL, 404, "item_not_found", "Item not found"},
    {"FOO", "/items", NULL, NULL, NULL, NULL, 405, "method_not_allowed", "Method not allowed"},
    {"PATCH", "/items/a", NULL, NULL, NULL, NULL, 405, "method_not_allowed", NULL},
    {"get", "/items/a", NULL, NULL, NULL, NULL, 405, "method_not_allowed", NULL},
    {"GET", "/items", "limit=abc", NULL, NULL, NULL, 400, "invalid_query",
     "limit must be a whole number of at most 9 digits"},
    {"GET", "/items", "lastKey=eyJpZCI6ImEifQ==", NULL, NULL, NULL, 400, "invalid_page_token",
     "invalid page token"},
    {"HEAD", "/items", "nextToken=x", NULL, NULL, NULL, 400, "invalid_page_token", NULL},
    {"GET", "/items", "x=1", NULL, "handling=strict", NULL, 400, "unknown_member",
     "unknown query parameter: x"},
    {"GET", "/items/a", "limit=1", NULL, "handling=strict", NULL, 400, "unknown_member", NULL},
    {"DELETE", "/items/a", "x", NULL, "handling=strict", NULL, 400, "unknown_member", NULL},
    {"POST", "/items", NULL, "text/plain", NULL, "{}", 415, "unsupported_media_type",
     "Unsupported media type"},
    {"PUT", "/items/a", NULL, "text/plain", NULL, "{}", 415, "unsupported_media_type", NULL},
    {"POST", "/items", NULL, NULL, NULL, "", 400, "invalid_json",
     "body is not valid JSON at byte 0: it is empty"},
    {"POST", "/items", NULL, NULL, NULL, NULL, 400, "invalid_json", NULL},
    {"POST", "/items", NULL, NULL, NULL, "{\"name\":}", 400, "invalid_json",
     "body is not valid JSON at byte 8"},
    {"POST", "/items", NULL, NULL, NULL, "null", 400, "invalid_json", "body must be a JSON object"},
    {"POST", "/items", NULL, NULL, NULL, "{}", 400, "invalid_item", "Name is required"},
    {"PUT", "/items/a", NULL, NULL, NULL, "{\"name\":\"\"}", 400, "invalid_item",
     "Name must not be blank"},
    {"POST", "/items", NULL, NULL, "handling=strict", "{\"name\":\"a\",\"id\":1}", 400,
     "unknown_member", "member can't be set: id"},
};

START_TEST(refusals_make_no_call)
{
    static const items_tape_step_t none[] = {END};
    client_t client = client_of(refused[_i].method, refused[_i].path, refused[_i].body);
    items_tape_t tape;
    items_reply_t reply;

    client.req.query = refused[_i].query;
    client.req.content_type = refused[_i].content_type;
    client.req.prefer = refused[_i].prefer;
    reply = serve(&tape, &client, none);
    ck_assert_int_eq(tape.sent, 0);
    ck_assert_msg(reply.status == refused[_i].status, "%d %s", reply.status, reply.body);
    ck_assert_msg(
        strstr(reply.body, apr_psprintf(unit_pool, "\"code\":\"%s\",\"requestId\":\"r-1\"",
                                        refused[_i].code)) != NULL,
        "%s", reply.body);
    if (refused[_i].words)
        ck_assert_msg(strstr(reply.body, apr_psprintf(unit_pool, "{\"error\":\"%s\",",
                                                      refused[_i].words)) == reply.body,
                      "%s", reply.body);
    ck_assert_ptr_null(reply.err);
    ck_assert_str_eq(header(&reply, "Cache-Control"), "no-store");
    if (reply.status == 405)
        ck_assert_str_eq(header(&reply, "Allow"), strchr(refused[_i].path + 1, '/')
                                                      ? "GET, HEAD, PUT, DELETE, OPTIONS"
                                                      : "GET, HEAD, POST, OPTIONS");
    if (reply.status == 415)
        ck_assert_str_eq(
            header(&reply, strcmp(refused[_i].method, "PUT") ? "Accept-Post" : "Accept"),
            "application/json");
}
END_TEST

START_TEST(details_stand_in_the_body)
{
    static const items_tape_step_t none[] = {END};
    client_t client = client_of("POST", "/items", "{\"status\":1}");
    items_tape_t tape;
    items_reply_t reply = serve(&tape, &client, none);

    is_reply(&reply, 400,
             "{\"error\":\"Name is required\",\"message\":\"Name is required\","
             "\"code\":\"invalid_item\",\"requestId\":\"r-1\",\"details\":["
             "{\"field\":\"name\",\"message\":\"Name is required\"},"
             "{\"field\":\"status\",\"message\":\"status must be a string\"}]}");
}
END_TEST

static const char *const methods[] = {"GET", "HEAD", "POST", "PUT", "DELETE", "FOO", ""};

/* Told no before anything is read or asked. challenge: WWW-Authenticate, NULL for none. */
static void is_kept_out(client_t *client, int status, const char *body, const char *challenge)
{
    static const items_tape_step_t none[] = {END};
    items_tape_t tape;
    items_reply_t reply = serve(&tape, client, none);

    is_reply(&reply, status, body);
    ck_assert_pstr_eq(header(&reply, "WWW-Authenticate"), challenge);
    ck_assert_int_eq(client->body_reads, 0);
}

START_TEST(nobody_gets_in)
{
    static const char *const paths[] = {"/items", "/items/a", "/items/", "/items/a/b"};
    const char *words = error_body("Unauthorized", "unauthorized");
    int m, p;

    for (m = 0; m < COUNT(methods); m++)
        for (p = 0; p < COUNT(paths); p++) {
            client_t client = client_of(methods[m], paths[p], "{\"name\":\"a\"}");

            client.req.query = "limit=abc";
            client.req.identity = ITEMS_API_NOBODY;
            is_kept_out(&client, 401, words, "Bearer");
            client.req.identity = ITEMS_API_REFUSED;
            is_kept_out(&client, 401, words, "Bearer error=\"invalid_token\"");
        }
}
END_TEST

START_TEST(a_method_may_ask_for_scopes)
{
    const char *words = error_body("Insufficient scope", "insufficient_scope");
    int m;

    for (m = 0; m < COUNT(methods); m++) {
        client_t client = client_of(methods[m], "/items/a", "{\"name\":\"a\"}");

        client.req.identity = ITEMS_API_UNSCOPED;
        is_kept_out(&client, 403, words, "Bearer error=\"insufficient_scope\"");
        client.req.scopes = "items/read items/admin";
        is_kept_out(&client, 403, words,
                    "Bearer error=\"insufficient_scope\", scope=\"items/read items/admin\"");
    }
}
END_TEST

START_TEST(options_need_nobody)
{
    static const items_tape_step_t none[] = {END};
    client_t client = client_of("OPTIONS", "/items", NULL);
    items_tape_t tape;
    items_reply_t reply;

    client.req.identity = ITEMS_API_NOBODY;
    client.req.prefer = "handling=strict";
    client.req.query = "x=1";
    reply = serve(&tape, &client, none);
    is_reply(&reply, 204, NULL);
    ck_assert_str_eq(header(&reply, "Allow"), "GET, HEAD, POST, OPTIONS");
    client.req.path = client.req.raw_path = "/items/a";
    reply = serve(&tape, &client, none);
    is_reply(&reply, 204, NULL);
    ck_assert_str_eq(header(&reply, "Allow"), "GET, HEAD, PUT, DELETE, OPTIONS");
    client.req.path = client.req.raw_path = "/items/";
    reply = serve(&tape, &client, none);
    is_reply(&reply, 404, error_body("Not found", "not_found"));
}
END_TEST

START_TEST(sizes)
{
    static const items_tape_step_t none[] = {END};
    char *big = apr_palloc(unit_pool, 410000);
    client_t client;
    items_tape_t tape;
    items_reply_t reply;

    memset(big, 'x', 409999);
    big[409999] = '\0';
    client =
        client_of("POST", "/items",
                  apr_pstrcat(unit_pool, "{\"name\":\"a\",\"description\":\"", big, "\"}", NULL));
    reply = serve(&tape, &client, none);
    is_reply(&reply, 413, error_body("Item too large", "item_too_large"));
    client.req.method = "PUT";
    client.req.path = client.req.raw_path = "/items/a";
    reply = serve(&tape, &client, none);
    is_reply(&reply, 413, error_body("Item too large", "item_too_large"));
    /* announced: not even read */
    client.body_reads = 0;
    client.req.content_length = 1048577;
    reply = serve(&tape, &client, none);
    is_reply(&reply, 413, error_body("Request body too large", "body_too_large"));
    ck_assert_int_eq(client.body_reads, 0);
    /* not announced, and read all the same */
    client.req.content_length = -1;
    client.body = apr_pstrcat(unit_pool, "{\"name\":\"", big, big, big, "\"}", NULL);
    reply = serve(&tape, &client, none);
    is_reply(&reply, 413, error_body("Request body too large", "body_too_large"));
    /* the reader's own words */
    client.req.content_length = -1;
    client.body_problem = ITEMS_PROBLEM_BODY_TIMEOUT;
    reply = serve(&tape, &client, none);
    is_reply(&reply, 408, error_body("Request timeout", "request_timeout"));
    client.body_problem = ITEMS_PROBLEM_ANSWERED;
    reply = serve(&tape, &client, none);
    ck_assert_int_eq(reply.problem, ITEMS_PROBLEM_ANSWERED);
    ck_assert_ptr_null(reply.body);
}
END_TEST

START_TEST(ambient_credentials)
{
    static const items_tape_step_t none[] = {END}, steps[] = {{"PutItem", 200, "{}"}, END};
    client_t client = client_of("POST", "/items", "{\"name\":\"a\"}");
    items_tape_t tape;
    items_reply_t reply;

    client.req.ambient = 1;
    reply = serve(&tape, &client, none);
    is_reply(&reply, 415, error_body("Unsupported media type", "unsupported_media_type"));
    ck_assert_int_eq(client.body_reads, 0);
    client.req.content_type = "application/x-www-form-urlencoded";
    reply = serve(&tape, &client, none);
    ck_assert_int_eq(reply.status, 415);
    client.req.content_type = "application/json";
    reply = serve(&tape, &client, steps);
    ck_assert_int_eq(reply.status, 201);
}
END_TEST

START_TEST(ambient_schemes)
{
    int m;

    for (m = 0; m < COUNT(methods); m++) {
        client_t client = client_of(methods[m], "/items/a", "{\"name\":\"a\"}");

        client.req.ambient = 1;
        client.req.identity = ITEMS_API_NOBODY;
        client.req.challenge = "Basic realm=\"items\"";
        is_kept_out(&client, 401, error_body("Unauthorized", "unauthorized"),
                    "Basic realm=\"items\"");
        client.req.challenge = NULL;
        is_kept_out(&client, 403, error_body("Forbidden", "forbidden"), NULL);
        client.req.identity = ITEMS_API_UNSCOPED;
        client.req.scopes = "items/read";
        is_kept_out(&client, 403, error_body("Insufficient scope", "insufficient_scope"), NULL);
    }
}
END_TEST

START_TEST(problem_details)
{
    static const items_tape_step_t none[] = {END};
    client_t client = client_of("GET", "/items/", NULL);
    items_tape_t tape;
    items_reply_t reply;

    client.req.accept = "application/problem+json";
    reply = serve(&tape, &client, none);
    ck_assert_str_eq(reply.content_type, "application/problem+json");
    ck_assert_str_eq(reply.body, "{\"type\":\"about:blank\",\"title\":\"Not Found\",\"status\":404,"
                                 "\"detail\":\"Not found\",\"code\":\"not_found\","
                                 "\"requestId\":\"r-1\",\"error\":\"Not found\","
                                 "\"message\":\"Not found\"}");
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("items/api");
    TCase *tcase = unit_case(suite, "api");

    tcase_add_test(tcase, list);
    tcase_add_test(tcase, read_item);
    tcase_add_test(tcase, create);
    tcase_add_test(tcase, replace);
    tcase_add_test(tcase, remove_item);
    tcase_add_loop_test(tcase, failures_behind_us, 0, COUNT(failures));
    tcase_add_test(tcase, a_spent_deadline);
    tcase_add_loop_test(tcase, refusals_make_no_call, 0, COUNT(refused));
    tcase_add_test(tcase, details_stand_in_the_body);
    tcase_add_test(tcase, nobody_gets_in);
    tcase_add_test(tcase, a_method_may_ask_for_scopes);
    tcase_add_test(tcase, options_need_nobody);
    tcase_add_test(tcase, sizes);
    tcase_add_test(tcase, ambient_credentials);
    tcase_add_test(tcase, ambient_schemes);
    tcase_add_test(tcase, problem_details);
    return suite;
}
