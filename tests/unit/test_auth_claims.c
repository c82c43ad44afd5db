/* SPDX-License-Identifier: Apache-2.0 */
/* Claims: a payload is made of pieces, and each row puts another text in the place of one. */
#include "auth/claims.h"

#include <string.h>

#include <apr_strings.h>

#include "unit.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define NOW 1700000000
#define ISSUER "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_ABC"

static const struct {
    const char *name;
    const char *value;
} usual[] = {
    {"iss", "\"" ISSUER "\""},
    {"client_id", "\"client-one\""},
    {"token_use", "\"access\""},
    {"exp", "1700000001"},
    {"iat", "1700000000"},
    {"sub", "\"user-1\""},
    {"scope", "\"items/read items/write\""},
};

static const apr_array_header_t *words(const char *text)
{
    apr_array_header_t *all = apr_array_make(unit_pool, 2, sizeof(const char *));
    char *rest = apr_pstrdup(unit_pool, text), *word;

    while ((word = apr_strtok(rest, " ", &rest)))
        APR_ARRAY_PUSH(all, const char *) = word;
    return all;
}

/* The usual payload with `name` as `value`, JSON; NULL leaves it out. */
static const char *payload_with(const char *name, const char *value)
{
    const char *text = "{", *comma = "";
    int is_new = 1;
    size_t i;

    for (i = 0; i < COUNT(usual); i++) {
        const int is_it = !strcmp(usual[i].name, name);
        const char *say = is_it ? value : usual[i].value;

        is_new = is_new && !is_it;
        if (say) {
            text = apr_pstrcat(unit_pool, text, comma, "\"", usual[i].name, "\":", say, NULL);
            comma = ",";
        }
    }
    if (is_new && value)
        text = apr_pstrcat(unit_pool, text, comma, "\"", name, "\":", value, NULL);
    return apr_pstrcat(unit_pool, text, "}", NULL);
}

static auth_claims_verdict_e judge_bytes(auth_claims_t *claims, const char *payload, size_t len)
{
    const auth_claims_rules_t rules = {ISSUER, words("client-one client-two https://api.example"),
                                       apr_time_from_sec(NOW) + 999999};

    return auth_claims_judge(claims, payload, len, &rules, unit_pool);
}

static auth_claims_verdict_e judge(auth_claims_t *claims, const char *payload)
{
    return judge_bytes(claims, payload, strlen(payload));
}

typedef struct {
    const char *name;
    const char *value;
    auth_claims_verdict_e verdict;
} row_t;

static void walk(const row_t *rows, size_t count)
{
    size_t i;

    for (i = 0; i < count; i++) {
        const char *payload = payload_with(rows[i].name, rows[i].value);
        auth_claims_t claims = {.sub = "untouched"};
        auth_claims_verdict_e got = judge(&claims, payload);

        ck_assert_msg(got == rows[i].verdict, "%s: %s, not %s", payload, auth_claims_word(got),
                      auth_claims_word(rows[i].verdict));
        ck_assert(!got || !strcmp(claims.sub, "untouched"));
    }
}

START_TEST(what_a_good_one_says)
{
    auth_claims_t claims;

    ck_assert_int_eq(judge(&claims, payload_with("x", NULL)), AUTH_CLAIMS_GOOD);
    ck_assert_str_eq(claims.sub, "user-1");
    ck_assert_int_eq(claims.expires, NOW + 1);
    ck_assert_int_eq(claims.scope.kind, BASE_SCAN_STRING);
    ck_assert_int_eq(claims.scp.kind, BASE_SCAN_BAD);
    ck_assert(!claims.is_bound);
}
END_TEST

START_TEST(bound_to_a_connection)
{
    static const char *const values[] = {"{\"x5t#S256\":\"AAAA\"}", "{}", "\"\"", "null"};
    auth_claims_t claims;
    size_t i;

    for (i = 0; i < COUNT(values); i++) {
        ck_assert_int_eq(judge(&claims, payload_with("cnf", values[i])), AUTH_CLAIMS_GOOD);
        ck_assert(claims.is_bound);
    }
}
END_TEST

