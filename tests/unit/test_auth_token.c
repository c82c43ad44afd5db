/* SPDX-License-Identifier: Apache-2.0 */
/* The shape of tokens: a table of headers, one of whole tokens. */
#include "auth/token.h"

#include <string.h>

#include <apr_strings.h>

#include "base/hash.h"
#include "unit.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define HEADER "{\"alg\":\"RS256\",\"kid\":\"k1\"}"
#define PAYLOAD "{\"sub\":\"s\"}"

static const char *encode(const char *bytes, apr_size_t len)
{
    return base_hash_base64url((const unsigned char *)bytes, len, unit_pool);
}

/* Text that may hold NUL, in base64url. */
typedef struct {
    const char *bytes;
    apr_size_t len;
} piece_t;

#define PIECE(literal)                                                                             \
    {                                                                                              \
        literal, sizeof(literal) - 1                                                               \
    }

static const char *join(const char *header, const char *payload, const char *signature)
{
    return apr_pstrcat(unit_pool, header, ".", payload, ".", signature, NULL);
}

static auth_token_verdict_e parse(auth_token_t *token, const char *text)
{
    return auth_token_parse(token, text, strlen(text), unit_pool);
}

static void is_verdict(const char *text, auth_token_verdict_e wanted, const char *what)
{
    auth_token_t token = {"untouched", NULL, 0};
    auth_token_verdict_e got = parse(&token, text);

    ck_assert_msg(got == wanted, "%s: %s, not %s", what, auth_token_word(got),
                  auth_token_word(wanted));
    ck_assert_msg(got == AUTH_TOKEN_GOOD || !strcmp(token.kid, "untouched"), "%s", what);
}

static void with_header(const piece_t *header, auth_token_verdict_e wanted)
{
    is_verdict(
        join(encode(header->bytes, header->len), encode(PAYLOAD, strlen(PAYLOAD)), "c2lnbmF0dXJl"),
        wanted, header->bytes);
}

START_TEST(what_a_good_one_says)
{
    auth_token_t token;
    const char *header = "{\"kid\":\"x+DEN/Iz\\u002bXz6o=\",\"typ\":\"JWT\",\"alg\":\"RS256\"}";
    const char *payload = " {\"sub\" : \"s\"}\n";
    const char *text = join(encode(header, strlen(header)), encode(payload, strlen(payload)), "AA");

    ck_assert_int_eq(parse(&token, text), AUTH_TOKEN_GOOD);
    ck_assert_str_eq(token.kid, "x+DEN/Iz+Xz6o=");
    ck_assert_uint_eq(token.payload_len, strlen(payload));
    ck_assert(!memcmp(token.payload, payload, token.payload_len));
    /* what stands behind len does not count */
    text = apr_pstrcat(unit_pool, text, ".junk", NULL);
    ck_assert_int_eq(auth_token_parse(&token, text, strlen(text) - 5, unit_pool), AUTH_TOKEN_GOOD);
}
END_TEST

START_TEST(good_headers)
{
    static const piece_t rows[] = {
        PIECE(HEADER),
        PIECE("{\"kid\":\"k1\",\"alg\":\"RS256\"}"),
        PIECE("{\"\\u0061lg\":\"RS\\u003256\",\"kid\":\"k1\"}"),
        PIECE("{\"alg\":\"RS256\",\"kid\":\"k1\",\"typ\":\"\"}"),
        PIECE("{\"alg\":\"RS256\",\"kid\":\"k1\",\"typ\":\"at+jwt\",\"foo\":[{\"crit\":1}]}"),
        PIECE("{\"alg\":\"RS256\",\"kid\":\"!~\"}"),
        PIECE("{\"alg\":\"RS256\",\"kid\":\"../../etc/passwd\"}"), /* a name like any other */
        PIECE("{\"alg\":\"RS256\",\"kid\":\"k1\",\"Crit\":[\"x\"]}"),
    };
    size_t i;

    for (i = 0; i < COUNT(rows); i++)
        with_header(&rows[i], AUTH_TOKEN_GOOD);
}
END_TEST

#define KID(text) PIECE("{\"alg\":\"RS256\",\"kid\":" text "}")
#define ALG(text) PIECE("{\"kid\":\"k1\",\"alg\":" text "}")
#define MORE(text) PIECE("{\"alg\":\"RS256\",\"kid\":\"k1\"," text "}")

