/* SPDX-License-Identifier: Apache-2.0 */
/* Append-only text with a ceiling.
 *
 * Appending past the ceiling keeps what is there, drops the rest and sets
 * `full`, which stays set: write everything, then ask once. The bytes live as
 * long as the pool; `data` moves while the text grows. Always NUL-terminated.
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
 * step leaves old blocks behind in the pool, so whoever knows a bound says it first. 1, or 0 and
 * nothing is changed: the system has no memory for a large text, which a pool could not say. */
int base_text_expect(base_text_t *text, apr_size_t len) __attribute__((warn_unused_result));

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

/* Where the run of bytes ends that stand in a JSON string as they are, which '"', '\' and what is
 * under 0x20 don't; is_ascii: nor may what is above ASCII. Eight at a time: subtracting carries
 * into a byte's high bit when it is under 0x20, or equal to what it was xor-ed with; behind the
 * first such byte there may be false ones. */
static inline const char *base_text_run_end(const char *at, const char *end, int is_ascii)
{
    const apr_uint64_t ones = 0x0101010101010101u, highs = 0x8080808080808080u;

    for (; end - at >= 8; at += 8) {
        apr_uint64_t word, hits;

        memcpy(&word, at, sizeof(word));
#if APR_IS_BIGENDIAN
        word = __builtin_bswap64(word);
#endif
        hits = (word - ones * 0x20) | ((word ^ ones * '"') - ones) | ((word ^ ones * '\\') - ones);
        hits = (is_ascii ? hits | word : hits & ~word) & highs;
        if (hits)
            return at + __builtin_ctzll(hits) / 8;
    }
    while (at < end && (unsigned char)*at >= 0x20 && *at != '"' && *at != '\\' &&
           !(is_ascii && (unsigned char)*at >= 0x80))
        at++;
    return at;
}

#endif