#define GOOD AUTH_CLAIMS_GOOD

START_TEST(issuer)
{
    static const row_t rows[] = {
        {"iss", "\"https:\\/\\/cognito-idp.eu-central-1.amazonaws.com\\/eu-central-1_ABC\"", GOOD},
        {"iss", NULL, AUTH_CLAIMS_ISSUER},
        {"iss", "\"" ISSUER "/\"", AUTH_CLAIMS_ISSUER},
        {"iss", "\"" ISSUER " \"", AUTH_CLAIMS_ISSUER},
        {"iss", "\" " ISSUER "\"", AUTH_CLAIMS_ISSUER},
        {"iss", "\"" ISSUER "\\u0000\"", AUTH_CLAIMS_ISSUER},
        {"iss", "\"" ISSUER "D\"", AUTH_CLAIMS_ISSUER},
        {"iss", "\"https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_AB\"",
         AUTH_CLAIMS_ISSUER},
        {"iss", "\"https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_abc\"",
         AUTH_CLAIMS_ISSUER},
        {"iss", "\"http://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_ABC\"",
         AUTH_CLAIMS_ISSUER},
        {"iss", "\"HTTPS://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_ABC\"",
         AUTH_CLAIMS_ISSUER},
        {"iss", "\"https://evil.example/" ISSUER "\"", AUTH_CLAIMS_ISSUER},
        {"iss", "\"\"", AUTH_CLAIMS_ISSUER},
        {"iss", "null", AUTH_CLAIMS_ISSUER},
        {"iss", "0", AUTH_CLAIMS_ISSUER},
        {"iss", "true", AUTH_CLAIMS_ISSUER},
        {"iss", "[\"" ISSUER "\"]", AUTH_CLAIMS_ISSUER},
        {"iss", "{\"" ISSUER "\":1}", AUTH_CLAIMS_ISSUER},
        {"iss", "\"x\",\"ISS\":\"" ISSUER "\"", AUTH_CLAIMS_ISSUER},
        {"iss", "\"x\",\"iss\":\"" ISSUER "\"", AUTH_CLAIMS_PAYLOAD},
        {"iss", "\"" ISSUER "\",\"iss\":\"x\"", AUTH_CLAIMS_PAYLOAD},
        {"iss", "\"" ISSUER "\",\"\\u0069ss\":\"x\"", AUTH_CLAIMS_PAYLOAD},
    };

    walk(rows, COUNT(rows));
}
END_TEST

