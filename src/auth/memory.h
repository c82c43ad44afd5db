/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens whose signature was verified a moment ago: a digest of each, and the user that it made.
 *
 * Plain data in memory that processes share, all zero at first, of a fixed size. Any thread of any
 * process, without locks and without waiting. Clocks are arguments; so are the key of the digests
 * and the circumstances that they are bound to.
 */
#ifndef AUTH_MEMORY_H
#define AUTH_MEMORY_H

#include <apr_time.h>

#include "base/digest.h"

#define AUTH_MEMORY_SETS 512
#define AUTH_MEMORY_WAYS 8       /* tokens of a set; 4,096 in all */
#define AUTH_MEMORY_USER_MAX 104 /* bytes; a token that makes a longer user is not kept */

typedef struct {
    apr_uint64_t version; /* odd: somebody is writing, or was killed in the midst of it */
    apr_uint64_t until;
    apr_uint64_t digest[BASE_DIGEST_BYTES / 8];
    apr_uint64_t len; /* of user */
    apr_uint64_t user[AUTH_MEMORY_USER_MAX / 8];
} auth_memory_slot_t;

typedef struct {
    auth_memory_slot_t slots[AUTH_MEMORY_SETS][AUTH_MEMORY_WAYS];
} auth_memory_t;

/* The digest of a token under a secret key, bound to two texts on how it was verified: 1, or 0 when
 * the crypto library refuses. */
int auth_memory_digest(unsigned char sum[BASE_DIGEST_BYTES], base_digest_t *digest,
                       const unsigned char key[BASE_DIGEST_BYTES], const char *how,
                       const char *where, const char *token) __attribute__((warn_unused_result));

/* Is it kept, for later than now? 1, and user is NUL-terminated. */
int auth_memory_find(char user[AUTH_MEMORY_USER_MAX + 1], auth_memory_t *memory,
                     const unsigned char sum[BASE_DIGEST_BYTES], apr_time_t now);

/* Keep it until then, in the place of whichever in its set would be forgotten first. 0: not kept,
 * because the user is empty or too long, or somebody else writes there. */
int auth_memory_keep(auth_memory_t *memory, const unsigned char sum[BASE_DIGEST_BYTES],
                     const char *user, apr_time_t until);

#endif
