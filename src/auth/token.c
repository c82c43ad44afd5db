/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 7515 section 3.1 (compact serialisation), RFC 7519 sections 4 and 5, RFC 8725 (best current
 * practices: one algorithm, no keys from the token).
 *
 * One algorithm, because Cognito signs access tokens with RS256 alone and every further one is an
 * attack that has to be thought of: "none", HMAC with the public key as its secret, the weaker or
 * stronger variants that a key in the JWKS does not exclude. crit names extensions that must be
 * understood, and there is none that is understood here. jwk, jku and the x5 members bring a key
 * or say where one is; a token that carries one has no business here, even if nobody looks at it.
 *
 * Header and payload must also be what jansson reads (its reference, "Decoding": no U+0000, numbers
 * within 64 bits or a double). mod_auth_openidc up to 2.4.12 at least writes a payload that jansson
 * refuses into its log before it has looked at the signature, and reads beyond its end.
 */
#include "auth/token.h"

#include <string.h>

#include <apr_strings.h>

#include "base/hash.h"

/* A member's name as it is meant. */
typedef struct {
    const char *bytes;
    apr_size_t len;
} name_t;

const char *auth_token_word(auth_token_verdict_e verdict)
{
    switch (verdict) {
    case AUTH_TOKEN_GOOD:
        return "well-formed";
    case AUTH_TOKEN_TOO_LONG:
        return "too long";
    case AUTH_TOKEN_PARTS:
        return "not three parts";
    case AUTH_TOKEN_ENCODING:
        return "a part is not base64url";
    case AUTH_TOKEN_HEADER:
        return "the header is no usable JSON object";
    case AUTH_TOKEN_ALG:
        return "alg is not RS256";
    case AUTH_TOKEN_KID:
        return "no usable kid";
    case AUTH_TOKEN_TYP:
        return "typ is no string";
    case AUTH_TOKEN_FORBIDDEN:
        break;
    }
    return "crit, or a key of its own, in the header";
}

/* Was there such a name before? At most AUTH_TOKEN_MEMBER_MAX are compared with each other. */
static int is_repeated(const name_t *names, int count)
{
    const name_t *last = &names[count - 1];
    int i;

    for (i = 0; i < count - 1; i++) {
        if (names[i].len == last->len && !memcmp(names[i].bytes, last->bytes, last->len))
            return 1;
    }
    return 0;
}

static auth_token_member_t *find(auth_token_member_t *members, int count, const name_t *name)
{
    int i;

    for (i = 0; name->len > 0 && i < count; i++) {
        if (members[i].name[0] == name->bytes[0] && strlen(members[i].name) == name->len &&
            !memcmp(members[i].name, name->bytes, name->len))
            return &members[i];
    }
    return NULL;
}

static void take_value(auth_token_member_t *member, base_scan_t *scan)
{
    base_scan_span_t value;
    base_scan_kind_e kind = base_scan_peek(scan);

    if (kind == BASE_SCAN_STRING)
        base_scan_string(scan, &value);
    else
        base_scan_skip(scan, &value);
    if (member && !scan->why) {
        member->kind = kind;
        member->value = value;
    }
}

int auth_token_read(auth_token_member_t *members, int count, const char *text, apr_size_t len,
                    apr_pool_t *pool)
{
    name_t names[AUTH_TOKEN_MEMBER_MAX];
    base_scan_span_t name;
    base_scan_t scan;
    int seen = 0, i;

    for (i = 0; i < count; i++)
        members[i].kind = BASE_SCAN_BAD;
    base_scan_init(&scan, text, len, AUTH_TOKEN_DEPTH_MAX);
    if (base_scan_enter(&scan, BASE_SCAN_OBJECT)) {
        while (base_scan_member(&scan, &name)) {
            if (seen == AUTH_TOKEN_MEMBER_MAX)
                return 0;
            names[seen].bytes = base_scan_decode(&names[seen].len, &name, pool);
            if (is_repeated(names, ++seen))
                return 0;
            take_value(find(members, count, &names[seen - 1]), &scan);
        }
    }
    base_scan_end(&scan);
    return !scan.why;
}

const char *auth_token_string(apr_size_t *len, const auth_token_member_t *member, apr_pool_t *pool)
{
    return member->kind == BASE_SCAN_STRING ? base_scan_decode(len, &member->value, pool) : NULL;
}

/* How many of these characters stand at pos. */
static apr_size_t span(const char *pos, const char *end, const char *characters)
{
    const char *start = pos;

    while (pos < end && *pos && strchr(characters, *pos))
        pos++;
    return (apr_size_t)(pos - start);
}