START_TEST(client)
{
    static const row_t rows[] = {
        {"client_id", "\"client-two\"", GOOD},
        {"client_id", NULL, AUTH_CLAIMS_CLIENT},
        {"client_id", "\"client-three\"", AUTH_CLAIMS_CLIENT},
        {"client_id", "\"client-on\"", AUTH_CLAIMS_CLIENT},
        {"client_id", "\"client-one1\"", AUTH_CLAIMS_CLIENT},
        {"client_id", "\"client -one\"", AUTH_CLAIMS_CLIENT},
        {"client_id", "\"client-one \"", AUTH_CLAIMS_CLIENT},
        {"client_id", "\"Client-One\"", AUTH_CLAIMS_CLIENT},
        {"client_id", "\"client-one client-two\"", AUTH_CLAIMS_CLIENT},
        {"client_id", "\"client-one\\u0000\"", AUTH_CLAIMS_CLIENT},
        {"client_id", "\"\"", AUTH_CLAIMS_CLIENT},
        {"client_id", "\"*\"", AUTH_CLAIMS_CLIENT},
        {"client_id", "0", AUTH_CLAIMS_CLIENT},
        {"client_id", "-0.0", AUTH_CLAIMS_CLIENT},
        {"client_id", "null", AUTH_CLAIMS_CLIENT},
        {"client_id", "true", AUTH_CLAIMS_CLIENT},
        {"client_id", "[\"client-one\"]", AUTH_CLAIMS_CLIENT},
        {"client_id", "{\"client-one\":1}", AUTH_CLAIMS_CLIENT},
        /* what the token is for */
        {"aud", "\"https://api.example\"", GOOD},
        {"aud", "\"client-one\"", GOOD},
        {"aud", "[\"https://other.example\",\"https:\\/\\/api.example\"]", GOOD},
        {"aud", "[\"client-one\",\"https://other.example\"]", GOOD},
        {"aud", "\"https://other.example\"", AUTH_CLAIMS_CLIENT},
        {"aud", "\"\"", AUTH_CLAIMS_CLIENT},
        {"aud", "null", AUTH_CLAIMS_CLIENT},
        {"aud", "0", AUTH_CLAIMS_CLIENT},
        {"aud", "[]", AUTH_CLAIMS_CLIENT},
        {"aud", "[\"https://other.example\"]", AUTH_CLAIMS_CLIENT},
        {"aud", "[\"client-one\",1]", AUTH_CLAIMS_CLIENT},
        {"aud", "[1,\"client-one\"]", AUTH_CLAIMS_CLIENT},
        {"aud", "[[\"client-one\"]]", AUTH_CLAIMS_CLIENT},
        {"aud", "{\"client-one\":\"client-one\"}", AUTH_CLAIMS_CLIENT},
        /* aud alone will do, but does not excuse another client */
        {"client_id", "\"x\",\"aud\":\"client-one\"", AUTH_CLAIMS_CLIENT},
        {"client_id", "1,\"aud\":\"client-one\"", AUTH_CLAIMS_CLIENT},
    };
    const char *text = apr_pstrcat(unit_pool, "{\"aud\":\"client-two\",",
                                   payload_with("client_id", NULL) + 1, NULL);
    auth_claims_t claims;

    walk(rows, COUNT(rows));
    ck_assert_int_eq(judge(&claims, text), AUTH_CLAIMS_GOOD);
}
END_TEST

START_TEST(use_and_subject)
{
    static const row_t rows[] = {
        {"token_use", NULL, AUTH_CLAIMS_USE},
        {"token_use", "\"id\"", AUTH_CLAIMS_USE},
        {"token_use", "\"refresh\"", AUTH_CLAIMS_USE},
        {"token_use", "\"Access\"", AUTH_CLAIMS_USE},
        {"token_use", "\"access \"", AUTH_CLAIMS_USE},
        {"token_use", "\"acces\"", AUTH_CLAIMS_USE},
        {"token_use", "\"\"", AUTH_CLAIMS_USE},
        {"token_use", "null", AUTH_CLAIMS_USE},
        {"token_use", "0", AUTH_CLAIMS_USE},
        {"token_use", "[\"access\"]", AUTH_CLAIMS_USE},
        {"token_use", "\"acce\\u0073s\"", GOOD},
        {"sub", "\"\xc3\xa4 b\"", GOOD},
        {"sub", NULL, AUTH_CLAIMS_SUBJECT},
        {"sub", "\"\"", AUTH_CLAIMS_SUBJECT},
        {"sub", "null", AUTH_CLAIMS_SUBJECT},
        {"sub", "1", AUTH_CLAIMS_SUBJECT},
        {"sub", "true", AUTH_CLAIMS_SUBJECT},
        {"sub", "[\"user-1\"]", AUTH_CLAIMS_SUBJECT},
        {"sub", "{\"user-1\":1}", AUTH_CLAIMS_SUBJECT},
        {"sub", "\"user\\u0000-1\"", AUTH_CLAIMS_SUBJECT},
        {"sub", "\"\\u0000\"", AUTH_CLAIMS_SUBJECT},
        {"sub", "\"user\\r\\n-1\"", AUTH_CLAIMS_SUBJECT},
        {"sub", "\"user\\u007f\"", AUTH_CLAIMS_SUBJECT},
    };
    char *longest = apr_palloc(unit_pool, AUTH_CLAIMS_SUB_MAX + 4);
    auth_claims_t claims;

    walk(rows, COUNT(rows));
    memset(longest, 'u', AUTH_CLAIMS_SUB_MAX + 3);
    longest[0] = longest[AUTH_CLAIMS_SUB_MAX + 1] = '"';
    longest[AUTH_CLAIMS_SUB_MAX + 2] = '\0';
    ck_assert_int_eq(judge(&claims, payload_with("sub", longest)), AUTH_CLAIMS_GOOD);
    ck_assert_uint_eq(strlen(claims.sub), AUTH_CLAIMS_SUB_MAX);
    longest[AUTH_CLAIMS_SUB_MAX + 1] = 'u';
    longest[AUTH_CLAIMS_SUB_MAX + 2] = '"';
    longest[AUTH_CLAIMS_SUB_MAX + 3] = '\0';
    ck_assert_int_eq(judge(&claims, payload_with("sub", longest)), AUTH_CLAIMS_SUBJECT);
}
END_TEST

