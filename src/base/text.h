/* SPDX-License-Identifier: Apache-2.0 */
/* Append-only text with a ceiling.
 *
 * Appending past the ceiling keeps what is there, drops the rest and sets
 * `full`, which stays set: write everything, then ask once. The bytes live in
 * the pool; `data` moves while the text grows. Always NUL-terminated.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <string.h>

#include <apr_pools.h>

typedef struct {
    char *data; /* never NULL after init */
    apr_size_t len;
    apr_size_t room; /* bytes allocated, the NUL included */
    apr_size_t max;  /* ceiling of len */
    int full;        /* something did not fit */
    apr_pool_t *pool;
} base_text_t;

/* An empty text with room for about hint bytes that never holds more than max. */
void base_text_init(base_text_t *text, apr_size_t hint, apr_size_t max, apr_pool_t *pool);

/* Take memory for len more bytes at once, or up to the ceiling; never sets full. Growing step by
 * step leaves old blocks behind in the pool, so whoever knows a bound says it first. */
void base_text_expect(base_text_t *text, apr_size_t len);

/* Make room for len more bytes and return where they go, NULL (and full) when they don't fit;
 * the caller writes there, then adds to text->len and ends with base_text_end(). */
char *base_text_reserve(base_text_t *text, apr_size_t len);

/* The appends that an answer consists of, some thousands of a few bytes: inline. */

static inline void base_text_end(base_text_t *text)
{
    text->data[text->len] = '\0';
}

static inline void base_text_put(base_text_t *text, const char *bytes, apr_size_t len)
{
    char *to = text->data + text->len;

    if (text->full || len >= text->room - text->len)
        to = base_text_reserve(text, len);
    if (!to)
        return;
    if (len)
        memcpy(to, bytes, len);
    text->len += len;
    base_text_end(text);
}

static inline void base_text_put_str(base_text_t *text, const char *str)
{
    base_text_put(text, str, strlen(str));
}

static inline void base_text_put_char(base_text_t *text, char c)
{
    base_text_put(text, &c, 1);
}

void base_text_put_number(base_text_t *text, apr_int64_t number);

/* The bytes as a JSON string with its quotes (RFC 8259 section 7): only '"', '\' and U+0000 to
 * U+001F are escaped, UTF-8 stands as it is. The bytes must be valid UTF-8. */
void base_text_put_json(base_text_t *text, const char *bytes, apr_size_t len);

#endif
