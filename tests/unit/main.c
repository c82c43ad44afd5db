/* SPDX-License-Identifier: Apache-2.0 */
/* Runs one file's suite and prints its count; a suite without tests fails. */
#include "unit.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include <apr_file_io.h>
#include <apr_general.h>

apr_pool_t *unit_pool;

static void setup(void)
{
    ck_assert_int_eq(apr_pool_create(&unit_pool, NULL), APR_SUCCESS);
}

static void teardown(void)
{
    apr_pool_destroy(unit_pool);
    unit_pool = NULL;
}

TCase *unit_case(Suite *suite, const char *name)
{
    TCase *tcase = tcase_create(name);

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_set_timeout(tcase, 60);
    suite_add_tcase(suite, tcase);
    return tcase;
}

const char *unit_repeat(char c, int count)
{
    char *text = apr_palloc(unit_pool, (apr_size_t)count + 1);

    memset(text, c, (apr_size_t)count);
    text[count] = '\0';
    return text;
}

char *unit_read_file(apr_size_t *len, const char *path)
{
    apr_file_t *file;
    apr_finfo_t info;
    char *bytes;
    apr_status_t rv;

    rv = apr_file_open(&file, path, APR_READ, APR_OS_DEFAULT, unit_pool);
    ck_assert_msg(rv == APR_SUCCESS, "cannot open %s", path);
    ck_assert_int_eq(apr_file_info_get(&info, APR_FINFO_SIZE, file), APR_SUCCESS);
    bytes = apr_palloc(unit_pool, (apr_size_t)info.size + 1);
    ck_assert_int_eq(apr_file_read_full(file, bytes, (apr_size_t)info.size, len), APR_SUCCESS);
    bytes[*len] = '\0';
    apr_file_close(file);
    return bytes;
}

int main(void)
{
    SRunner *runner;
    int run, failed;

    apr_initialize();
    atexit(apr_terminate);
    signal(SIGPIPE, SIG_IGN); /* as httpd does */
    runner = srunner_create(unit_suite());
    srunner_run_all(runner, CK_ENV);
    run = srunner_ntests_run(runner);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return run > 0 && failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