START_TEST(bad_headers)
{
    static const struct {
        piece_t header;
        auth_token_verdict_e verdict;
    } rows[] = {
        {ALG("\"none\""), AUTH_TOKEN_ALG},
        {ALG("\"None\""), AUTH_TOKEN_ALG},
        {ALG("\"NONE\""), AUTH_TOKEN_ALG},
        {ALG("\"nOnE\""), AUTH_TOKEN_ALG},
        {ALG("\"\""), AUTH_TOKEN_ALG},
        {ALG("\"rs256\""), AUTH_TOKEN_ALG},
        {ALG("\"RS256 \""), AUTH_TOKEN_ALG},
        {ALG("\" RS256\""), AUTH_TOKEN_ALG},
        {ALG("\"RS256\\u0000\""), AUTH_TOKEN_HEADER},
        {ALG("\"RS2560\""), AUTH_TOKEN_ALG},
        {ALG("\"RS25\""), AUTH_TOKEN_ALG},
        {ALG("\"RS384\""), AUTH_TOKEN_ALG},
        {ALG("\"RS512\""), AUTH_TOKEN_ALG},
        {ALG("\"RS1\""), AUTH_TOKEN_ALG},
        {ALG("\"PS256\""), AUTH_TOKEN_ALG},
        {ALG("\"PS384\""), AUTH_TOKEN_ALG},
        {ALG("\"PS512\""), AUTH_TOKEN_ALG},
        {ALG("\"ES256\""), AUTH_TOKEN_ALG},
        {ALG("\"ES384\""), AUTH_TOKEN_ALG},
        {ALG("\"ES512\""), AUTH_TOKEN_ALG},
        {ALG("\"ES256K\""), AUTH_TOKEN_ALG},
        {ALG("\"EdDSA\""), AUTH_TOKEN_ALG},
        {ALG("\"HS256\""), AUTH_TOKEN_ALG},
        {ALG("\"HS384\""), AUTH_TOKEN_ALG},
        {ALG("\"HS512\""), AUTH_TOKEN_ALG},
        {ALG("\"RSA-OAEP\""), AUTH_TOKEN_ALG},
        {ALG("\"dir\""), AUTH_TOKEN_ALG},
        {ALG("null"), AUTH_TOKEN_ALG},
        {ALG("256"), AUTH_TOKEN_ALG},
        {ALG("true"), AUTH_TOKEN_ALG},
        {ALG("[\"RS256\"]"), AUTH_TOKEN_ALG},
        {ALG("{\"RS256\":1}"), AUTH_TOKEN_ALG},
        {PIECE("{\"kid\":\"k1\"}"), AUTH_TOKEN_ALG},
        {PIECE("{\"kid\":\"k1\",\"ALG\":\"RS256\"}"), AUTH_TOKEN_ALG},
        {PIECE("{\"alg\":\"RS256\"}"), AUTH_TOKEN_KID},
        {KID("\"\""), AUTH_TOKEN_KID},
        {KID("null"), AUTH_TOKEN_KID},
        {KID("1"), AUTH_TOKEN_KID},
        {KID("true"), AUTH_TOKEN_KID},
        {KID("[\"k1\"]"), AUTH_TOKEN_KID},
        {KID("{}"), AUTH_TOKEN_KID},
        {KID("\"k 1\""), AUTH_TOKEN_KID},
        {KID("\" k1\""), AUTH_TOKEN_KID},
        {KID("\"k1\\n\""), AUTH_TOKEN_KID},
        {KID("\"k1\\r\\nX: y\""), AUTH_TOKEN_KID},
        {KID("\"k1\\u0000\""), AUTH_TOKEN_HEADER},
        {KID("\"k1\\u007f\""), AUTH_TOKEN_KID},
        {KID("\"k1\\u001b[31m\""), AUTH_TOKEN_KID},
        {KID("\"k\xc3\xa4\""), AUTH_TOKEN_KID},
        {KID("\"' OR '1'='1\""), AUTH_TOKEN_KID},
        {MORE("\"crit\":[\"exp\"]"), AUTH_TOKEN_FORBIDDEN},
        {MORE("\"crit\":[]"), AUTH_TOKEN_FORBIDDEN},
        {MORE("\"crit\":null"), AUTH_TOKEN_FORBIDDEN},
        {MORE("\"cr\\u0069t\":[\"b64\"]"), AUTH_TOKEN_FORBIDDEN},
        {MORE("\"jwk\":{\"kty\":\"RSA\"}"), AUTH_TOKEN_FORBIDDEN},
        {MORE("\"jku\":\"https://evil.example/jwks\""), AUTH_TOKEN_FORBIDDEN},
        {MORE("\"x5u\":\"https://evil.example/x\""), AUTH_TOKEN_FORBIDDEN},
        {MORE("\"x5c\":[\"MII\"]"), AUTH_TOKEN_FORBIDDEN},
        {MORE("\"x5t\":\"abc\""), AUTH_TOKEN_FORBIDDEN},
        {MORE("\"x5t#S256\":\"abc\""), AUTH_TOKEN_FORBIDDEN},
        {MORE("\"b64\":false"), AUTH_TOKEN_FORBIDDEN},
        {MORE("\"typ\":1"), AUTH_TOKEN_TYP},
        {MORE("\"typ\":null"), AUTH_TOKEN_TYP},
        {MORE("\"typ\":[\"JWT\"]"), AUTH_TOKEN_TYP},
        {MORE("\"alg\":\"RS256\""), AUTH_TOKEN_HEADER},
        {MORE("\"alg\":\"none\""), AUTH_TOKEN_HEADER},
        {MORE("\"kid\":\"k2\""), AUTH_TOKEN_HEADER},
        {MORE("\"k\\u0069d\":\"k2\""), AUTH_TOKEN_HEADER},
        {MORE("\"x\":1,\"x\":1"), AUTH_TOKEN_HEADER},
        {MORE("\"x\":NaN"), AUTH_TOKEN_HEADER},
        {MORE("\"x\":\"\\u0000\""), AUTH_TOKEN_HEADER},
        {MORE("\"x\":1e999"), AUTH_TOKEN_HEADER},
        {MORE(""), AUTH_TOKEN_HEADER},
        {PIECE("[\"RS256\",\"k1\"]"), AUTH_TOKEN_HEADER},
        {PIECE("\"RS256\""), AUTH_TOKEN_HEADER},
        {PIECE("null"), AUTH_TOKEN_HEADER},
        {PIECE("{}x"), AUTH_TOKEN_HEADER},
        {PIECE("{'alg':'RS256','kid':'k1'}"), AUTH_TOKEN_HEADER},
        {PIECE(HEADER HEADER), AUTH_TOKEN_HEADER},
        {PIECE(HEADER "\0"), AUTH_TOKEN_HEADER},
        {PIECE("\xef\xbb\xbf" HEADER), AUTH_TOKEN_HEADER},
        {PIECE("{\"alg\":\"RS256\",\"kid\":\"k1\",\"x\":\"\xc0\xaf\"}"), AUTH_TOKEN_HEADER},
        {PIECE("{\"alg\":\"RS256\",\"kid\":\"k1\""), AUTH_TOKEN_HEADER},
    };
    size_t i;

    for (i = 0; i < COUNT(rows); i++)
        with_header(&rows[i].header, rows[i].verdict);
}
END_TEST

