/* SPDX-License-Identifier: Apache-2.0 */
#include "items/page.h"

#include <apr_strings.h>

#include "base/hash.h"
#include "unit.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

static const unsigned char bytes_a[] = "0123456789abcdef0123456789abcdef";
static const unsigned char bytes_b[] = "another key of thirty-two bytes!";

static const items_page_key_t keys[] = {{bytes_a, 32}, {bytes_b, 32}};
static const items_page_key_t keys_turned[] = {{bytes_b, 32}, {bytes_a, 32}};

static const dynamo_table_bytes_t position = {"id-\xc3\xa9", 5};

static items_page_scope_t scope_of(const items_page_key_t *with, int count)
{
    items_page_scope_t scope = {.keys = items_page_keys_make(with, count, unit_pool),
                                .context = {"items", "", "", "", "", ""},
                                .now = apr_time_from_sec(1700000000),
                                .age = apr_time_from_sec(86400)};

    return scope;
}

static const char *sealed(const items_page_scope_t *scope)
{
    const char *token;

    ck_assert_ptr_null(items_page_seal(&token, scope, &position, unit_pool));
    return token;
}

static int opens(const items_page_scope_t *scope, const char *token)
{
    dynamo_table_bytes_t opened;
    base_err_t *err = items_page_open(&opened, scope, token, strlen(token), unit_pool);

    if (err) {
        ck_assert_int_eq(err->kind, BASE_ERR_INVALID);
        return 0;
    }
    ck_assert_uint_eq(opened.len, position.len);
    ck_assert_mem_eq(opened.bytes, position.bytes, position.len);
    return 1;
}

START_TEST(round_trip)
{
    items_page_scope_t scope = scope_of(keys, 1);
    const char *token = sealed(&scope);

    ck_assert_uint_eq(strlen(token), ((1 + 4 + 8 + 5 + 32) * 4 + 2) / 3);
    ck_assert_uint_eq(strspn(token, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                    "-_"),
                      strlen(token));
    ck_assert(opens(&scope, token));
}
END_TEST

START_TEST(form_is_fixed)
{
    items_page_scope_t scope = scope_of(keys, 1);
    unsigned char *bytes;
    apr_size_t len;
    const char *token = sealed(&scope);

    bytes = base_hash_base64url_decode(&len, token, strlen(token), unit_pool);
    ck_assert_ptr_nonnull(bytes);
    ck_assert_uint_eq(bytes[0], 1);
    ck_assert_mem_eq(bytes + 5, "\0\0\0\0\x65\x53\xf1\0", 8);
    ck_assert_mem_eq(bytes + 13, position.bytes, position.len);
    /* worked out by Python's hmac: what today's program sealed, tomorrow's must open */
    ck_assert_str_eq(token, "Ad8EqMAAAAAAZVPxAGlkLcOp7ax914L_zqLuzCL0A1qk0TjIzWeQFEe3XM-UpPYYC2g");
}
END_TEST

START_TEST(no_flipped_bit_opens)
{
    items_page_scope_t scope = scope_of(keys, 2);
    const char *token = sealed(&scope);
    apr_size_t len, i;
    unsigned char *bytes = base_hash_base64url_decode(&len, token, strlen(token), unit_pool);

    for (i = 0; i < 8 * len; i++) {
        bytes[i / 8] ^= (unsigned char)(1U << i % 8);
        ck_assert_msg(!opens(&scope, base_hash_base64url(bytes, len, unit_pool)), "bit %u",
                      (unsigned)i);
        bytes[i / 8] ^= (unsigned char)(1U << i % 8);
    }
    ck_assert(opens(&scope, base_hash_base64url(bytes, len, unit_pool)));
    for (i = 0; i < len; i++)
        ck_assert(!opens(&scope, base_hash_base64url(bytes, i, unit_pool)));
}
END_TEST

START_TEST(one_spelling)
{
    items_page_scope_t scope = scope_of(keys, 1);
    const char *token = sealed(&scope);
    char *other = apr_pstrdup(unit_pool, token);
    apr_size_t i;

    ck_assert(!opens(&scope, apr_pstrcat(unit_pool, token, "=", NULL)));
    ck_assert(!opens(&scope, apr_pstrcat(unit_pool, token, " ", NULL)));
    ck_assert(!opens(&scope, apr_pstrcat(unit_pool, "\n", token, NULL)));
    ck_assert(!opens(&scope, apr_pstrcat(unit_pool, token, token, NULL)));
    ck_assert(!opens(&scope, ""));
    for (i = 0; i < 64; i++) { /* other last characters: other trailing bits or another MAC */
        other[strlen(other) - 1] =
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"[i];
        ck_assert_int_eq(opens(&scope, other), strcmp(other, token) == 0);
    }
}
END_TEST

START_TEST(bound_to_its_query)
{
    items_page_scope_t scope = scope_of(keys, 1);
    const char *token = sealed(&scope);
    const char **fields[] = {&scope.context.table,     &scope.context.index,
                             &scope.context.direction, &scope.context.tenant,
                             &scope.context.filter,    &scope.context.projection};
    int i;

    for (i = 0; i < COUNT(fields); i++) {
        const char *kept = *fields[i];

        *fields[i] = "other";
        ck_assert(!opens(&scope, token));
        ck_assert(opens(&scope, sealed(&scope)));
        *fields[i] = kept;
    }
    scope.context.table = "item";
    scope.context.index = "s"; /* the lengths are part of what is hashed */
    ck_assert(!opens(&scope, token));
}
END_TEST

