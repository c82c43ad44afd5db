/* SPDX-License-Identifier: Apache-2.0 */
/* Attribute values of DynamoDB JSON to plain JSON, without copies of the text.
 *
 * Scalars cost nothing: the result points into the answer. Lists, maps and sets
 * are judged where they stand and converted when they are put. Numbers keep
 * their text, sets become arrays, binary stays base64 text. Strict: what the
 * protocol does not allow is a fault of the scan (DynamoDB API Reference,
 * AttributeValue). Pure; any thread.
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
    char is_plain;    /* json is plain JSON; else a list, map or set as the answer has it */
    char escaped;     /* an S with at least one backslash */
    const char *json; /* into the answer's text, or from the pool */
    apr_size_t len;
} dynamo_attr_t;

/* What an S has between its quotes, or the digits of an N. */
static inline base_scan_span_t dynamo_attr_text(const dynamo_attr_t *attr)
{
    apr_size_t quote = attr->type[0] == 'S';
    base_scan_span_t text = {attr->json + quote, attr->len - 2 * quote, attr->escaped};

    return text;
}

/* Within an entered attribute map: 1 and the next attribute, 0 at its end or on a fault. */
int dynamo_attr_next(dynamo_attr_t *attr, base_scan_t *scan, apr_pool_t *pool);

/* Append the attribute's plain JSON, which is never longer than what it stood as; the answer's text
 * must still be there. */
void dynamo_attr_put_source(base_text_t *text, const dynamo_attr_t *attr);

static inline void dynamo_attr_put_plain(base_text_t *text, const dynamo_attr_t *attr)
{
    if (attr->is_plain)
        base_text_put(text, attr->json, attr->len);
    else
        dynamo_attr_put_source(text, attr);
}

/* Append {"S":"…"} or {"N":"…"}: type is 'S', and the bytes valid UTF-8, or 'N', and they are a
 * number's text. */
void dynamo_attr_put(base_text_t *text, char type, const char *bytes, apr_size_t len);

#endif