START_TEST(times)
{
    static const row_t rows[] = {
        {"exp", "1700000002", GOOD},
        {"exp", "999999999999999999", GOOD},
        {"exp", "1700000000", AUTH_CLAIMS_EXPIRED}, /* "on or after" */
        {"exp", "1699999999", AUTH_CLAIMS_EXPIRED},
        {"exp", "0", AUTH_CLAIMS_EXPIRED},
        {"exp", NULL, AUTH_CLAIMS_EXPIRY},
        {"exp", "-1", AUTH_CLAIMS_EXPIRY},
        {"exp", "-0", AUTH_CLAIMS_EXPIRY},
        {"exp", "1700000001.5", AUTH_CLAIMS_EXPIRY},
        {"exp", "1700000001.0", AUTH_CLAIMS_EXPIRY},
        {"exp", "1.8e9", AUTH_CLAIMS_EXPIRY},
        {"exp", "1e300", AUTH_CLAIMS_EXPIRY},
        {"exp", "1E10", AUTH_CLAIMS_EXPIRY},
        {"exp", "9999999999999999999", AUTH_CLAIMS_EXPIRY},
        {"exp", "99999999999999999999999999999999", AUTH_CLAIMS_EXPIRY},
        {"exp", "\"1700000001\"", AUTH_CLAIMS_EXPIRY},
        {"exp", "\"never\"", AUTH_CLAIMS_EXPIRY},
        {"exp", "null", AUTH_CLAIMS_EXPIRY},
        {"exp", "true", AUTH_CLAIMS_EXPIRY},
        {"exp", "[1700000001]", AUTH_CLAIMS_EXPIRY},
        {"exp", "{}", AUTH_CLAIMS_EXPIRY},
        {"exp", "1700000001,\"exp\":1", AUTH_CLAIMS_PAYLOAD},
        {"nbf", "1700000000", GOOD},
        {"nbf", "0", GOOD},
        {"nbf", "1700000001", AUTH_CLAIMS_NOT_BEFORE},
        {"nbf", "1800000000", AUTH_CLAIMS_NOT_BEFORE},
        {"nbf", "-1", AUTH_CLAIMS_NOT_BEFORE},
        {"nbf", "1.5", AUTH_CLAIMS_NOT_BEFORE},
        {"nbf", "1e9", AUTH_CLAIMS_NOT_BEFORE},
        {"nbf", "1e10", AUTH_CLAIMS_NOT_BEFORE},
        {"nbf", "\"0\"", AUTH_CLAIMS_NOT_BEFORE},
        {"nbf", "null", AUTH_CLAIMS_NOT_BEFORE},
        {"nbf", "false", AUTH_CLAIMS_NOT_BEFORE},
        {"nbf", "[]", AUTH_CLAIMS_NOT_BEFORE},
        {"iat", NULL, GOOD},
        {"iat", "1", GOOD},
        {"iat", "1700000001", AUTH_CLAIMS_ISSUED},
        {"iat", "9999999999", AUTH_CLAIMS_ISSUED},
        {"iat", "-5", AUTH_CLAIMS_ISSUED},
        {"iat", "1699999999.9", AUTH_CLAIMS_ISSUED},
        {"iat", "1e9", AUTH_CLAIMS_ISSUED},
        {"iat", "\"1700000000\"", AUTH_CLAIMS_ISSUED},
        {"iat", "null", AUTH_CLAIMS_ISSUED},
        {"iat", "{\"a\":1}", AUTH_CLAIMS_ISSUED},
        {"auth_time", "9999999999", GOOD}, /* says nothing that is asked for */
    };

    walk(rows, COUNT(rows));
}
END_TEST

