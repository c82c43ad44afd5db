/* SPDX-License-Identifier: Apache-2.0 */
/* Encodings (RFC 4648), random bytes, comparing and wiping through OpenSSL. Nothing is kept between
 * calls. */
#include "base/hash.h"

#include <limits.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/rand.h>

/* The two digits of each byte. */
#define ROW(high)                                                                                  \
    high "0" high "1" high "2" high "3" high "4" high "5" high "6" high "7" high "8" high "9" high \
         "a" high "b" high "c" high "d" high "e" high "f"
static const char HEX[] = ROW("0") ROW("1") ROW("2") ROW("3") ROW("4") ROW("5") ROW("6") ROW("7")
    ROW("8") ROW("9") ROW("a") ROW("b") ROW("c") ROW("d") ROW("e") ROW("f");
static const char URL_ALPHABET[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

void base_hash_hex(char *hex, const unsigned char *bytes, apr_size_t len)
{
    const unsigned char *end = bytes + len;

    for (; bytes < end; bytes++, hex += 2)
        memcpy(hex, HEX + 2U * *bytes, 2);
    *hex = '\0';
}

int base_hash_unhex(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    if (digit >= 'a' && digit <= 'f')
        return digit - 'a' + 10;
    if (digit >= 'A' && digit <= 'F')
        return digit - 'A' + 10;
    return -1;
}

void base_hash_uuid(char uuid[BASE_HASH_UUID_SIZE], const unsigned char bytes[BASE_HASH_UUID_BYTES])
{
    char hex[2 * BASE_HASH_UUID_BYTES + 1];

    base_hash_hex(hex, bytes, BASE_HASH_UUID_BYTES);
    hex[12] = '4';                       /* the version */
    hex[16] = "89ab"[bytes[8] >> 4 & 3]; /* the variant: its high bits are 10 */
    memcpy(uuid, "00000000-0000-0000-0000-", 24);
    memcpy(uuid, hex, 8);
    memcpy(uuid + 9, hex + 8, 4);
    memcpy(uuid + 14, hex + 12, 4);
    memcpy(uuid + 19, hex + 16, 4);
    memcpy(uuid + 24, hex + 20, 13);
}

char *base_hash_base64url(const unsigned char *bytes, apr_size_t len, apr_pool_t *pool)
{
    char *text = apr_palloc(pool, len / 3 * 4 + 5), *to = text;
    apr_uint32_t bits = 0;
    int held = 0; /* low bits of `bits` that are not written yet */
    apr_size_t i;

    for (i = 0; i < len; i++) {
        bits = bits << 8 | bytes[i];
        for (held += 8; held >= 6; held -= 6)
            *to++ = URL_ALPHABET[bits >> (held - 6) & 63];
    }
    if (held)
        *to++ = URL_ALPHABET[bits << (6 - held) & 63];
    *to = '\0';
    return text;
}

#define X 0x80 /* of no character */

/* What a character is worth; a table, since every token of every request goes through it. */
/* clang-format off */
static const unsigned char WORTH[256] = {
    X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
    X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
    X, X, X, X, X, X, X, X, X, X, X, X, X, 62, X, X,
    52, 53, 54, 55, 56, 57, 58, 59, 60, 61, X, X, X, X, X, X,
    X, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14,
    15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, X, X, X, X, 63,
    X, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40,
    41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, X, X, X, X, X,
    X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
    X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
    X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
    X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
    X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
    X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
    X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
    X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
};
/* clang-format on */

unsigned char *base_hash_base64url_decode(apr_size_t *len, const char *text, apr_size_t text_len,
                                          apr_pool_t *pool)
{
    const unsigned char *from = (const unsigned char *)text, *end = from + (text_len & ~3UL);
    apr_uint32_t a, b, c, d, seen = 0, last = 0;
    unsigned char *bytes, *to;

    if (text_len % 4 == 1)
        return NULL;
    bytes = to = apr_palloc(pool, text_len / 4 * 3 + 3);
    for (; from < end; from += 4, to += 3) {
        a = WORTH[from[0]];
        b = WORTH[from[1]];
        c = WORTH[from[2]];
        d = WORTH[from[3]];
        seen |= a | b | c | d;
        to[0] = (unsigned char)(a << 2 | b >> 4);
        to[1] = (unsigned char)(b << 4 | c >> 2);
        to[2] = (unsigned char)(c << 6 | d);
    }
    if (text_len % 4) {
        a = WORTH[from[0]];
        b = WORTH[from[1]];
        c = text_len % 4 == 3 ? WORTH[from[2]] : 0;
        seen |= a | b | c;
        last = text_len % 4 == 3 ? c & 3 : b & 15;
        *to++ = (unsigned char)(a << 2 | b >> 4);
        if (text_len % 4 == 3)
            *to++ = (unsigned char)(b << 4 | c >> 2);
    }
    if (seen & X || last) /* bits behind the last byte: a second spelling of the same value */
        return NULL;
    *len = (apr_size_t)(to - bytes);
    return bytes;
}

int base_hash_random(unsigned char *bytes, apr_size_t len)
{
    return len <= INT_MAX && RAND_bytes(bytes, (int)len) == 1;
}

int base_hash_equal(const void *a, const void *b, apr_size_t len)
{
    return CRYPTO_memcmp(a, b, len) == 0;
}

void base_hash_wipe(void *secret, apr_size_t len)
{
    OPENSSL_cleanse(secret, len);
}
