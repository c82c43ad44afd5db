/* SPDX-License-Identifier: Apache-2.0 */
/* What Amazon Cognito puts into access tokens ("Understanding the access token", Cognito Developer
 * Guide), judged as API Gateway's JWT authorizer judges it ("Control access to HTTP APIs with JWT
 * authorizers"), and stricter where being lax opens a door:
 *
 * - Times are whole numbers as Cognito writes them (RFC 7519 would allow fractions and exponents),
 *   of at most 18 digits, never strings. exp is required. There is no leeway: AWS documents none.
 * - An identity token of the same user and client is no access token, so token_use is required.
 * - API Gateway looks at client_id only without aud. Here each of the two that is there must be
 *   among the clients, since a token for one's own service by a foreign client is not for us.
 */
#include "auth/claims.h"

#include <string.h>

#include <apr_strings.h>

#define DIGITS_MAX 18 /* of a time: what an apr_int64_t holds in any case */

const char *auth_claims_word(auth_claims_verdict_e verdict)
{
    switch (verdict) {
    case AUTH_CLAIMS_GOOD:
        return "accepted";
    case AUTH_CLAIMS_PAYLOAD:
        return "the payload is no usable JSON object";
    case AUTH_CLAIMS_ISSUER:
        return "iss is not ItemsIssuer";
    case AUTH_CLAIMS_CLIENT:
        return "client_id or aud is not in ItemsClientId";
    case AUTH_CLAIMS_USE:
        return "token_use is not access";
    case AUTH_CLAIMS_EXPIRY:
        return "exp is no whole number";
    case AUTH_CLAIMS_EXPIRED:
        return "expired";
    case AUTH_CLAIMS_NOT_BEFORE:
        return "nbf is in the future or no whole number";
    case AUTH_CLAIMS_ISSUED:
        return "iat is in the future or no whole number";
    case AUTH_CLAIMS_SUBJECT:
        break;
    }
    return "sub is not 1 to 2048 bytes of text";
}

static int is_text(const auth_token_member_t *member, const char *wanted, apr_pool_t *pool)
{
    apr_size_t len;
    const char *bytes = auth_token_string(&len, member, pool);

    return bytes && len == strlen(wanted) && !memcmp(bytes, wanted, len);
}

static int is_among(const char *bytes, apr_size_t len, const apr_array_header_t *words)
{
    int i;

    for (i = 0; i < words->nelts; i++) {
        const char *word = APR_ARRAY_IDX(words, i, const char *);

        if (strlen(word) == len && !memcmp(word, bytes, len))
            return 1;
    }
    return 0;
}

/* Is an element of an array of strings among the words? 0 as well if it holds anything else. */
static int has_element(const base_scan_span_t *array, const apr_array_header_t *words,
                       apr_pool_t *pool)
{
    base_scan_span_t element;
    base_scan_t scan;
    apr_size_t len;
    int found = 0;

    base_scan_init(&scan, array->ptr, array->len, 1);
    if (base_scan_enter(&scan, BASE_SCAN_ARRAY)) {
        while (base_scan_element(&scan) && base_scan_string(&scan, &element)) {
            const char *bytes = base_scan_decode(&len, &element, pool);

            found = found || is_among(bytes, len, words);
        }
    }
    return base_scan_end(&scan) && found;
}

/* RFC 7519 section 4.1.3: aud is a string or an array of strings. */
static int is_for(const auth_token_member_t *member, int may_be_array,
                  const apr_array_header_t *clients, apr_pool_t *pool)
{
    apr_size_t len;
    const char *bytes;

    if (may_be_array && member->kind == BASE_SCAN_ARRAY)
        return has_element(&member->value, clients, pool);
    bytes = auth_token_string(&len, member, pool);
    return bytes && is_among(bytes, len, clients);
}

static int is_client(const auth_token_member_t *client_id, const auth_token_member_t *aud,
                     const apr_array_header_t *clients, apr_pool_t *pool)
{
    if (client_id->kind == BASE_SCAN_BAD && aud->kind == BASE_SCAN_BAD)
        return 0;
    if (client_id->kind != BASE_SCAN_BAD && !is_for(client_id, 0, clients, pool))
        return 0;
    return aud->kind == BASE_SCAN_BAD || is_for(aud, 1, clients, pool);
}

/* Seconds since 1970 as a JSON number of digits alone. The grammar was judged already, so there
 * are no leading zeros; what has a sign, a fraction or an exponent has another character. */
static int is_time(apr_int64_t *seconds, const auth_token_member_t *member)
{
    apr_size_t i;

    if (member->kind != BASE_SCAN_NUMBER || member->value.len > DIGITS_MAX)
        return 0;
    *seconds = 0;
    for (i = 0; i < member->value.len; i++) {
        char c = member->value.ptr[i];

        if (c < '0' || c > '9')
            return 0;
        *seconds = *seconds * 10 + (c - '0');
    }
    return 1;
}