/* Text that may hold NUL. */
typedef struct {
    const char *bytes;
    apr_size_t len;
} piece_t;

#define PIECE(literal)                                                                             \
    {                                                                                              \
        literal, sizeof(literal) - 1                                                               \
    }

/* One that is read says that there is no issuer. */
static void is_payload(const piece_t *payload, int wanted)
{
    auth_claims_t claims;

    ck_assert_msg(judge_bytes(&claims, payload->bytes, payload->len) ==
                      (wanted ? AUTH_CLAIMS_ISSUER : AUTH_CLAIMS_PAYLOAD),
                  "%s", payload->bytes);
}

START_TEST(payloads)
{
    static const piece_t good[] = {PIECE("{}"), PIECE("{\"sub\":\"s\"}"),
                                   PIECE("{\"a\":{\"b\":1,\"b\":2}}"), /* nobody reads inner ones */
                                   PIECE("{\"a\":1,\"A\":1}")};
    static const piece_t bad[] = {
        PIECE("[]"),
        PIECE("1"),
        PIECE("null"),
        PIECE("\"x\""),
        PIECE("junk"),
        PIECE("{"),
        PIECE("{\"a\":1,}"),
        PIECE("{\"a\":1}}"),
        PIECE("{\"a\":1}\0"),
        PIECE("{a:1}"),
        PIECE("{\"a\":01}"),
        PIECE("{\"a\":Infinity}"),
        PIECE("{\"a\":\"\x80\"}"),
        PIECE("{\"a\":\"\xed\xa0\x80\"}"),
        PIECE("{\"a\":\"\n\"}"),
        PIECE("\xef\xbb\xbf{}"),
        PIECE("{\"a\":1,\"a\":1}"),
        PIECE("{\"sub\":\"a\",\"s\\u0075b\":\"b\"}"),
        PIECE("{\"\":1,\"\":2}"),
        PIECE("eyJhIjoxfQ"),
        PIECE("{\"a\":\"\\ud800\"}"),
        PIECE(" "),
    };
    size_t i;

    for (i = 0; i < COUNT(good); i++)
        is_payload(&good[i], 1);
    for (i = 0; i < COUNT(bad); i++)
        is_payload(&bad[i], 0);
}
END_TEST

START_TEST(what_not_every_parser_reads)
{
    static const row_t rows[] = {
        {"a", "[9223372036854775807,-9223372036854775807,0]", GOOD},
        {"a", "1e99,\"b\":-1.5E-99,\"c\":0.1e+9", GOOD},
        {"a", "\"99999999999999999999\",\"1e999\":1", GOOD},
        {"a", "\"\\\\u0000\\\\\"", GOOD},
        {"a", "\"\\\"1e999\"", GOOD},
        {"a", "9223372036854775808", AUTH_CLAIMS_PAYLOAD},
        {"a", "[{\"b\":-9223372036854775809}]", AUTH_CLAIMS_PAYLOAD},
        {"a", "10000000000000000000", AUTH_CLAIMS_PAYLOAD},
        {"a", "1e100", AUTH_CLAIMS_PAYLOAD},
        {"a", "1E+999", AUTH_CLAIMS_PAYLOAD},
        {"a", "1.5e-400", AUTH_CLAIMS_PAYLOAD},
        {"a", "99999999999999999999999999999999999999999999999999999999999999999.5",
         AUTH_CLAIMS_PAYLOAD},
        {"a", "\"\\u0000\"", AUTH_CLAIMS_PAYLOAD},
        {"a", "{\"b\\u0000\":[\"x\"]}", AUTH_CLAIMS_PAYLOAD},
        {"a", "\"\\\\\\u0000\"", AUTH_CLAIMS_PAYLOAD},
        {"scope", "\"items/read\\u0000\"", AUTH_CLAIMS_PAYLOAD},
    };

    walk(rows, COUNT(rows));
}
END_TEST

