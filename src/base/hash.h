/* SPDX-License-Identifier: Apache-2.0 */
/* Encodings, random bytes, comparing; digests are base/digest.h's.
 *
 * Any thread. Yes/no results are 1 on success; a failure means that the crypto
 * library refused (out of memory, a broken FIPS module) and the caller treats it
 * as an internal error.
 */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <apr_pools.h>

/* Lower-case hex, NUL-terminated; hex has room for 2 * len + 1 bytes. */
void base_hash_hex(char *hex, const unsigned char *bytes, apr_size_t len);

/* What a hex digit of either case is worth, -1 for what is none. */
int base_hash_unhex(char digit);

/* 16 bytes as a UUID of version 4, whose two fixed fields are set (RFC 9562 section 5.4). */
#define BASE_HASH_UUID_BYTES 16
#define BASE_HASH_UUID_SIZE 37 /* its NUL included */

void base_hash_uuid(char uuid[BASE_HASH_UUID_SIZE],
                    const unsigned char bytes[BASE_HASH_UUID_BYTES]);

/* base64url without padding (RFC 4648 section 5), from pool. */
char *base_hash_base64url(const unsigned char *bytes, apr_size_t len, apr_pool_t *pool);

/* Strict inverse: one spelling per value; no padding, no white space, trailing bits zero.
 * NULL for anything else. */
unsigned char *base_hash_base64url_decode(apr_size_t *len, const char *text, apr_size_t text_len,
                                          apr_pool_t *pool);

/* Bytes fit for keys. */
int base_hash_random(unsigned char *bytes, apr_size_t len) __attribute__((warn_unused_result));

/* Equal? In a time that depends on len alone. */
int base_hash_equal(const void *a, const void *b, apr_size_t len);

/* Overwrite a secret; never optimised away. */
void base_hash_wipe(void *secret, apr_size_t len);

#endif
