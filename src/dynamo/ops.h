/* SPDX-License-Identifier: Apache-2.0 */
/* The operations of DynamoDB that are used: bodies of requests, readers of answers.
 *
 * Pure: text in, text out. Bodies are written and answers read in one pass
 * without a tree (DynamoDB API Reference, version 2012-08-10). A body is begun,
 * filled with members in any order but expressions before their placeholders,
 * and finished:
 *
 *     dynamo_ops_begin(&body, "table", 0, pool);
 *     dynamo_ops_put_key(&body, "Key", "id", bytes, len);
 *     err = dynamo_ops_finish(&body);
 */
#ifndef DYNAMO_OPS_H
#define DYNAMO_OPS_H

#include "base/err.h"
#include "base/scan.h"
#include "base/text.h"
#include "dynamo/expr.h"

/* Bytes of a request's body, 4 MiB: an item of 400 KB whose every byte is escaped has 2.4 MB. */
#define DYNAMO_OPS_BODY_MAX 4194304

typedef struct {
    base_text_t text;
    dynamo_expr_t expr;
} dynamo_ops_body_t;

/* A body for that table; hint: bytes that will be put beside some names. */
void dynamo_ops_begin(dynamo_ops_body_t *body, const char *table, apr_size_t hint,
                      apr_pool_t *pool);

/* A member that is a key of one string attribute: Key, ExclusiveStartKey. */
void dynamo_ops_put_key(dynamo_ops_body_t *body, const char *member, const char *name,
                        const char *bytes, apr_size_t len);

/* A member whose value is this JSON. */
void dynamo_ops_put_plain(dynamo_ops_body_t *body, const char *member, const char *json);

/* The members around expressions: open, put the expression into body->text, close. */
void dynamo_ops_open_expression(dynamo_ops_body_t *body, const char *member);
void dynamo_ops_close_expression(dynamo_ops_body_t *body);

/* The member Item: open, put each attribute, close. */
void dynamo_ops_open_item(dynamo_ops_body_t *body);
void dynamo_ops_put_attr(dynamo_ops_body_t *body, const char *name, char type, const char *bytes,
                         apr_size_t len);
void dynamo_ops_close_item(dynamo_ops_body_t *body);

/* Placeholders and end. BASE_ERR_TOO_LARGE over DYNAMO_OPS_BODY_MAX, BASE_ERR_INTERNAL for more
 * names or values in expressions than DynamoDB takes. */
base_err_t *dynamo_ops_finish(dynamo_ops_body_t *body) BASE_ERR_CHECKED;

/* What an answer is read into. start: forget what was read. item: enter and consume the attribute
 * map at scan, 0 refuses the answer. */
typedef struct {
    void (*start)(void *taker);
    int (*item)(void *taker, base_scan_t *scan);
    void *taker;
    const char *key_name;
    int item_max;     /* items of a page that were asked for */
    apr_pool_t *pool; /* of the results below, which outlive the answer's text */
    int found;        /* out: an item was given to the taker */
    int more;         /* out, of a Scan: there is a next page behind the key last */
    const char *last;
    apr_size_t last_len;
} dynamo_ops_answer_t;

/* The readers: aws_client_read_fn, whose first argument is a dynamo_ops_answer_t. NULL or
 * BASE_ERR_NONSENSE. */
base_err_t *dynamo_ops_read_get(void *answer, const char *body, apr_size_t len, apr_pool_t *pool);
base_err_t *dynamo_ops_read_update(void *answer, const char *body, apr_size_t len,
                                   apr_pool_t *pool);
base_err_t *dynamo_ops_read_scan(void *answer, const char *body, apr_size_t len, apr_pool_t *pool);

/* Of an operation whose answer says nothing more: PutItem, DeleteItem. */
base_err_t *dynamo_ops_read_done(void *answer, const char *body, apr_size_t len, apr_pool_t *pool);

/* Of the body of a ConditionalCheckFailedException: the item as it is, if the store gives it. */
base_err_t *dynamo_ops_read_conflict(void *answer, const char *body, apr_size_t len,
                                     apr_pool_t *pool);

#endif