static const char *many_members(int count)
{
    const char *text = "\"m\":0";
    int i;

    for (i = 1; i < count; i++)
        text = apr_psprintf(unit_pool, "%s,\"m%d\":0", text, i);
    return text;
}

START_TEST(ceilings)
{
    const char *members = many_members(AUTH_TOKEN_MEMBER_MAX);
    piece_t piece;
    int i, depth;

    for (i = 0; i < 2; i++) {
        piece.bytes = apr_pstrcat(unit_pool, i ? "{\"one\":0," : "{", members, "}", NULL);
        piece.len = strlen(piece.bytes);
        is_payload(&piece, !i);
        depth = AUTH_TOKEN_DEPTH_MAX - 1 + i;
        piece.bytes = apr_pstrcat(unit_pool, "{\"a\":", unit_repeat('[', depth),
                                  unit_repeat(']', depth), "}", NULL);
        piece.len = strlen(piece.bytes);
        is_payload(&piece, !i);
    }
    piece.bytes = unit_repeat('[', 5000);
    piece.len = strlen(piece.bytes);
    is_payload(&piece, 0);
}
END_TEST

START_TEST(no_object)
{
    static const char *const texts[] = {"", "[]", "null", "\"x\"", "{", "{}{}", "\xef\xbb\xbf{}"};
    auth_claims_t claims;
    size_t i;

    for (i = 0; i < COUNT(texts); i++)
        ck_assert_int_eq(judge(&claims, texts[i]), AUTH_CLAIMS_PAYLOAD);
    ck_assert_int_eq(judge(&claims, "{}"), AUTH_CLAIMS_ISSUER);
}
END_TEST

START_TEST(scopes)
{
    static const struct {
        const char *name;
        const char *value;
        const char *wanted;
        int has;
    } rows[] = {
        {"scope", "\"items/read\"", "items/read", 1},
        {"scope", "\"items/read items/write\"", "items/write", 1},
        {"scope", "\"a items/read b\"", "items/read", 1},
        {"scope", "\"  items/read  \"", "items/read", 1},
        {"scope", "\"items\\/read\"", "items/read", 1},
        {"scope", "\"a b\"", "x b", 1}, /* one of them will do */
        {"scope", NULL, "items/read", 0},
        {"scope", "\"\"", "items/read", 0},
        {"scope", "\" \"", "items/read", 0},
        {"scope", "\"items/reader\"", "items/read", 0},
        {"scope", "\"items/rea\"", "items/read", 0},
        {"scope", "\"xitems/read\"", "items/read", 0},
        {"scope", "\"Items/Read\"", "items/read", 0},
        {"scope", "\"items/read,items/write\"", "items/read", 0},
        {"scope", "\"items/read\\titems/write\"", "items/read", 0},
        {"scope", "\"items/read\\nx\"", "items/read", 0},
        {"scope", "\"items/read\\u00a0x\"", "items/read", 0},
        {"scope", "\"items/*\"", "items/read", 0},
        {"scope", "\"items /read\"", "items/read", 0},
        {"scope", "[\"items/read\"]", "items/read", 0}, /* RFC 9068: a string */
        {"scope", "{\"items/read\":1}", "items/read", 0},
        {"scope", "true", "items/read", 0},
        {"scope", "null", "items/read", 0},
        {"scp", "\"x items/admin\"", "items/admin", 1},
        {"scp", "[\"x\",\"items/admin\"]", "items/admin", 1},
        {"scp", "[\"items\\u002fadmin\"]", "items/admin", 1},
        {"scp", "[]", "items/admin", 0},
        {"scp", "[\"x items/admin\"]", "items/admin", 0}, /* an element is one scope */
        {"scp", "[\"items/admin\",1]", "items/admin", 0},
        {"scp", "[null,\"items/admin\"]", "items/admin", 0},
        {"scp", "[[\"items/admin\"]]", "items/admin", 0},
        {"scp", "{\"items/admin\":true}", "items/admin", 0},
        {"scp", "1", "items/admin", 0},
        {"scopes", "\"items/admin\"", "items/admin", 0},
        {"SCOPE", "\"items/admin\"", "items/admin", 0},
        {"x", NULL, "", 0},
    };
    size_t i;

    for (i = 0; i < COUNT(rows); i++) {
        const char *payload = payload_with(rows[i].name, rows[i].value);
        auth_claims_t claims;

        ck_assert_int_eq(judge(&claims, payload), AUTH_CLAIMS_GOOD);
        ck_assert_msg(auth_claims_has_scope(&claims, words(rows[i].wanted), unit_pool) ==
                          rows[i].has,
                      "%s: %s", payload, rows[i].wanted);
    }
}
END_TEST

