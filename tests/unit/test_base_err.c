/* SPDX-License-Identifier: Apache-2.0 */
/* The error value: what it keeps, what a wrap takes over, how a chain reads. */
#include "unit.h"

#include "base/err.h"

#include <errno.h>
#include <string.h>

#include <apr_strings.h>

START_TEST(make_keeps_what_it_is_given)
{
    base_err_t *err =
        base_err_make(BASE_ERR_TIMEOUT, ETIMEDOUT, unit_pool, "attempt %d of %s", 2, "GetItem");

    ck_assert_int_eq(err->kind, BASE_ERR_TIMEOUT);
    ck_assert_int_eq(err->status, ETIMEDOUT);
    ck_assert_str_eq(err->words, "attempt 2 of GetItem");
    ck_assert_ptr_null(err->code);
    ck_assert_ptr_null(err->request_id);
    ck_assert_ptr_null(err->cause);
}
END_TEST

START_TEST(wrap_takes_over_kind_status_code_and_request_id)
{
    base_err_t *cause = base_err_make(BASE_ERR_THROTTLED, EAGAIN, unit_pool, "slow down"), *err;

    cause->code = "ThrottlingException";
    cause->request_id = "R1";
    err = base_err_wrap(cause, unit_pool, "reading item from table %s", "items");
    ck_assert_ptr_ne(err, cause);
    ck_assert_int_eq(err->kind, BASE_ERR_THROTTLED);
    ck_assert_int_eq(err->status, EAGAIN);
    ck_assert_str_eq(err->code, "ThrottlingException");
    ck_assert_str_eq(err->request_id, "R1");
    ck_assert_str_eq(err->words, "reading item from table items");
    ck_assert_ptr_eq(err->cause, cause);
    ck_assert_str_eq(cause->words, "slow down");
    ck_assert_ptr_null(cause->cause);
}
END_TEST

START_TEST(format_joins_the_chain)
{
    base_err_t *inner = base_err_make(BASE_ERR_UNAVAILABLE, 0, unit_pool, "no answer");
    base_err_t *outer =
        base_err_wrap(base_err_wrap(inner, unit_pool, "attempt 4"), unit_pool, "get");

    ck_assert_str_eq(base_err_format(inner, unit_pool), "no answer");
    ck_assert_str_eq(base_err_format(outer, unit_pool), "get: attempt 4: no answer");
}
END_TEST

START_TEST(format_says_the_status_once_and_last)
{
    base_err_t *inner = base_err_make(BASE_ERR_UNAVAILABLE, ECONNREFUSED, unit_pool, "connect");
    const char *expected = apr_pstrcat(unit_pool, "get: connect: ", strerror(ECONNREFUSED), NULL);

    ck_assert_str_eq(base_err_format(base_err_wrap(inner, unit_pool, "get"), unit_pool), expected);
}
END_TEST

START_TEST(percent_signs_in_words_are_only_words)
{
    base_err_t *err = base_err_make(BASE_ERR_INVALID, 0, unit_pool, "%s", "100%s%n");

    ck_assert_str_eq(base_err_format(base_err_wrap(err, unit_pool, "%s", "%d"), unit_pool),
                     "%d: 100%s%n");
}
END_TEST

START_TEST(every_kind_has_a_name_of_its_own)
{
    static const char *const names[] = {"invalid",   "conflict", "denied",      "too_large",
                                        "throttled", "timeout",  "unavailable", "untrusted",
                                        "nonsense",  "internal"};
    int kind;

    for (kind = BASE_ERR_INVALID; kind <= BASE_ERR_INTERNAL; kind++)
        ck_assert_str_eq(base_err_kind_name((base_err_kind_e)kind), names[kind]);
    ck_assert_int_eq(kind, (int)(sizeof names / sizeof *names));
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("base/err");
    TCase *tcase = unit_case(suite, "values");

    tcase_add_test(tcase, make_keeps_what_it_is_given);
    tcase_add_test(tcase, wrap_takes_over_kind_status_code_and_request_id);
    tcase_add_test(tcase, format_joins_the_chain);
    tcase_add_test(tcase, format_says_the_status_once_and_last);
    tcase_add_test(tcase, percent_signs_in_words_are_only_words);
    tcase_add_test(tcase, every_kind_has_a_name_of_its_own);
    return suite;
}
