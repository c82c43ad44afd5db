/* SPDX-License-Identifier: Apache-2.0 */
/* What goes on to mod_auth_openidc: the texts in clear here, each in base64url as a token has it.
 */
#include "httpd/token.h"

#include <string.h>

#include <apr_strings.h>

#include "base/hash.h"
#include "unit.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

static const char *encoded(const char *text)
{
    return base_hash_base64url((const unsigned char *)text, strlen(text), unit_pool);
}

static const struct {
    const char *header, *payload;
    int good;
} texts[] = {
    {"{\"alg\":\"RS256\",\"kid\":\"k/1+=\"}", "{\"sub\":\"a\",\"exp\":1795512762}", 1},
    {"{}", "{\"a\":[\"x\",\"y\"],\"b\":{\"c\":[1,-2,0.5,true,null]},\"d\":\"\\u00e9\\\"e1\"}", 1},
    {"{}", "{\"sub\":\"123456789012345678901234567890\"}", 1},
    {"{}", "{\"n\":123456789012345678}", 1},
    {"{}", "{\"\\\"\":9,\"b\\\\\":123456789012345678}", 1},
    {" {} ", "\t{}\n", 1},
    {"{}", "{\"n\":1234567890123456789}", 0},
    {"{}", "{\"a\":[{\"n\":-99999999999999999999}]}", 0},
    {"{}", "{\"\\\"\":9,\"b\\\\\":1234567890123456789}", 0},
    {"{}", "{\"n\":1e999}", 0},
    {"{}", "{\"n\":1E1}", 0},
    {"{\"n\":1e5}", "{}", 0},
    {"{}", "{\"s\":\"\\u0000\"}", 0},
    {"{}", "{\"\\u0000\":1}", 0},
    {"{}", "\xef\xbb\xbf{}", 0},
    {"{}", "{\"s\":\"\xff\"}", 0},
    {"{}", "{\"s\":\"\\ud800\"}", 0},
    {"{}", "[]", 0},
    {"{}", "\"x\"", 0},
    {"{}", "null", 0},
    {"{}", "{", 0},
    {"{}", "{}x", 0},
    {"{}", "{}{}", 0},
    {"{}", "", 0},
    {"", "{}", 0},
    {"[]", "{}", 0},
    {"{}", "{\"a\":[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]}", 0},
};

START_TEST(what_stands_in_the_parts)
{
    const char *token = apr_pstrcat(unit_pool, encoded(texts[_i].header), ".",
                                    encoded(texts[_i].payload), ".c2ln", NULL);

    ck_assert_msg(httpd_token_is_jws(token, unit_pool) == texts[_i].good, "%s . %s",
                  texts[_i].header, texts[_i].payload);
}
END_TEST

/* "e30" is {}. */
static const struct {
    const char *token;
    int good;
} forms[] = {
    {"e30.e30.c2ln", 1},
    {"e30.e30.-_-_", 1},
    {"e30.e30.", 0},
    {"e30.e30", 0},
    {"e30", 0},
    {"", 0},
    {".", 0},
    {"..", 0},
    {"...", 0},
    {"e30.e30.c2ln.c2ln", 0},
    {"e30.e30.c2ln.a.b", 0},
    {"a=.b=.c=", 0},
    {"e30.e30.A=", 0},
    {"e30=.e30.c2ln", 0},
    {"e30.e30=.c2ln", 0},
    {"e30.e30.c2lnZw==", 0},
    {"e30.e30.A", 0},
    {"e30.e30.AAAAA", 0},
    {"e30.e30.A=AA", 0},
    {"e31.e30.c2ln", 0},
    {"e30.e30.c2+/", 0},
    {"e30.e30.c2ln ", 0},
    {"e30.e30. c2ln", 0},
    {"e30.e30.c2ln, e30.e30.c2ln", 0},
    {"e30.e30.c2ln\n", 0},
    {" e30.e30.c2ln", 0},
    {"e30 .e30.c2ln", 0},
    {"e30.e30.c2ln;x", 0},
    {"\xff.e30.c2ln", 0},
    {"junk", 0},
};

START_TEST(forms_of_a_token)
{
    ck_assert_msg(httpd_token_is_jws(forms[_i].token, unit_pool) == forms[_i].good, "%s",
                  forms[_i].token);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("httpd/token");
    TCase *tcase = unit_case(suite, "tokens");

    tcase_add_loop_test(tcase, what_stands_in_the_parts, 0, COUNT(texts));
    tcase_add_loop_test(tcase, forms_of_a_token, 0, COUNT(forms));
    return suite;
}