/* How long a number is, and whether it fits into 64 bits or a double; its grammar is right. */
static int is_portable_number(apr_size_t *len, const char *text, const char *end)
{
    static const char biggest[] = "9223372036854775807"; /* below zero one more would do */
    const char *digits = text + (*text == '-'), *pos = digits, *exponent;

    pos += span(pos, end, "0123456789");
    *len = (apr_size_t)(pos - text);
    if (pos == end || !strchr(".eE", *pos))
        return pos - digits < (int)sizeof(biggest) - 1 ||
               (pos - digits == sizeof(biggest) - 1 &&
                memcmp(digits, biggest, sizeof(biggest) - 1) <= 0);
    pos += span(pos, end, ".0123456789");
    if (pos - text > 64)
        return 0;
    exponent = pos += span(pos, end, "eE+-");
    pos += span(pos, end, "0123456789");
    *len = (apr_size_t)(pos - text);
    return pos - exponent <= 2; /* with 64 digits far below a double's 308 */
}

int auth_token_is_portable(const char *text, apr_size_t len)
{
    const char *pos = text, *end = text + len;
    apr_size_t number;
    int in_string = 0;

    while (pos < end) {
        if (in_string && *pos == '\\') {
            if (end - pos >= 6 && !memcmp(pos, "\\u0000", 6))
                return 0;
            pos += 2;
        } else if (*pos == '"') {
            in_string = !in_string;
            pos++;
        } else if (!in_string && (*pos == '-' || (*pos >= '0' && *pos <= '9'))) {
            if (!is_portable_number(&number, pos, end))
                return 0;
            pos += number;
        } else {
            pos++;
        }
    }
    return 1;
}

/* Printable, so that it may stand in a log; no blanks, so that it is one word there. */
int auth_token_is_kid(const char *bytes, apr_size_t len)
{
    apr_size_t i;

    if (len < 1 || len > AUTH_TOKEN_KID_MAX)
        return 0;
    for (i = 0; i < len; i++) {
        if (bytes[i] <= ' ' || bytes[i] >= 0x7f)
            return 0;
    }
    return 1;
}

static const char *key_id(const auth_token_member_t *member, apr_pool_t *pool)
{
    apr_size_t len;
    const char *bytes = auth_token_string(&len, member, pool);

    return bytes && auth_token_is_kid(bytes, len) ? apr_pstrmemdup(pool, bytes, len) : NULL;
}

static auth_token_verdict_e judge_header(auth_token_t *token, const char *text, apr_size_t len,
                                         apr_pool_t *pool)
{
    enum { ALG, KID, TYP, FORBIDDEN };
    auth_token_member_t members[] = {
        [ALG] = {.name = "alg"}, [KID] = {.name = "kid"},
        [TYP] = {.name = "typ"}, [FORBIDDEN] = {.name = "crit"},
        {.name = "jwk"},         {.name = "jku"},
        {.name = "x5u"},         {.name = "x5c"},
        {.name = "x5t"},         {.name = "x5t#S256"},
        {.name = "b64"}, /* RFC 7797: a payload that is not what it seems */
    };
    const int count = (int)(sizeof(members) / sizeof(members[0]));
    int i;

    if (!auth_token_read(members, count, text, len, pool) || !auth_token_is_portable(text, len))
        return AUTH_TOKEN_HEADER;
    if (members[ALG].kind != BASE_SCAN_STRING || !base_scan_equals(&members[ALG].value, "RS256"))
        return AUTH_TOKEN_ALG;
    for (i = FORBIDDEN; i < count; i++) {
        if (members[i].kind != BASE_SCAN_BAD)
            return AUTH_TOKEN_FORBIDDEN;
    }
    if (members[TYP].kind != BASE_SCAN_BAD && members[TYP].kind != BASE_SCAN_STRING)
        return AUTH_TOKEN_TYP;
    token->kid = key_id(&members[KID], pool);
    return token->kid ? AUTH_TOKEN_GOOD : AUTH_TOKEN_KID;
}

auth_token_verdict_e auth_token_parse(auth_token_t *token, const char *text, apr_size_t len,
                                      apr_pool_t *pool)
{
    const char *end = text + len, *first, *second;
    const unsigned char *header, *payload;
    apr_size_t header_len, payload_len, signature_len;
    auth_token_verdict_e verdict;
    auth_token_t got = {NULL, NULL, 0};

    if (len > AUTH_TOKEN_MAX)
        return AUTH_TOKEN_TOO_LONG;
    first = memchr(text, '.', len);
    second = first ? memchr(first + 1, '.', (size_t)(end - first - 1)) : NULL;
    if (!second || first == text || second == first + 1 || second + 1 == end ||
        memchr(second + 1, '.', (size_t)(end - second - 1)))
        return AUTH_TOKEN_PARTS;
    header = base_hash_base64url_decode(&header_len, text, (apr_size_t)(first - text), pool);
    payload =
        base_hash_base64url_decode(&payload_len, first + 1, (apr_size_t)(second - first - 1), pool);
    if (!header || !payload ||
        !base_hash_base64url_decode(&signature_len, second + 1, (apr_size_t)(end - second - 1),
                                    pool))
        return AUTH_TOKEN_ENCODING;
    verdict = judge_header(&got, (const char *)header, header_len, pool);
    if (verdict != AUTH_TOKEN_GOOD)
        return verdict;
    got.payload = (const char *)payload;
    got.payload_len = payload_len;
    *token = got;
    return AUTH_TOKEN_GOOD;
}
