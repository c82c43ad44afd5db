/* SPDX-License-Identifier: Apache-2.0 */
/* The tape of the client's tests: scripted exchanges in, what was sent out. */
#ifndef AWS_TAPE_H
#define AWS_TAPE_H

#include "aws/client.h"
#include "aws_message.h"
#include "net/body.h"

#define SECRET "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
#define TOKEN "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZ=="
#define BODY "{\"TableName\":\"items\"}"
#define TYPE                                                                                       \
    {                                                                                              \
        "Content-Type", "application/x-amz-json-1.0"                                               \
    }
#define SCENES_MAX 3

/* One scripted exchange. */
typedef struct {
    base_err_kind_e kind; /* of the transport's failure, when status is 0 */
    int status;
    net_http_header_t headers[4];
    const char *body;
    int reused, delivered, begun;
    apr_interval_time_t takes;
} scene_t;

/* The tape, and what it was sent. */
typedef struct {
    const scene_t *scenes;
    int count;
    int used;
    net_http_request_t requests[SCENES_MAX];
    apr_time_t sent_at[SCENES_MAX];
    int sound[SCENES_MAX]; /* what was said of an answer; -1: it was not asked */
    aws_creds_t creds;
    int is_large; /* bodies are mapped, as those of large answers */
    net_body_map_t *maps[SCENES_MAX];
} tape_t;

static tape_t tape;
static apr_time_t wall; /* the wall clock of the running test */

static inline apr_time_t wall_clock(void)
{
    return wall;
}

static inline const net_http_header_t *copy_headers(const net_http_request_t *request)
{
    net_http_header_t *copy =
        apr_pcalloc(unit_pool, (apr_size_t)request->header_count * sizeof(*copy));
    int i;

    for (i = 0; i < request->header_count; i++) {
        copy[i].name = request->headers[i].name;
        copy[i].value = apr_pstrdup(unit_pool, request->headers[i].value);
    }
    return copy;
}

/* As net_http_send() does. Of an earlier attempt nothing is left by then. */
static inline void map_body(tape_t *running, int n, net_http_response_t *response, apr_pool_t *pool)
{
    net_body_t body;

    ck_assert(n == 0 || !running->maps[n - 1]->at);
    net_body_init(&body, NET_BODY_POOLED_MAX, NET_BODY_POOLED_MAX, pool);
    ck_assert_int_eq(net_body_put(&body, response->body, response->body_len), 1);
    response->body = body.data;
    response->map = running->maps[n] = body.map;
    ck_assert_ptr_nonnull(body.map);
}

static inline base_err_t *play(net_http_response_t *response, void *sender,
                               const net_http_request_t *request, const base_call_t *call,
                               apr_pool_t *pool)
{
    tape_t *running = sender;
    const scene_t *scene;
    int n = running->used++;

    (void)call;
    ck_assert_msg(n < running->count, "an exchange that no one expected");
    scene = &running->scenes[n];
    running->requests[n] = *request;
    running->requests[n].headers = copy_headers(request);
    running->sent_at[n] = base_call_clock();
    running->sound[n] = -1;
    if (scene->takes)
        apr_sleep(scene->takes);
    response->reused = scene->reused;
    response->delivered = scene->delivered || scene->status;
    response->begun = scene->begun || scene->status;
    if (!scene->status)
        return base_err_make(scene->kind, 0, pool, "the tape says so");
    response->status = scene->status;
    response->headers = scene->headers;
    while (response->header_count < 4 && scene->headers[response->header_count].name)
        response->header_count++;
    response->body = scene->body ? scene->body : "";
    response->body_len = strlen(response->body);
    if (running->is_large)
        map_body(running, n, response, pool);
    if (request->is_sound)
        running->sound[n] = request->is_sound(request->judge, response);
    return NULL;
}

static inline base_err_t *give_creds(aws_creds_t *creds, void *source, const base_call_t *call,
                                     apr_pool_t *pool)
{
    (void)call;
    (void)pool;
    *creds = ((tape_t *)source)->creds;
    return NULL;
}

static const aws_creds_source_t source = {"tape", give_creds, &tape};

/* Reads "{}" and nothing else. */
static inline base_err_t *read_answer(void *reader, const char *body, apr_size_t len,
                                      apr_pool_t *pool)
{
    ++*(int *)reader;
    if (len == 2 && memcmp(body, "{}", 2) == 0)
        return NULL;
    return base_err_make(BASE_ERR_NONSENSE, 0, pool, "the answer is not JSON");
}

static inline aws_client_t *make_client(apr_pool_t *pool)
{
    static const aws_endpoint_t endpoint = {0, "localhost", 8000, "localhost:8000"};
    aws_client_options_t options;

    memset(&options, 0, sizeof(options));
    options.endpoint = &endpoint;
    options.region = "eu-central-1";
    options.service = "dynamodb";
    options.target_prefix = "DynamoDB_20120810.";
    options.content_type = "application/x-amz-json-1.0";
    options.user_agent = "mod_items/test";
    options.creds = &source;
    options.send = play;
    options.sender = &tape;
    options.attempt_timeout = apr_time_from_sec(1);
    options.answer_max = 4096;
    options.now = wall_clock;
    return aws_client_make(&options, pool);
}

static inline void load(const scene_t *scenes, int count)
{
    memset(&tape, 0, sizeof(tape));
    tape.scenes = scenes;
    tape.count = count;
    tape.creds.access_key_id = "AKIDEXAMPLE";
    tape.creds.secret_access_key = SECRET;
    tape.creds.session_token = TOKEN;
    tape.creds.generation = 1;
    wall = apr_time_from_sec(1770891072); /* 20260212T101112Z */
}

/* What a call gave. */
typedef struct {
    base_err_t *err;
    aws_client_outcome_t outcome;
    base_call_t call;
    int reads;
} result_t;

static inline void run(result_t *result, aws_client_t *client, int is_read,
                       apr_interval_time_t budget)
{
    const aws_client_request_t request = {"GetItem",      BODY, strlen(BODY), is_read, read_answer,
                                          &result->reads, 0};

    result->reads = 0;
    base_call_init(&result->call, budget);
    result->err = aws_client_call(&result->outcome, client, &request, &result->call, unit_pool);
}

static inline void run_tape(result_t *result, const scene_t *scenes, int count, int is_read)
{
    load(scenes, count);
    run(result, make_client(unit_pool), is_read, apr_time_from_sec(5));
}

static inline const char *sent(int n, const char *name)
{
    const char *value = NULL;
    int i, seen = 0;

    for (i = 0; i < tape.requests[n].header_count; i++) {
        if (strcasecmp(tape.requests[n].headers[i].name, name) == 0) {
            value = tape.requests[n].headers[i].value;
            seen++;
        }
    }
    ck_assert_msg(seen <= 1, "%s twice", name);
    return value;
}

#endif
