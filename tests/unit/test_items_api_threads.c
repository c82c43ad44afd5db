/* SPDX-License-Identifier: Apache-2.0 */
/* items/api in the hands of many threads, over a transport that answers from memory: all that a
 * child of httpd shares but its sockets - the page keys, the table, the client with its signing
 * key. Each request has to get its own answer. */
#include "items/api.h"

#include <string.h>

#include <apr_strings.h>

#include "many.h"

static const unsigned char old_key[] = "0123456789abcdef0123456789abcdef";
static const unsigned char new_key[] = "abcdef0123456789abcdef0123456789";
static const items_page_key_t page_keys[] = {{new_key, 32}, {old_key, 32}};

/* What follows `before` in text up to a quote, from pool; "" when it isn't there. */
static const char *behind(const char *text, const char *before, apr_pool_t *pool)
{
    const char *pos = strstr(text, before);

    if (!pos)
        return "";
    pos += strlen(before);
    return apr_pstrmemdup(pool, pos, strcspn(pos, "\""));
}

/* DynamoDB with an item for every id, and two pages. */
static const char *answer_of(const char *operation, const char *body, apr_pool_t *pool)
{
    if (strcmp(operation, "GetItem") == 0)
        return apr_psprintf(pool, "{\"Item\":{\"id\":{\"S\":\"%s\"},\"name\":{\"S\":\"n\"}}}",
                            behind(body, "\"id\":{\"S\":\"", pool));
    if (strcmp(operation, "PutItem") == 0)
        return "{}";
    if (strstr(body, "ExclusiveStartKey"))
        return apr_psprintf(pool, "{\"Items\":[{\"id\":{\"S\":\"%s2\"}}],\"Count\":1}",
                            behind(body, "\"id\":{\"S\":\"", pool));
    return "{\"Items\":[{\"id\":{\"S\":\"a\"}}],\"Count\":1,\"LastEvaluatedKey\":{\"id\":{\"S\":"
           "\"a\"}}}";
}

static base_err_t *answer(net_http_response_t *response, void *sender,
                          const net_http_request_t *request, const base_call_t *call,
                          apr_pool_t *pool)
{
    static const net_http_header_t headers[] = {
        {"Content-Type", "application/x-amz-json-1.0"},
        {"x-amzn-RequestId", "R1"},
    };
    const char *operation = "";
    int i;

    (void)sender, (void)call;
    for (i = 0; i < request->header_count; i++)
        if (strcasecmp(request->headers[i].name, "X-Amz-Target") == 0)
            operation = strchr(request->headers[i].value, '.') + 1;
    response->status = 200;
    response->headers = headers;
    response->header_count = 2;
    response->body =
        answer_of(operation, apr_pstrmemdup(pool, request->body, request->body_len), pool);
    response->body_len = strlen(response->body);
    return NULL;
}

static base_err_t *give(aws_creds_t *creds, void *unused, const base_call_t *call, apr_pool_t *pool)
{
    (void)unused, (void)call, (void)pool;
    *creds = (aws_creds_t){"AKIDEXAMPLE", "secret", NULL, 1};
    return NULL;
}

static items_problem_e read_body(const char **body, apr_size_t *len, void *text, apr_size_t max)
{
    (void)max;
    *body = text;
    *len = strlen(text);
    return ITEMS_PROBLEM_NONE;
}

/* The answer's text, "" when the status is another. */
static const char *serve(const items_api_t *api, const char *method, const char *path,
                         const char *query, char *body, int status, apr_pool_t *pool)
{
    const items_request_t req = {.method = method,
                                 .path = path,
                                 .raw_path = path,
                                 .query = query,
                                 .content_length = -1,
                                 .identity = ITEMS_API_IDENTIFIED,
                                 .request_id = "r-1",
                                 .now = apr_time_from_sec(1700000000),
                                 .read_body = read_body,
                                 .body_ctx = body};
    items_reply_t reply = {.headers = NULL};
    base_call_t call;

    base_call_init(&call, apr_time_from_sec(60));
    items_api_serve(&reply, api, &req, &call, pool);
    return reply.status == status && reply.body ? reply.body : "";
}

/* An item made, read by its id, and the list paged through. */
static int take_turn(void *api, int thread, int turn, apr_pool_t *pool)
{
    const char *name = apr_psprintf(pool, "n-%d-%d", thread, turn), *id, *token, *text;

    text = serve(api, "POST", "/items", NULL, apr_psprintf(pool, "{\"name\":\"%s\"}", name), 201,
                 pool);
    if (strcmp(behind(text, "\"name\":\"", pool), name) != 0)
        return 0;
    id = behind(text, "\"id\":\"", pool);
    text = serve(api, "GET", apr_pstrcat(pool, "/items/", id, NULL), NULL, NULL, 200, pool);
    if (strlen(id) != 36 || strcmp(behind(text, "\"id\":\"", pool), id) != 0)
        return 0;
    text = serve(api, "GET", "/items", "limit=1", NULL, 200, pool);
    token = behind(text, "\"nextToken\":\"", pool);
    text = serve(api, "GET", "/items", apr_pstrcat(pool, "limit=1&lastKey=", token, NULL), NULL,
                 200, pool);
    return token[0] && strcmp(behind(text, "\"id\":\"", pool), "a2") == 0;
}

START_TEST(each_request_gets_its_own_answer)
{
    static const aws_endpoint_t endpoint = {1, "dynamodb.test", 443, "dynamodb.test"};
    static const aws_creds_source_t creds = {"test", give, NULL};
    const aws_client_options_t client = {.endpoint = &endpoint,
                                         .region = "us-east-1",
                                         .service = "dynamodb",
                                         .target_prefix = "DynamoDB_20120810.",
                                         .content_type = "application/x-amz-json-1.0",
                                         .user_agent = "test",
                                         .creds = &creds,
                                         .send = answer,
                                         .attempt_timeout = apr_time_from_sec(60),
                                         .answer_max = 1 << 23,
                                         .now = apr_time_now};
    const items_api_options_t options = {
        .mount = "/items",
        .table = dynamo_table_make(aws_client_make(&client, unit_pool), "items", "id", unit_pool),
        .page_default = 20,
        .page_max = 100,
        .body_max = 1048576,
        .page_keys = page_keys,
        .page_key_count = 2,
        .page_age = apr_time_from_sec(86400)};

    /* four requests each */
    many_run(take_turn, items_api_make(&options, unit_pool), MANY_TURNS / 100);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("items/api threads");
    TCase *tcase = unit_case(suite, "threads");

    tcase_set_timeout(tcase, MANY_SECONDS);
    tcase_add_test(tcase, each_request_gets_its_own_answer);
    return suite;
}
