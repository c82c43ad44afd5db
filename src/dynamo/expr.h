/* SPDX-License-Identifier: Apache-2.0 */
/* DynamoDB expressions from names and values, every one of them a placeholder.
 *
 * Expressions are written straight into a request's text; the names and values
 * met on the way are collected and written behind them. Only what an expression
 * uses gets there, each once: DynamoDB refuses unused placeholders.
 */
#ifndef DYNAMO_EXPR_H
#define DYNAMO_EXPR_H

#include <apr_tables.h>

#include "base/text.h"

/* Names, and values, of one request; DynamoDB's own ceiling is 300 operators. */
#define DYNAMO_EXPR_MAX 300

typedef struct {
    apr_array_header_t *names;  /* const char * */
    apr_array_header_t *values; /* of expr.c */
    int full;                   /* more than DYNAMO_EXPR_MAX: the request must not be sent */
} dynamo_expr_t;

void dynamo_expr_init(dynamo_expr_t *expr, apr_pool_t *pool);

/* Append the name's placeholder, "#n0"; name is borrowed until the end. */
void dynamo_expr_put_name(base_text_t *text, dynamo_expr_t *expr, const char *name);

/* Append the value's placeholder, ":v0"; type is 'S' or 'N', the bytes are borrowed. */
void dynamo_expr_put_value(base_text_t *text, dynamo_expr_t *expr, char type, const char *bytes,
                           apr_size_t len);

/* Conditions: the item has such an attribute, or has none; it does not hold this string. */
void dynamo_expr_put_exists(base_text_t *text, dynamo_expr_t *expr, const char *name, int exists);
void dynamo_expr_put_unlike(base_text_t *text, dynamo_expr_t *expr, const char *name,
                            const char *bytes, apr_size_t len);

/* Assignments, of which a comma-separated list stands behind SET: a value; the number that is there
 * raised by one, or 1; what the attribute `from` holds, or "". */
void dynamo_expr_put_set(base_text_t *text, dynamo_expr_t *expr, const char *name, char type,
                         const char *bytes, apr_size_t len);
void dynamo_expr_put_raise(base_text_t *text, dynamo_expr_t *expr, const char *name);
void dynamo_expr_put_shift(base_text_t *text, dynamo_expr_t *expr, const char *name,
                           const char *from);

/* Append the members ExpressionAttributeNames and ExpressionAttributeValues of a request, each with
 * a comma before it, leaving out what is empty. */
void dynamo_expr_put_placeholders(base_text_t *text, const dynamo_expr_t *expr);

#endif
