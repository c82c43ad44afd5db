/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 and HMAC-SHA-256 over contexts that are used again: behind its first use a digest fetches
 * nothing and allocates nothing.
 *
 * Yes/no results are 1 on success; a failure means that the crypto library refused (out of memory,
 * a broken FIPS module) and the caller treats it as an internal error.
 */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include <apr_pools.h>

#define BASE_DIGEST_BYTES 32

/* One piece of a message that is hashed in pieces. */
typedef struct {
    const void *bytes;
    apr_size_t len;
} base_digest_part_t;

/* One thread at a time. */
typedef struct base_digest_t base_digest_t;

/* Made in pool and freed with it; NULL when the crypto library refuses. */
base_digest_t *base_digest_make(apr_pool_t *pool);

/* SHA-256 (FIPS 180-4). */
int base_digest_sha256(unsigned char sum[BASE_DIGEST_BYTES], base_digest_t *digest,
                       const void *bytes, apr_size_t len) __attribute__((warn_unused_result));

/* HMAC-SHA-256 (RFC 2104) over the concatenation of the parts. mac may be where the key is. */
int base_digest_hmac(unsigned char mac[BASE_DIGEST_BYTES], base_digest_t *digest,
                     const base_digest_part_t *key, const base_digest_part_t *parts, int count)
    __attribute__((warn_unused_result));

/* --- digests that threads share --------------------------------------------------------------- */

/* A bounded stack of digests. Any thread; locks inside. Freeing it frees what is OpenSSL's, so its
 * pool must not be one that is destroyed inside a signal handler. */
typedef struct base_digest_kit_t base_digest_kit_t;

base_digest_kit_t *base_digest_kit_make(apr_pool_t *pool);

/* The one that was given back last, a new one, or one of pool's own when all are taken; NULL when
 * the crypto library refuses. What was taken is given back. */
base_digest_t *base_digest_take(base_digest_kit_t *kit, apr_pool_t *pool);
void base_digest_give(base_digest_kit_t *kit, base_digest_t *digest);

#endif