/* A time that may be absent, but if it is there, it is not in the future. */
static int is_past(const auth_token_member_t *member, apr_int64_t now)
{
    apr_int64_t seconds;

    return member->kind == BASE_SCAN_BAD || (is_time(&seconds, member) && seconds <= now);
}

/* It becomes the user in logs and variables, and perhaps a key: no control characters. */
static const char *subject(const auth_token_member_t *member, apr_pool_t *pool)
{
    apr_size_t len, i;
    const char *bytes = auth_token_string(&len, member, pool);

    if (!bytes || len < 1 || len > AUTH_CLAIMS_SUB_MAX)
        return NULL;
    for (i = 0; i < len; i++) {
        unsigned char c = (unsigned char)bytes[i];

        if (c < ' ' || c == 0x7f)
            return NULL;
    }
    return apr_pstrmemdup(pool, bytes, len);
}

auth_claims_verdict_e auth_claims_judge(auth_claims_t *claims, const char *payload, apr_size_t len,
                                        const auth_claims_rules_t *rules, apr_pool_t *pool)
{
    enum { ISS, CLIENT_ID, AUD, TOKEN_USE, EXP, NBF, IAT, SUB, SCOPE, SCP, CNF, COUNT };
    auth_token_member_t found[COUNT] = {
        [ISS] = {.name = "iss"},     [CLIENT_ID] = {.name = "client_id"},
        [AUD] = {.name = "aud"},     [TOKEN_USE] = {.name = "token_use"},
        [EXP] = {.name = "exp"},     [NBF] = {.name = "nbf"},
        [IAT] = {.name = "iat"},     [SUB] = {.name = "sub"},
        [SCOPE] = {.name = "scope"}, [SCP] = {.name = "scp"},
        [CNF] = {.name = "cnf"},
    };
    const apr_int64_t now = apr_time_sec(rules->now);
    apr_int64_t expires;
    const char *sub;

    if (!auth_token_read(found, COUNT, payload, len, pool))
        return AUTH_CLAIMS_PAYLOAD;
    if (!is_text(&found[ISS], rules->issuer, pool))
        return AUTH_CLAIMS_ISSUER;
    if (!is_client(&found[CLIENT_ID], &found[AUD], rules->clients, pool))
        return AUTH_CLAIMS_CLIENT;
    if (!is_text(&found[TOKEN_USE], "access", pool))
        return AUTH_CLAIMS_USE;
    if (!is_time(&expires, &found[EXP]))
        return AUTH_CLAIMS_EXPIRY;
    if (expires <= now)
        return AUTH_CLAIMS_EXPIRED;
    if (!is_past(&found[NBF], now))
        return AUTH_CLAIMS_NOT_BEFORE;
    if (!is_past(&found[IAT], now))
        return AUTH_CLAIMS_ISSUED;
    sub = subject(&found[SUB], pool);
    if (!sub)
        return AUTH_CLAIMS_SUBJECT;
    if (!auth_token_is_portable(payload, len))
        return AUTH_CLAIMS_PAYLOAD;
    *claims =
        (auth_claims_t){sub, expires, found[SCOPE], found[SCP], found[CNF].kind != BASE_SCAN_BAD};
    return AUTH_CLAIMS_GOOD;
}

/* Is one of the words of a text, between blanks (RFC 6749 section 3.3), among the wanted? */
static int is_any_among(const char *pos, apr_size_t len, const apr_array_header_t *wanted)
{
    apr_size_t word;

    for (; len > 0; pos += word, len -= word) {
        const char *blank = memchr(pos, ' ', len);

        word = blank ? (apr_size_t)(blank - pos) : len;
        if (word > 0 && is_among(pos, word, wanted))
            return 1;
        word += blank != NULL;
    }
    return 0;
}

static int has_word(const auth_token_member_t *member, const apr_array_header_t *wanted,
                    apr_pool_t *pool)
{
    apr_size_t len;
    const char *text = auth_token_string(&len, member, pool);

    return text && is_any_among(text, len, wanted);
}

int auth_claims_names_scope(const char *text, const apr_array_header_t *wanted, apr_pool_t *pool)
{
    const base_scan_span_t span = {text, strlen(text), 0};

    return text[0] == '[' ? has_element(&span, wanted, pool) : is_any_among(text, span.len, wanted);
}

int auth_claims_has_scope(const auth_claims_t *claims, const apr_array_header_t *wanted,
                          apr_pool_t *pool)
{
    return has_word(&claims->scope, wanted, pool) || has_word(&claims->scp, wanted, pool) ||
           (claims->scp.kind == BASE_SCAN_ARRAY && has_element(&claims->scp.value, wanted, pool));
}
