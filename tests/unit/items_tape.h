/* SPDX-License-Identifier: Apache-2.0 */
/* A table whose send function plays a tape: everything above the wire is the real thing.
 *
 * A step says which operation must come and what is answered. In an answer, @ID
 * and @TOKEN stand for the id and the write token of the last request. */
#ifndef ITEMS_TAPE_H
#define ITEMS_TAPE_H

#include <string.h>

#include <apr_strings.h>

#include "dynamo/table.h"
#include "unit.h"

#define ITEMS_TAPE_SENT_MAX 16

typedef struct {
    const char *operation; /* "GetItem"; "*GetItem" answers all that comes from here on */
    int status; /* 0: a kept connection ends behind the request; -1: before it was sent whole */
    const char *body;
} items_tape_step_t;

typedef struct {
    const items_tape_step_t *steps; /* ends with operation NULL */
    int sent;                       /* requests that came */
    int at;                         /* the step that is next */
    const char *bodies[ITEMS_TAPE_SENT_MAX];
    char id[64];
    char token[17];
} items_tape_t;

static inline int items_tape_is_token(const char *text)
{
    return strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") == 16 &&
           text[16] == '"';
}

/* Learn the id and the token of a write from its body. */
static inline void items_tape_learn(items_tape_t *tape, const char *body)
{
    const char *pos = strstr(body, "\"id\":{\"S\":\"");

    if (pos) {
        pos += strlen("\"id\":{\"S\":\"");
        apr_cpystrn(tape->id, pos, strcspn(pos, "\"") + 1);
    }
    for (pos = body; (pos = strstr(pos, "{\"S\":\"")) != NULL; pos++)
        if (items_tape_is_token(pos + strlen("{\"S\":\"")))
            apr_cpystrn(tape->token, pos + strlen("{\"S\":\""), sizeof(tape->token));
}

static inline const char *items_tape_fill(const items_tape_t *tape, const char *text,
                                          apr_pool_t *pool)
{
    const char *at;

    while ((at = strstr(text, "@ID")) != NULL)
        text = apr_pstrcat(pool, apr_pstrmemdup(pool, text, (apr_size_t)(at - text)), tape->id,
                           at + 3, NULL);
    while ((at = strstr(text, "@TOKEN")) != NULL)
        text = apr_pstrcat(pool, apr_pstrmemdup(pool, text, (apr_size_t)(at - text)), tape->token,
                           at + 6, NULL);
    return text;
}

static inline base_err_t *items_tape_send(net_http_response_t *response, void *sender,
                                          const net_http_request_t *request,
                                          const base_call_t *call, apr_pool_t *pool)
{
    static const net_http_header_t headers[] = {
        {"Content-Type", "application/x-amz-json-1.0"},
        {"x-amzn-RequestId", "TAPE"},
    };
    items_tape_t *tape = sender;
    const items_tape_step_t *step = &tape->steps[tape->at];
    int i, for_ever;

    (void)call;
    ck_assert_msg(step->operation != NULL, "one request too many: %.*s", (int)request->body_len,
                  request->body);
    for_ever = step->operation[0] == '*';
    for (i = 0; i < request->header_count; i++)
        if (strcasecmp(request->headers[i].name, "X-Amz-Target") == 0)
            ck_assert_str_eq(strchr(request->headers[i].value, '.') + 1,
                             step->operation + for_ever);
    ck_assert_int_lt(tape->sent, ITEMS_TAPE_SENT_MAX);
    tape->bodies[tape->sent] = apr_pstrmemdup(unit_pool, request->body, request->body_len);
    items_tape_learn(tape, tape->bodies[tape->sent++]);
    tape->at += !for_ever;
    memset(response, 0, sizeof(*response));
    response->reused = step->status <= 0;
    response->delivered = step->status >= 0;
    if (step->status <= 0)
        return base_err_make(BASE_ERR_UNAVAILABLE, 0, pool, "the tape breaks the connection");
    response->begun = 1;
    response->status = step->status;
    response->headers = headers;
    response->header_count = 2;
    response->body = items_tape_fill(tape, step->body, pool);
    response->body_len = strlen(response->body);
    return NULL;
}

static inline base_err_t *items_tape_creds(aws_creds_t *creds, void *source,
                                           const base_call_t *call, apr_pool_t *pool)
{
    (void)source, (void)call, (void)pool;
    creds->access_key_id = "AKIDEXAMPLE";
    creds->secret_access_key = "secret";
    creds->session_token = NULL;
    creds->generation = 1;
    return NULL;
}

/* A table named "items" with key "id" that plays steps. */
static inline dynamo_table_t *items_tape_table(items_tape_t *tape, const items_tape_step_t *steps)
{
    static const aws_endpoint_t endpoint = {1, "dynamodb.test", 443, "dynamodb.test"};
    static const aws_creds_source_t creds = {"tape", items_tape_creds, NULL};
    const aws_client_options_t options = {
        .endpoint = &endpoint,
        .region = "us-east-1",
        .service = "dynamodb",
        .target_prefix = "DynamoDB_20120810.",
        .content_type = "application/x-amz-json-1.0",
        .user_agent = "test",
        .creds = &creds,
        .send = items_tape_send,
        .sender = tape,
        .attempt_timeout = apr_time_from_sec(1),
        .answer_max = 1 << 23,
        .now = apr_time_now,
    };

    memset(tape, 0, sizeof(*tape));
    tape->steps = steps;
    return dynamo_table_make(aws_client_make(&options, unit_pool), "items", "id", unit_pool);
}

/* Every step was played. */
static inline void items_tape_end(const items_tape_t *tape)
{
    const items_tape_step_t *step = &tape->steps[tape->at];

    ck_assert_msg(step->operation == NULL || (step->operation[0] == '*' && tape->sent),
                  "%s never came", step->operation);
}

#endif