START_TEST(length_of_a_key_id)
{
    const char *ids[] = {unit_repeat('k', AUTH_TOKEN_KID_MAX),
                         unit_repeat('k', AUTH_TOKEN_KID_MAX + 1)};
    piece_t piece;
    int i;

    for (i = 0; i < 2; i++) {
        piece.bytes = apr_psprintf(unit_pool, "{\"alg\":\"RS256\",\"kid\":\"%s\"}", ids[i]);
        piece.len = strlen(piece.bytes);
        with_header(&piece, i ? AUTH_TOKEN_KID : AUTH_TOKEN_GOOD);
    }
}
END_TEST

/* It is read once, with its claims. */
START_TEST(any_payload)
{
    static const piece_t rows[] = {PIECE("[]"), PIECE("junk"), PIECE("\0")};
    size_t i;

    for (i = 0; i < COUNT(rows); i++)
        is_verdict(join(encode(HEADER, strlen(HEADER)), encode(rows[i].bytes, rows[i].len), "AA"),
                   AUTH_TOKEN_GOOD, rows[i].bytes);
}
END_TEST

START_TEST(whole_tokens)
{
    const char *header = encode(HEADER, strlen(HEADER)),
               *payload = encode(PAYLOAD, strlen(PAYLOAD));
    const char *good = join(header, payload, "c2ln");
    const int room = AUTH_TOKEN_MAX - (int)strlen(join(header, payload, ""));
    const struct {
        const char *text;
        auth_token_verdict_e verdict;
    } rows[] = {
        {good, AUTH_TOKEN_GOOD},
        {"", AUTH_TOKEN_PARTS},
        {".", AUTH_TOKEN_PARTS},
        {"..", AUTH_TOKEN_PARTS},
        {"...", AUTH_TOKEN_PARTS},
        {"junk", AUTH_TOKEN_PARTS},
        {header, AUTH_TOKEN_PARTS},
        {apr_pstrcat(unit_pool, header, ".", payload, NULL), AUTH_TOKEN_PARTS},
        {join(header, payload, ""), AUTH_TOKEN_PARTS},
        {join("", payload, "c2ln"), AUTH_TOKEN_PARTS},
        {join(header, "", "c2ln"), AUTH_TOKEN_PARTS},
        {join(good, "", ""), AUTH_TOKEN_PARTS},
        {apr_pstrcat(unit_pool, good, ".", NULL), AUTH_TOKEN_PARTS},
        {apr_pstrcat(unit_pool, good, ".AA", NULL), AUTH_TOKEN_PARTS},
        {apr_pstrcat(unit_pool, good, ".AA.AA", NULL), AUTH_TOKEN_PARTS}, /* JWE's five */
        {apr_pstrcat(unit_pool, ".", good, NULL), AUTH_TOKEN_PARTS},
        {apr_pstrcat(unit_pool, good, ", Bearer ", good, NULL), AUTH_TOKEN_PARTS},
        {apr_pstrcat(unit_pool, good, ", ", NULL), AUTH_TOKEN_ENCODING},
        {apr_pstrcat(unit_pool, good, " ", NULL), AUTH_TOKEN_ENCODING},
        {apr_pstrcat(unit_pool, "\"", good, "\"", NULL), AUTH_TOKEN_ENCODING},
        {join(header, payload, "c2ln=="), AUTH_TOKEN_ENCODING},
        {join(header, payload, "c2l+"), AUTH_TOKEN_ENCODING},
        {join(header, payload, "c2l/"), AUTH_TOKEN_ENCODING},
        {join(header, payload, "c2lnA"), AUTH_TOKEN_ENCODING}, /* 5 characters are no bytes */
        {join(header, payload, "AB"), AUTH_TOKEN_ENCODING},    /* a second spelling of AA */
        {join(header, payload, "c2\xc3\xa4n"), AUTH_TOKEN_ENCODING},
        {join(header, payload, "c2%6Cn"), AUTH_TOKEN_ENCODING},
        {join(apr_pstrcat(unit_pool, header, "=", NULL), payload, "c2ln"), AUTH_TOKEN_ENCODING},
        {join(header, apr_pstrcat(unit_pool, payload, "=", NULL), "c2ln"), AUTH_TOKEN_ENCODING},
        {join(header, apr_pstrcat(unit_pool, payload, "\n", NULL), "c2ln"), AUTH_TOKEN_ENCODING},
        {join(HEADER, payload, "c2ln"), AUTH_TOKEN_ENCODING}, /* not encoded at all */
        {join(header, PAYLOAD, "c2ln"), AUTH_TOKEN_ENCODING},
        {join(payload, header, "c2ln"), AUTH_TOKEN_ALG},
        {join(header, payload, unit_repeat('A', room / 4 * 4)), AUTH_TOKEN_GOOD},
        {join(header, payload, unit_repeat('A', room + 1)), AUTH_TOKEN_TOO_LONG},
        {unit_repeat('.', AUTH_TOKEN_MAX + 1), AUTH_TOKEN_TOO_LONG},
    };
    size_t i;

    for (i = 0; i < COUNT(rows); i++)
        is_verdict(rows[i].text, rows[i].verdict, rows[i].text);
}
END_TEST

