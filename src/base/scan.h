/* SPDX-License-Identifier: Apache-2.0 */
/* The judge of JSON: RFC 8259 over UTF-8 (RFC 3629), strict and bounded; a pull parser, no tree.
 *
 * The caller walks the text: peek, then string, number, literal, or enter and
 * member/element. The first fault sets `why` (static words) and `fault` (byte
 * offset); from then on every function answers 0 or BASE_SCAN_BAD, so a walk may
 * be written straight down and judged once at its end. Nothing is copied: spans
 * point into the text.
 *
 *     base_scan_init(&scan, text, len, 32);
 *     if (base_scan_enter(&scan, BASE_SCAN_OBJECT))
 *         while (base_scan_member(&scan, &name))
 *             base_scan_skip(&scan, NULL);
 *     base_scan_end(&scan);
 *     if (scan.why) ...
 */
#ifndef BASE_SCAN_H
#define BASE_SCAN_H

#include <apr_pools.h>

typedef enum {
    BASE_SCAN_BAD, /* a fault, or the text has ended */
    BASE_SCAN_OBJECT,
    BASE_SCAN_ARRAY,
    BASE_SCAN_STRING,
    BASE_SCAN_NUMBER,
    BASE_SCAN_TRUE,
    BASE_SCAN_FALSE,
    BASE_SCAN_NULL
} base_scan_kind_e;

#define BASE_SCAN_DEPTH_MAX 128 /* no walk may ask for more */

typedef struct {
    const char *text; /* borrowed */
    const char *pos;
    const char *end;
    int depth;       /* containers entered */
    int depth_max;   /* entering one more is a fault */
    int fresh;       /* a container was entered and nothing read from it yet */
    const char *why; /* NULL while all is well */
    apr_size_t fault;
    int is_starved; /* no fault of the text: its reader has no memory */
} base_scan_t;

/* A piece of the text. For a string: what stands between the quotes, escapes as they are. */
typedef struct {
    const char *ptr;
    apr_size_t len;
    int escaped; /* a string with at least one backslash */
} base_scan_span_t;

/* depth_max: how many containers may be open at once, at most BASE_SCAN_DEPTH_MAX. */
void base_scan_init(base_scan_t *scan, const char *text, apr_size_t len, int depth_max);

/* What the next value is; skips white space, consumes nothing else. */
base_scan_kind_e base_scan_peek(base_scan_t *scan);

/* Consume a value of that kind: 1, or 0 and a fault. A string must be valid UTF-8 without raw
 * control characters, its escapes well-formed and surrogates in pairs. */
int base_scan_string(base_scan_t *scan, base_scan_span_t *string);
int base_scan_number(base_scan_t *scan, base_scan_span_t *number);
int base_scan_literal(base_scan_t *scan, base_scan_kind_e kind);

/* Consume the opening bracket of an object or array. */
int base_scan_enter(base_scan_t *scan, base_scan_kind_e kind);

/* Within an object: 1 and the next member's name (its value is next), 0 when the object was closed
 * or on a fault. Within an array: 1 when a value is next, 0 likewise. */
int base_scan_member(base_scan_t *scan, base_scan_span_t *name);
int base_scan_element(base_scan_t *scan);

/* Consume an object with one member, whose name is this letter and whose value a string, if it is
 * written without blanks: {"S":"…"}. 1, or 0 and a fault in the string, or 0 and nothing is
 * consumed: enter and member then judge what stands there. */
int base_scan_wrapped(base_scan_t *scan, char name, base_scan_span_t *string);

/* Judge and consume any value; its text into span unless NULL. Not recursive. */
int base_scan_skip(base_scan_t *scan, base_scan_span_t *span);

/* Nothing but white space may remain: 1, or 0 and a fault. */
int base_scan_end(base_scan_t *scan);

/* Set a fault at the current position, unless one is set; for what only the caller can judge. */
void base_scan_fail(base_scan_t *scan, const char *why);

/* Does a scanned string, unescaped, equal these ASCII characters? */
int base_scan_equals(const base_scan_span_t *string, const char *ascii);

/* The bytes that a scanned string means: the span itself when nothing is escaped, else a copy from
 * pool. Not NUL-terminated; may hold NUL. */
const char *base_scan_unescape(apr_size_t *len, const base_scan_span_t *string, apr_pool_t *pool);

static inline const char *base_scan_decode(apr_size_t *len, const base_scan_span_t *string,
                                           apr_pool_t *pool)
{
    if (string->escaped)
        return base_scan_unescape(len, string, pool);
    *len = string->len;
    return string->ptr;
}

/* Are the bytes valid UTF-8 (RFC 3629: shortest form, no surrogates, at most U+10FFFF)? */
int base_scan_is_utf8(const char *bytes, apr_size_t len);

#endif
