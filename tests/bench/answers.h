/* SPDX-License-Identifier: Apache-2.0 */
/* What the benchmark's DynamoDB answers: whole HTTP answers, made once, the same in every run.
 *
 * Shared by the server (backend.c) and by the driver that counts instructions (counts.c), so that
 * both speak of the same item: about 350 bytes of DynamoDB JSON, as mod_items itself writes it.
 */
#ifndef BENCH_ANSWERS_H
#define BENCH_ANSWERS_H

#include <apr_pools.h>

#define ANSWERS_SCAN_MAX 1000 /* items of one Scan */

/* The id of the item that GetItem knows. */
#define ANSWERS_ID "3f0c5a52-9b1e-4f6e-8d2b-000000000000"

typedef enum {
    ANSWERS_GET,     /* GetItem: the item */
    ANSWERS_NOTHING, /* GetItem: there is none. PutItem and DeleteItem: done */
    ANSWERS_UPDATE,  /* UpdateItem with ALL_NEW: the item */
    ANSWERS_SCAN     /* Scan: so many items, and a key behind which there are more */
} answers_kind_e;

typedef struct {
    const char *bytes; /* head and body */
    apr_size_t len;
    apr_size_t head_len;
} answers_t;

/* The answer in pool; count is for ANSWERS_SCAN. */
answers_t answers_make(answers_kind_e kind, int count, apr_pool_t *pool);

#endif
