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

/* The value of a character in the alphabet whose last two are given, -1 when it is not in it. */
static int base64_value(char c, const char *last_two)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    if (c == last_two[0])
        return 62;
    return c == last_two[1] ? 63 : -1;
}

static unsigned char *base64_decode(apr_size_t *len, const char *text, apr_size_t text_len,
                                    const char *last_two, apr_pool_t *pool)
{
    unsigned char *bytes, *to;
    apr_uint32_t bits = 0;
    int held = 0, value; /* held: low bits of `bits` that are not written yet */
    apr_size_t i;

    if (text_len % 4 == 1)
        return NULL;
    bytes = to = apr_palloc(pool, text_len / 4 * 3 + 3);
    for (i = 0; i < text_len; i++) {
        value = base64_value(text[i], last_two);
        if (value < 0)
            return NULL;
        bits = bits << 6 | (apr_uint32_t)value;
        held += 6;
        if (held >= 8) {
            held -= 8;
            *to++ = (unsigned char)(bits >> held & 0xFF);
        }
    }
    if (bits & ((1u << held) - 1))
        return NULL; /* bits behind the last byte: a second spelling of the same value */
    *len = (apr_size_t)(to - bytes);
    return bytes;
}

unsigned char *base_hash_base64url_decode(apr_size_t *len, const char *text, apr_size_t text_len,
                                          apr_pool_t *pool)
{
    return base64_decode(len, text, text_len, "-_", pool);
}

unsigned char *base_hash_base64_decode(apr_size_t *len, const char *text, apr_size_t text_len,
                                       apr_pool_t *pool)
{
    int padding = 0;

    if (text_len % 4 != 0)
        return NULL;
    while (text_len > 0 && padding < 2 && text[text_len - 1] == '=') {
        text_len--;
        padding++;
    }
    return base64_decode(len, text, text_len, "+/", pool);
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
