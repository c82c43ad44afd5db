/* SPDX-License-Identifier: Apache-2.0 */
/* A token: as it is, and its header and payload without their encoding. Lines: header, payload; a
 * single line is a whole token. */
#include "fuzz.h"

#include <string.h>

#include <apr_strings.h>

#include "auth/claims.h"
#include "base/hash.h"

#define ISSUER "https://issuer.example/pool"

static const char *encode(const char *bytes, apr_size_t len, apr_pool_t *pool)
{
    return base_hash_base64url((const unsigned char *)bytes, len, pool);
}

static void judge_claims(const char *payload, apr_size_t len, apr_pool_t *pool)
{
    apr_array_header_t *words = apr_array_make(pool, 2, sizeof(const char *));
    const auth_claims_rules_t rules = {ISSUER, words, apr_time_from_sec(1700000000)};
    auth_claims_t claims;

    APR_ARRAY_PUSH(words, const char *) = "client-one";
    APR_ARRAY_PUSH(words, const char *) = "items/read";
    if (auth_claims_judge(&claims, payload, len, &rules, pool) != AUTH_CLAIMS_GOOD)
        return;
    fuzz_require(auth_token_read(NULL, 0, payload, len, pool), "the payload is an object");
    fuzz_require(claims.sub[0] && strlen(claims.sub) <= AUTH_CLAIMS_SUB_MAX, "somebody is meant");
    fuzz_require(claims.expires > 1700000000, "it is not expired");
    if (auth_claims_has_scope(&claims, words, pool))
        fuzz_require(claims.scope.kind == BASE_SCAN_STRING || claims.scp.kind != BASE_SCAN_BAD,
                     "a scope stands somewhere");
}

static void judge_token(const char *text, apr_size_t len, apr_pool_t *pool)
{
    auth_token_t token;

    if (auth_token_parse(&token, text, len, pool) != AUTH_TOKEN_GOOD)
        return;
    fuzz_require(len <= AUTH_TOKEN_MAX, "a token is bounded");
    fuzz_require(token.kid[0] && strlen(token.kid) <= AUTH_TOKEN_KID_MAX, "a key is named");
    judge_claims(token.payload, token.payload_len, pool);
}

void fuzz_input(const char *bytes, apr_size_t len, apr_pool_t *pool)
{
    const char *newline = memchr(bytes, '\n', len);
    const char *text, *payload;
    apr_size_t payload_len;

    judge_token(bytes, len, pool);
    if (!newline)
        return;
    payload = newline + 1;
    payload_len = (apr_size_t)(bytes + len - payload);
    judge_claims(payload, payload_len, pool);
    text = apr_pstrcat(pool, encode(bytes, (apr_size_t)(newline - bytes), pool), ".",
                       encode(payload, payload_len, pool), ".AAAA", NULL);
    judge_token(text, strlen(text), pool);
}