START_TEST(keys_turn)
{
    items_page_scope_t old = scope_of(keys, 1), both = scope_of(keys_turned, 2);
    items_page_scope_t last = scope_of(keys_turned, 1);

    ck_assert(opens(&both, sealed(&old)));
    ck_assert(!opens(&last, sealed(&old)));
    ck_assert(opens(&last, sealed(&both)));
}
END_TEST

START_TEST(ages)
{
    items_page_scope_t scope = scope_of(keys, 1);
    const char *token = sealed(&scope);
    const apr_time_t now = scope.now;

    scope.now = now + scope.age;
    ck_assert(opens(&scope, token));
    scope.now = now + scope.age + apr_time_from_sec(1);
    ck_assert(!opens(&scope, token));
    scope.now = now - apr_time_from_sec(300);
    ck_assert(opens(&scope, token));
    scope.now = now - apr_time_from_sec(301);
    ck_assert(!opens(&scope, token));
    scope.now = 0;
    ck_assert(!opens(&scope, token));
}
END_TEST

START_TEST(position_has_bounds)
{
    items_page_scope_t scope = scope_of(keys, 1);
    char *bytes = apr_palloc(unit_pool, 2049);
    dynamo_table_bytes_t longest = {bytes, 2048}, opened;
    const char *token;
    base_err_t *err;

    memset(bytes, 'x', 2049);
    ck_assert_ptr_null(items_page_seal(&token, &scope, &longest, unit_pool));
    ck_assert_ptr_null(items_page_open(&opened, &scope, token, strlen(token), unit_pool));
    ck_assert_uint_eq(opened.len, 2048);
    longest.len = 2049;
    err = items_page_seal(&token, &scope, &longest, unit_pool);
    ck_assert_int_eq(err->kind, BASE_ERR_INTERNAL);
    longest.len = 0;
    err = items_page_seal(&token, &scope, &longest, unit_pool);
    ck_assert_int_eq(err->kind, BASE_ERR_INTERNAL);
    scope.keys = items_page_keys_make(NULL, 0, unit_pool);
    err = items_page_seal(&token, &scope, &position, unit_pool);
    ck_assert_int_eq(err->kind, BASE_ERR_INTERNAL);
}
END_TEST

static const struct {
    const char *token; /* base64 of … */
    const char *id;    /* NULL: refused */
} plain[] = {
    {"eyJpZCI6ImEtYiJ9", "a-b"}, /* {"id":"a-b"} */
    {"eyJpZCI6ICJhIn0=", "a"},   /* {"id": "a"} with its padding */
    {"eyJpZCI6ICJhIn0", "a"},    /* without */
    {"eyJpZCI6ImEifQ==", "a"},   /* {"id":"a"} */
    {"eyJpZCI6ImEifQ=", NULL},   /* half a padding */
    {"eyJpZCI6ImEifQ===", NULL},
    {"eyJpZCI6Ij8+Pz4ifQ==", "?>?>"}, /* the standard alphabet */
    {"eyJpZCI6Ij8-Pz4ifQ", "?>?>"},   /* base64url */
    {"eyJpZCI6Ij8/In0=", "??"},       /* the other sign of the standard alphabet */
    {"eyJpZCI6Ij8_In0", "??"},
    {"eyJpZCI6eyJTIjoiYSJ9fQ==", NULL},      /* {"id":{"S":"a"}} */
    {"eyJpZCI6MX0=", NULL},                  /* {"id":1} */
    {"eyJpZCI6ImEiLCJpZCI6ImIifQ==", NULL},  /* {"id":"a","id":"b"} */
    {"eyJpZCI6ImEiLCJ4IjoxfQ==", NULL},      /* {"id":"a","x":1} */
    {"eyJ4IjoiYSJ9", NULL},                  /* {"x":"a"} */
    {"e30=", NULL},                          /* {} */
    {"eyJpZCI6IiJ9", NULL},                  /* {"id":""} */
    {"eyJpZCI6Ii4uIn0=", NULL},              /* {"id":".."} */
    {"eyJpZCI6IlxcdTAwMDAifQ==", "\\u0000"}, /* {"id":"\\u0000"} */
    {"eyJpZCI6Ilx1MDAwMCJ9", NULL},          /* {"id":"\u0000"} */
    {"bnVsbA==", NULL},                      /* null */
    {"not base64!", NULL},
    {"", NULL},
    {"=", NULL},
    {"====", NULL},
};

START_TEST(plain_tokens)
{
    items_page_scope_t scope = scope_of(keys, 1);
    const char *token = plain[_i].token;
    dynamo_table_bytes_t opened;
    base_err_t *err;

    ck_assert(!opens(&scope, token));
    scope.plain = 1;
    ck_assert(opens(&scope, sealed(&scope)));
    err = items_page_open(&opened, &scope, token, strlen(token), unit_pool);
    ck_assert_msg((err == NULL) == (plain[_i].id != NULL), "%s", token);
    if (err)
        return;
    ck_assert_uint_eq(opened.len, strlen(plain[_i].id));
    ck_assert_mem_eq(opened.bytes, plain[_i].id, opened.len);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("items/page");
    TCase *tcase = unit_case(suite, "page tokens");

    tcase_add_test(tcase, round_trip);
    tcase_add_test(tcase, form_is_fixed);
    tcase_add_test(tcase, no_flipped_bit_opens);
    tcase_add_test(tcase, one_spelling);
    tcase_add_test(tcase, bound_to_its_query);
    tcase_add_test(tcase, keys_turn);
    tcase_add_test(tcase, ages);
    tcase_add_test(tcase, position_has_bounds);
    tcase_add_loop_test(tcase, plain_tokens, 0, COUNT(plain));
    return suite;
}
