/* SPDX-License-Identifier: Apache-2.0 */
/* What every fuzz target has: a pool per input. A target defines fuzz_input(). */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdlib.h>

#include <apr_pools.h>

/* One input, not NUL-terminated. A broken promise of the code under test ends in abort(). */
void fuzz_input(const char *bytes, apr_size_t len, apr_pool_t *pool);

/* Abort, with the words, unless held. */
void fuzz_require(int held, const char *words);

#endif
