/* SPDX-License-Identifier: Apache-2.0 */
/* What a request costs below httpd, in numbers that don't wobble: the whole of it, from
 * items_api_serve() down to net_http_send() and the parser of answers, over connections that are
 * played from memory (conns.c). No sockets, no clock in what is sent.
 *
 *     counts ROUTE N
 *
 * serves ROUTE N times, each request in a cleared pool as httpd would, and prints what was
 * allocated outside of pools after the first WARM requests. Under valgrind --tool=callgrind the
 * difference of two runs is the instructions of N2 - N1 requests: start and warming cancel out.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <apr_general.h>

#include "answers.h"
#include "conns.h"
#include "items/api.h"
#include "net/http.h"

#define WARM 5

/* --- allocations outside of pools ----------------------------------------------------------- */

/* glibc's own; a definition of malloc in the program is everybody's, libcrypto's too. */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);

static struct {
    long calls;
    long bytes;
} allocated;

static void note(size_t size)
{
    allocated.calls++;
    allocated.bytes += (long)size;
}

void *malloc(size_t size)
{
    note(size);
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    note(count * size);
    return __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
    note(size);
    return __libc_realloc(old, size);
}

/* --- the routes ------------------------------------------------------------------------------ */

typedef struct {
    const char *name;
    const char *method;
    const char *path;
    const char *query;
    const char *body;
    answers_kind_e answer;
    int items; /* of a Scan */
    int status;
} route_t;

#define ITEM "/items/" ANSWERS_ID
#define BODY                                                                                       \
    "{\"name\":\"Darjeeling\",\"description\":\"First flush, spring harvest, 100 g\","             \
    "\"status\":\"active\"}"

static const route_t routes[] = {
    {"get", "GET", ITEM, NULL, NULL, ANSWERS_GET, 0, 200},
    {"list-20", "GET", "/items", "limit=20", NULL, ANSWERS_SCAN, 20, 200},
    {"list-100", "GET", "/items", "limit=100", NULL, ANSWERS_SCAN, 100, 200},
    {"post", "POST", "/items", NULL, BODY, ANSWERS_NOTHING, 0, 201},
    {"put", "PUT", ITEM, NULL, BODY, ANSWERS_UPDATE, 0, 200},
    {"delete", "DELETE", ITEM, NULL, NULL, ANSWERS_NOTHING, 0, 200},
};

#define NOW apr_time_from_sec(1770891072) /* 2026-02-12T10:11:12Z */

static apr_time_t standing_clock(void)
{
    return NOW;
}

static base_err_t *give_creds(aws_creds_t *creds, void *source, const base_call_t *call,
                              apr_pool_t *pool)
{
    (void)source;
    (void)call;
    (void)pool;
    creds->access_key_id = "AKIDEXAMPLE";
    creds->secret_access_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
    creds->session_token = NULL;
    creds->generation = 1;
    return NULL;
}

static items_problem_e read_body(const char **body, apr_size_t *len, void *ctx, apr_size_t max)
{
    const route_t *route = ctx;

    (void)max;
    *body = route->body;
    *len = route->body ? strlen(route->body) : 0;
    return ITEMS_PROBLEM_NONE;
}

/* The stack as httpd/child.c builds it. */
static items_api_t *make_api(net_conn_pool_t *conns, apr_pool_t *pool)
{
    static const aws_endpoint_t endpoint = {1, "dynamodb.eu-central-1.amazonaws.com", 443,
                                            "dynamodb.eu-central-1.amazonaws.com"};
    static const aws_creds_source_t creds = {"counts", give_creds, NULL};
    static const unsigned char key[] = "0123456789abcdef0123456789abcdef";
    static const items_page_key_t page_key = {key, 32};
    const aws_client_options_t client = {
        .endpoint = &endpoint,
        .region = "eu-central-1",
        .service = "dynamodb",
        .target_prefix = "DynamoDB_20120810.",
        .content_type = "application/x-amz-json-1.0",
        .user_agent = "mod_items",
        .creds = &creds,
        .send = net_http_send,
        .sender = conns,
        .attempt_timeout = apr_time_from_sec(60),
        .answer_max = 16 * 1024 * 1024,
        .now = standing_clock,
    };
    const items_api_options_t options = {
        .mount = "/items",
        .table = dynamo_table_make(aws_client_make(&client, pool), "items", "id", pool),
        .page_default = 20,
        .page_max = 100,
        .body_max = 1048576,
        .page_keys = &page_key,
        .page_key_count = 1,
        .page_age = apr_time_from_sec(86400),
    };

    return items_api_make(&options, pool);
}

/* One request: its body's length, or -1 when the answer is not what it should be. */
static long serve(const items_api_t *api, const route_t *route, apr_pool_t *pool)
{
    const items_request_t req = {
        .method = route->method,
        .path = route->path,
        .raw_path = route->path,
        .query = route->query,
        .content_type = route->body ? "application/json" : NULL,
        .content_length = route->body ? (apr_int64_t)strlen(route->body) : -1,
        .identity = ITEMS_API_IDENTIFIED,
        .request_id = "0b5c9b66-3a0e-4c1b-9d57-0d1c4d2a7b10",
        .now = NOW,
        .read_body = read_body,
        .body_ctx = (void *)(size_t)route,
    };
    items_reply_t reply = {0};
    base_call_t call;

    base_call_init(&call, apr_time_from_sec(60));
    items_api_serve(&reply, api, &req, &call, pool);
    if (reply.status == route->status)
        return (long)reply.body_len;
    fprintf(stderr, "%s: status %d: %.*s\n%s\n", route->name, reply.status, (int)reply.body_len,
            reply.body, reply.err ? base_err_format(reply.err, pool) : "");
    return -1;
}

static const route_t *find(const char *name)
{
    size_t i;

    for (i = 0; i < sizeof(routes) / sizeof(*routes); i++)
        if (!strcmp(routes[i].name, name))
            return &routes[i];
    return NULL;
}

int main(int count, char **words)
{
    const route_t *route = count == 3 ? find(words[1]) : NULL;
    long times = count == 3 ? strtol(words[2], NULL, 10) : 0, body_len = 0, i;
    apr_pool_t *pool, *request_pool;
    const items_api_t *api;

    if (!route || times <= WARM) {
        fprintf(stderr, "usage: counts ROUTE N, N above %d\n", WARM);
        return 2;
    }
    if (apr_initialize() || apr_pool_create(&pool, NULL) || apr_pool_create(&request_pool, pool))
        return 1;
    api = make_api(conns_make(answers_make(route->answer, route->items, pool)), pool);
    for (i = 0; i < times && body_len >= 0; i++) {
        if (i == WARM)
            memset(&allocated, 0, sizeof(allocated));
        apr_pool_clear(request_pool);
        body_len = serve(api, route, request_pool);
    }
    printf("requests %ld allocations %ld bytes %ld body %ld\n", times - WARM, allocated.calls,
           allocated.bytes, body_len);
    return body_len >= 0 ? 0 : 1;
}