START_TEST(members_are_found)
{
    auth_token_member_t members[] = {{.name = "a"}, {.name = "b"}, {.name = "c"}, {.name = "d"}};
    const char *text = "{\"x\":1,\"b\":\"q\\u0041\",\"a\":[1, 2],\"\\u0063\":-1.5e3}";
    apr_size_t len = 0;

    ck_assert(auth_token_read(members, 4, text, strlen(text), unit_pool));
    ck_assert_int_eq(members[0].kind, BASE_SCAN_ARRAY);
    ck_assert(!strncmp(members[0].value.ptr, "[1, 2]", members[0].value.len));
    ck_assert_int_eq(members[1].kind, BASE_SCAN_STRING);
    ck_assert(!strncmp(auth_token_string(&len, &members[1], unit_pool), "qA", 2) && len == 2);
    ck_assert_int_eq(members[2].kind, BASE_SCAN_NUMBER);
    ck_assert_ptr_null(auth_token_string(&len, &members[2], unit_pool));
    ck_assert_int_eq(members[3].kind, BASE_SCAN_BAD);
    /* nothing of a former object stays */
    ck_assert(auth_token_read(members, 4, "{}", 2, unit_pool));
    ck_assert_int_eq(members[0].kind, BASE_SCAN_BAD);
    ck_assert(!auth_token_read(members, 4, NULL, 0, unit_pool));
}
END_TEST

START_TEST(every_verdict_has_its_words)
{
    auth_token_verdict_e a, b;

    for (a = AUTH_TOKEN_GOOD; a <= AUTH_TOKEN_FORBIDDEN; a++)
        for (b = AUTH_TOKEN_GOOD; b < a; b++)
            ck_assert_str_ne(auth_token_word(a), auth_token_word(b));
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("auth/token");
    TCase *tcase = unit_case(suite, "tokens");

    tcase_add_test(tcase, what_a_good_one_says);
    tcase_add_test(tcase, good_headers);
    tcase_add_test(tcase, bad_headers);
    tcase_add_test(tcase, length_of_a_key_id);
    tcase_add_test(tcase, any_payload);
    tcase_add_test(tcase, whole_tokens);
    tcase_add_test(tcase, members_are_found);
    tcase_add_test(tcase, every_verdict_has_its_words);
    return suite;
}
