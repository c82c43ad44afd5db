/* SPDX-License-Identifier: Apache-2.0 */
/* What the payload of an access token must say: byte for byte, and JSON type for JSON type.
 *
 * Pure: the time is an argument. Whether the signature is right is somebody else's business; a
 * payload that passes here says the right things, whoever says them.
 */
#ifndef AUTH_CLAIMS_H
#define AUTH_CLAIMS_H

#include <apr_tables.h>
#include <apr_time.h>

#include "auth/token.h"

#define AUTH_CLAIMS_SUB_MAX 2048 /* bytes: a partition key of DynamoDB */

typedef enum {
    AUTH_CLAIMS_GOOD,
    AUTH_CLAIMS_PAYLOAD,    /* no JSON object with distinct members, or not one for all parsers */
    AUTH_CLAIMS_ISSUER,     /* iss is not the issuer */
    AUTH_CLAIMS_CLIENT,     /* neither client_id nor aud, or one that is not among the clients */
    AUTH_CLAIMS_USE,        /* token_use is not "access" */
    AUTH_CLAIMS_EXPIRY,     /* exp absent or no whole number */
    AUTH_CLAIMS_EXPIRED,    /* exp is now or past */
    AUTH_CLAIMS_NOT_BEFORE, /* nbf in the future or no whole number */
    AUTH_CLAIMS_ISSUED,     /* iat in the future or no whole number */
    AUTH_CLAIMS_SUBJECT     /* sub is not 1 to 2,048 bytes without control characters */
} auth_claims_verdict_e;

/* What is asked for; everything is borrowed. */
typedef struct {
    const char *issuer;
    const apr_array_header_t *clients; /* of const char * */
    apr_time_t now;                    /* the wall clock */
} auth_claims_rules_t;

/* What a payload that passed says; texts in the pool or within the payload. */
typedef struct {
    const char *sub;     /* NUL-terminated */
    apr_int64_t expires; /* seconds since 1970 */
    auth_token_member_t scope;
    auth_token_member_t scp;
    int is_bound; /* to a key of its bearer's (cnf, RFC 7800): good on some connections only */
} auth_claims_t;

/* Judge a payload; *claims is only filled when it is GOOD. */
auth_claims_verdict_e auth_claims_judge(auth_claims_t *claims, const char *payload, apr_size_t len,
                                        const auth_claims_rules_t *rules, apr_pool_t *pool);

/* Is one of the wanted scopes (const char *) among the token's? Those are the words of `scope`, a
 * string, and the words or elements of `scp`, a string or an array of strings. */
int auth_claims_has_scope(const auth_claims_t *claims, const apr_array_header_t *wanted,
                          apr_pool_t *pool);

/* The same for a text that another module made of such a claim: words, or a JSON array of strings.
 */
int auth_claims_names_scope(const char *text, const apr_array_header_t *wanted, apr_pool_t *pool);

/* A few words on a verdict for the debug log; static. */
const char *auth_claims_word(auth_claims_verdict_e verdict);

#endif
