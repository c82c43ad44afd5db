/* SPDX-License-Identifier: Apache-2.0 */
/* Sign, send, and once more where that is safe: call one operation of an AWS JSON service.
 *
 * Knows no DynamoDB. One per child process and endpoint; any thread may call,
 * it locks inside and allocates nothing from its birth pool after it was made.
 */
#ifndef AWS_CLIENT_H
#define AWS_CLIENT_H

#include "aws/creds.h"
#include "aws/endpoint.h"
#include "base/call.h"
#include "base/err.h"
#include "net/http.h"

typedef struct aws_client_t aws_client_t;

typedef struct {
    const aws_endpoint_t *endpoint;
    const char *region;
    const char *service;       /* the signing name: "dynamodb" */
    const char *target_prefix; /* "DynamoDB_20120810." */
    const char *content_type;  /* "application/x-amz-json-1.0" */
    const char *user_agent;
    const aws_creds_source_t *creds;
    net_http_send_fn *send;
    void *sender;
    apr_interval_time_t attempt_timeout;
    apr_size_t answer_max;   /* bytes of an answer's body */
    apr_time_t (*now)(void); /* the wall clock: apr_time_now, or a test's */
} aws_client_options_t;

/* Reads the body of a 200. Called once for each attempt that brought one, so it starts over each
 * time; the body is good until it returns. NULL, or BASE_ERR_NONSENSE: the attempt then counts as
 * failed. */
typedef base_err_t *aws_client_read_fn(void *reader, const char *body, apr_size_t len,
                                       apr_pool_t *pool);

typedef struct {
    const char *operation; /* "GetItem" */
    const char *body;
    apr_size_t body_len;
    int is_read; /* may be sent again whatever happened */
    aws_client_read_fn *read;
    void *reader;
    apr_size_t answer_max; /* bytes of an answer's body; 0: the client's */
} aws_client_request_t;

/* What is known besides the error. */
typedef struct {
    int maybe_done;         /* an attempt before the last one may have been carried out */
    const char *error_body; /* of an AWS error, else NULL */
    apr_size_t error_body_len;
    const char *error_message; /* as aws/fault.h has it: shortened, no secret; or NULL */
} aws_client_outcome_t;

/* options and what they point to are copied or outlive pool. */
aws_client_t *aws_client_make(const aws_client_options_t *options, apr_pool_t *pool);

/* One operation before call->deadline. On an error of AWS's the error has code and request id:
 * BASE_ERR_THROTTLED and BASE_ERR_UNAVAILABLE for what aws/retry.c classes so, else
 * BASE_ERR_INTERNAL, for the caller to refine by code. A redirect, a 200 that is no JSON of this
 * protocol and an x-amz-crc32 that does not fit are BASE_ERR_NONSENSE. Without an answer the kind
 * is that of net/http.h, or of aws/creds.h. */
base_err_t *aws_client_call(aws_client_outcome_t *outcome, aws_client_t *client,
                            const aws_client_request_t *request, base_call_t *call,
                            apr_pool_t *pool) BASE_ERR_CHECKED;

#endif
