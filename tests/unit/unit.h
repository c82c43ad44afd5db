/* SPDX-License-Identifier: Apache-2.0 */
/* What every unit test has: a fresh pool per test. A test file defines unit_suite(). */
#ifndef UNIT_H
#define UNIT_H

#include <apr_pools.h>
#include <check.h>

/* The pool of the running test, destroyed behind it. */
extern apr_pool_t *unit_pool;

/* The tests of one source file, named "<floor>/<file>". */
Suite *unit_suite(void);

/* A test case with the pool fixture, added to suite. */
TCase *unit_case(Suite *suite, const char *name);

/* That many of c, as a text in unit_pool. */
const char *unit_repeat(char c, int count);

/* A file's bytes, NUL-terminated behind *len, in unit_pool; fails the test if it can't be read. */
char *unit_read_file(apr_size_t *len, const char *path);

#endif
