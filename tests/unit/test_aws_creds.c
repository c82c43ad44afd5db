/* SPDX-License-Identifier: Apache-2.0 */
/* aws/creds: what may come out of a source. */
#include "aws/creds.h"

#include <string.h>

#include "unit.h"

static base_err_t *give(aws_creds_t *creds, void *source, const base_call_t *call, apr_pool_t *pool)
{
    (void)call;
    (void)pool;
    *creds = *(const aws_creds_t *)source;
    return NULL;
}

static base_err_t *give_none(aws_creds_t *creds, void *source, const base_call_t *call,
                             apr_pool_t *pool)
{
    (void)creds;
    (void)source;
    (void)call;
    return base_err_make(BASE_ERR_UNAVAILABLE, 0, pool, "empty");
}

static const struct {
    aws_creds_t creds;
    const char *part; /* named in the refusal, NULL: good */
} sets[] = {
    {{"AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", NULL, 1}, NULL},
    {{"a", "b", "FwoGZX//+==", 2}, NULL},
    {{NULL, "b", NULL, 1}, "access key id"},
    {{"", "b", NULL, 1}, "access key id"},
    {{"a b", "b", NULL, 1}, "access key id"},
    {{"a/b", "b", NULL, 1}, "access key id"},
    {{"a,b", "b", NULL, 1}, "access key id"},
    {{"a=b", "b", NULL, 1}, "access key id"},
    {{"a\n", "b", NULL, 1}, "access key id"},
    {{"a", NULL, NULL, 1}, "secret access key"},
    {{"a", "", NULL, 1}, "secret access key"},
    {{"a", "CANARY\xc3\xa4", NULL, 1}, "secret access key"},
    {{"a", "b", "", 1}, "session token"},
    {{"a", "b", "CANARY\r\nX-Evil: 1", 1}, "session token"},
    {{"a", "b", "CANARY\x7f", 1}, "session token"},
};

START_TEST(sets_are_judged)
{
    aws_creds_t given = sets[_i].creds, creds;
    const aws_creds_source_t source = {"tape", give, &given};
    base_err_t *err;
    base_call_t call;

    base_call_init(&call, apr_time_from_sec(1));
    err = aws_creds_get(&creds, &source, &call, unit_pool);
    if (!sets[_i].part) {
        ck_assert_ptr_null(err);
        ck_assert_ptr_eq(creds.access_key_id, given.access_key_id);
        ck_assert_ptr_eq(creds.session_token, given.session_token);
        ck_assert_uint_eq(creds.generation, given.generation);
        return;
    }
    ck_assert_int_eq(err->kind, BASE_ERR_UNAVAILABLE);
    ck_assert_ptr_nonnull(strstr(err->words, sets[_i].part));
    ck_assert_ptr_nonnull(strstr(err->words, "tape"));
    ck_assert_ptr_null(strstr(base_err_format(err, unit_pool), "CANARY"));
}
END_TEST

START_TEST(failure_names_the_source)
{
    const aws_creds_source_t source = {"tape", give_none, NULL};
    aws_creds_t creds;
    base_call_t call;
    base_err_t *err;

    base_call_init(&call, apr_time_from_sec(1));
    err = aws_creds_get(&creds, &source, &call, unit_pool);
    ck_assert_int_eq(err->kind, BASE_ERR_UNAVAILABLE);
    ck_assert_str_eq(base_err_format(err, unit_pool), "no credentials from the tape: empty");
    ck_assert_ptr_null(creds.access_key_id);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("aws/creds");
    TCase *tcase = unit_case(suite, "get");

    tcase_add_loop_test(tcase, sets_are_judged, 0, sizeof(sets) / sizeof(sets[0]));
    tcase_add_test(tcase, failure_names_the_source);
    return suite;
}
