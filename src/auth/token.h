/* SPDX-License-Identifier: Apache-2.0 */
/* The three parts of a JSON Web Token, judged before any cryptography.
 *
 * Pure: no keys, no clock, no network. A token that passes is not yet anybody's word; one that
 * does not can be refused before somebody looks for its key. Stricter than RFC 7519 wants: RS256
 * alone, and nothing in the header that could name a key or an extension.
 */
#ifndef AUTH_TOKEN_H
#define AUTH_TOKEN_H

#include <apr_pools.h>

#include "base/scan.h"

#define AUTH_TOKEN_MAX 8192       /* bytes of a whole token */
#define AUTH_TOKEN_KID_MAX 255    /* bytes of a key id */
#define AUTH_TOKEN_DEPTH_MAX 32   /* containers open at once in header or payload */
#define AUTH_TOKEN_MEMBER_MAX 128 /* members of header or payload */

typedef enum {
    AUTH_TOKEN_GOOD,
    AUTH_TOKEN_TOO_LONG,
    AUTH_TOKEN_PARTS,    /* not three parts, or an empty one */
    AUTH_TOKEN_ENCODING, /* a part that is no base64url in its one spelling */
    AUTH_TOKEN_HEADER,   /* no JSON object with distinct members, or one not all parsers read */
    AUTH_TOKEN_ALG,      /* not RS256 */
    AUTH_TOKEN_KID,      /* none, or one that auth_token_is_kid() refuses */
    AUTH_TOKEN_TYP,      /* there, but no string */
    AUTH_TOKEN_FORBIDDEN /* crit, or a key that the token brings along or points to */
} auth_token_verdict_e;

/* A token that passed; texts in the pool that it was parsed into. */
typedef struct {
    const char *kid;     /* NUL-terminated */
    const char *payload; /* any bytes: auth_claims_judge() reads them */
    apr_size_t payload_len;
} auth_token_t;

/* Judge the token and take it apart; *token is only filled when it is GOOD. */
auth_token_verdict_e auth_token_parse(auth_token_t *token, const char *text, apr_size_t len,
                                      apr_pool_t *pool);

/* Is that a key id: 1 to 255 printable ASCII characters without blanks? */
int auth_token_is_kid(const char *bytes, apr_size_t len);

/* A few words on a verdict for the debug log; static. */
const char *auth_token_word(auth_token_verdict_e verdict);

/* A member that is looked for. */
typedef struct {
    const char *name;       /* ASCII */
    base_scan_kind_e kind;  /* BASE_SCAN_BAD: absent */
    base_scan_span_t value; /* a string's without its quotes */
} auth_token_member_t;

/* Read a whole text as a JSON object and find these members, whose kinds are set in any case. 0 if
 * it is no object, is broken or too deep, has too many members, or has one twice: RFC 7519 section
 * 4 leaves a choice between refusing those and taking the last one, and whoever verified the
 * signature may have chosen otherwise. */
int auth_token_read(auth_token_member_t *members, int count, const char *text, apr_size_t len,
                    apr_pool_t *pool);

/* Is JSON that was read the same for every parser: no U+0000, no number beyond 64 bits or a double?
 */
int auth_token_is_portable(const char *text, apr_size_t len);

/* The bytes of a string member, unescaped, from pool or within the text; NULL if it is no string.
 */
const char *auth_token_string(apr_size_t *len, const auth_token_member_t *member, apr_pool_t *pool);

#endif
