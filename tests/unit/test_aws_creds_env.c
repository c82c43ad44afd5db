/* SPDX-License-Identifier: Apache-2.0 */
/* aws/creds_env: the three variables. */
#include "aws/creds.h"

#include <string.h>

#include "unit.h"

static const char *const *values; /* id, secret, token of the running test */

static const char *env(const char *name)
{
    if (strcmp(name, "AWS_ACCESS_KEY_ID") == 0)
        return values[0];
    if (strcmp(name, "AWS_SECRET_ACCESS_KEY") == 0)
        return values[1];
    return strcmp(name, "AWS_SESSION_TOKEN") == 0 ? values[2] : NULL;
}

static const struct {
    const char *values[3];
    const char *id; /* NULL: none */
    const char *secret;
    const char *token;
    const char *words;
} cases[] = {
    {{"AKID", "se/cr+et", NULL}, "AKID", "se/cr+et", NULL, NULL},
    {{"ASIA", "secret", "token=="}, "ASIA", "secret", "token==", NULL},
    {{" AKID\n", "\tsecret\r\n", "token\n"}, "AKID", "secret", "token", NULL},
    {{"AKID", "secret", ""}, "AKID", "secret", NULL, NULL},
    {{"AKID", "secret", " \t\n"}, "AKID", "secret", NULL, NULL},
    {{NULL, NULL, NULL}, NULL, NULL, NULL, "AWS_ACCESS_KEY_ID is not set"},
    {{"  ", "secret", NULL}, NULL, NULL, NULL, "AWS_ACCESS_KEY_ID is not set"},
    {{NULL, "secret", "token"}, NULL, NULL, NULL, "AWS_ACCESS_KEY_ID is not set"},
    {{"AKID", NULL, NULL}, NULL, NULL, NULL, "AWS_SECRET_ACCESS_KEY is not"},
    {{"AKID", "\n", "token"}, NULL, NULL, NULL, "AWS_SECRET_ACCESS_KEY is not"},
    {{"AK ID", "secret", NULL}, NULL, NULL, NULL, "access key id"},
};

static void check_text(const char *text, const char *wanted)
{
    if (wanted)
        ck_assert_str_eq(text, wanted);
    else
        ck_assert_ptr_null(text);
}

START_TEST(variables)
{
    static const char *const gone[3] = {NULL, NULL, NULL};
    aws_creds_source_t *source;
    aws_creds_t creds;
    base_call_t call;
    base_err_t *err;

    base_call_init(&call, apr_time_from_sec(1));
    values = cases[_i].values;
    source = aws_creds_env_make(env, unit_pool);
    values = gone; /* read once */
    ck_assert_str_eq(source->name, "environment");
    err = aws_creds_get(&creds, source, &call, unit_pool);
    if (cases[_i].words) {
        ck_assert_int_eq(err->kind, BASE_ERR_UNAVAILABLE);
        ck_assert_ptr_nonnull(strstr(base_err_format(err, unit_pool), cases[_i].words));
        return;
    }
    ck_assert_ptr_null(err);
    check_text(creds.access_key_id, cases[_i].id);
    check_text(creds.secret_access_key, cases[_i].secret);
    check_text(creds.session_token, cases[_i].token);
    ck_assert_uint_eq(creds.generation, 1);
}
END_TEST

START_TEST(snapshot_is_the_askers)
{
    static const char *const set[3] = {"AKID", "secret", "token"};
    apr_pool_t *pool;
    aws_creds_source_t *source;
    aws_creds_t first, second;
    base_call_t call;

    base_call_init(&call, apr_time_from_sec(1));
    values = set;
    source = aws_creds_env_make(env, unit_pool);
    ck_assert_int_eq(apr_pool_create(&pool, unit_pool), APR_SUCCESS);
    ck_assert_ptr_null(aws_creds_get(&first, source, &call, pool));
    apr_pool_destroy(pool);
    ck_assert_ptr_null(aws_creds_get(&second, source, &call, unit_pool));
    ck_assert_str_eq(second.session_token, "token");
    ck_assert_uint_eq(second.generation, first.generation);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("aws/creds_env");
    TCase *tcase = unit_case(suite, "env");

    tcase_add_loop_test(tcase, variables, 0, sizeof(cases) / sizeof(cases[0]));
    tcase_add_test(tcase, snapshot_is_the_askers);
    return suite;
}