START_TEST(scopes_in_a_text)
{
    static const struct {
        const char *text;
        const char *wanted;
        int has;
    } rows[] = {
        {"items/read", "items/read", 1},
        {"a items/read b", "items/read", 1},
        {"  items/read ", "items/read", 1},
        {"a b", "x b", 1},
        {"", "items/read", 0},
        {" ", "items/read", 0},
        {"items/reader", "items/read", 0},
        {"xitems/read", "items/read", 0},
        {"items/read,items/write", "items/read", 0},
        {"items/read\titems/write", "items/read", 0},
        {"items\\/read", "items/read", 0}, /* it is no JSON */
        {"items\\u002fread", "items/read", 0},
        {"[\"items/read\"]", "items/read", 1},
        {"[ \"x\", \"items\\/read\" ] ", "items/read", 1},
        {"[]", "items/read", 0},
        {"[", "items/read", 0},
        {"[\"items/read\"", "items/read", 0},
        {"[\"items/read\"]x", "items/read", 0},
        {"[\"items/read\"] items/read", "items/read", 0},
        {"[\"items/read\",1]", "items/read", 0},
        {"[[\"items/read\"]]", "items/read", 0},
        {"[\"items/read\\u0000\"]", "items/read", 0},
        {"[ items/read ]", "items/read", 0},
        {"{\"items/read\":1}", "items/read", 0},
    };
    size_t i;

    for (i = 0; i < COUNT(rows); i++)
        ck_assert_msg(auth_claims_names_scope(rows[i].text, words(rows[i].wanted), unit_pool) ==
                          rows[i].has,
                      "%s: %s", rows[i].text, rows[i].wanted);
}
END_TEST

START_TEST(every_verdict_has_its_words)
{
    auth_claims_verdict_e a, b;

    for (a = AUTH_CLAIMS_GOOD; a <= AUTH_CLAIMS_SUBJECT; a++)
        for (b = AUTH_CLAIMS_GOOD; b < a; b++)
            ck_assert_str_ne(auth_claims_word(a), auth_claims_word(b));
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("auth/claims");
    TCase *tcase = unit_case(suite, "claims");

    tcase_add_test(tcase, what_a_good_one_says);
    tcase_add_test(tcase, bound_to_a_connection);
    tcase_add_test(tcase, issuer);
    tcase_add_test(tcase, client);
    tcase_add_test(tcase, use_and_subject);
    tcase_add_test(tcase, times);
    tcase_add_test(tcase, payloads);
    tcase_add_test(tcase, what_not_every_parser_reads);
    tcase_add_test(tcase, ceilings);
    tcase_add_test(tcase, no_object);
    tcase_add_test(tcase, scopes);
    tcase_add_test(tcase, scopes_in_a_text);
    tcase_add_test(tcase, every_verdict_has_its_words);
    return suite;
}
