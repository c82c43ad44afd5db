/* SPDX-License-Identifier: Apache-2.0 */
/* Attribute values of DynamoDB JSON to plain JSON, in one pass over the text.
 *
 * S, N, BOOL and NULL cost nothing: the result points into the answer. Numbers
 * keep their text, sets become arrays, binary stays base64 text. Strict: what
 * the protocol does not allow is a fault of the scan (DynamoDB API Reference,
 * AttributeValue).
 */
#ifndef DYNAMO_ATTR_H
#define DYNAMO_ATTR_H

#include "base/scan.h"
#include "base/text.h"

/* Nesting of an answer's text: 32 levels of an item, each two deep, in their envelope. */
#define DYNAMO_ATTR_DEPTH 80

typedef struct {
    base_scan_span_t name;
    char type[5];     /* "S", "N", "BOOL", "NULL", "M", "L", "B", "SS", "NS", "BS" */
    const char *json; /* the value as plain JSON; into the answer's text, or from the pool */
    apr_size_t len;
    base_scan_span_t string; /* for S: what stands between the quotes; for N: the digits */
} dynamo_attr_t;

/* Within an entered attribute map: 1 and the next attribute, 0 at its end or on a fault. */
int dynamo_attr_next(dynamo_attr_t *attr, base_scan_t *scan, apr_pool_t *pool);

/* {"S":"…"} and {"N":"…"}; bytes must be valid UTF-8, digits a number's text. */
void dynamo_attr_put_string(base_text_t *text, const char *bytes, apr_size_t len);
void dynamo_attr_put_number(base_text_t *text, const char *digits, apr_size_t len);

/* The one or the other: type is 'S' or 'N'. */
void dynamo_attr_put(base_text_t *text, char type, const char *bytes, apr_size_t len);

#endif
