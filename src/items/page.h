/* SPDX-License-Identifier: Apache-2.0 */
/* Page tokens: where a list goes on, sealed, versioned and bound to its query.
 *
 * Opaque to clients. Without a key nobody can point a list at a place that it did
 * not hand out, and a token of another table, tenant or filter opens nothing.
 * Pure but for the crypto library; any thread.
 */
#ifndef ITEMS_PAGE_H
#define ITEMS_PAGE_H

#include <apr_time.h>

#include "dynamo/table.h"

/* A page-token key. */
typedef struct {
    const unsigned char *bytes;
    apr_size_t len; /* at least 32 */
} items_page_key_t;

/* Keys made ready, once for many tokens. Any thread. */
typedef struct items_page_keys_t items_page_keys_t;

/* The first of the keys seals, all open. */
items_page_keys_t *items_page_keys_make(const items_page_key_t *keys, int count, apr_pool_t *pool);

/* What a token is good for; none is NULL, "" where there is no such thing. */
typedef struct {
    const char *table;
    const char *index;
    const char *direction;
    const char *tenant;
    const char *filter;
    const char *projection;
} items_page_context_t;

/* Under what tokens are sealed and opened. */
typedef struct {
    const items_page_keys_t *keys;
    items_page_context_t context;
    apr_time_t now;          /* the wall clock */
    apr_interval_time_t age; /* older tokens are refused */
    int plain;               /* the original's base64 tokens open as well */
} items_page_scope_t;

/* The token of a position (the id of the last item, 1 to 2,048 bytes). BASE_ERR_INTERNAL: no key, a
 * position that is none, or the crypto library refused. */
base_err_t *items_page_seal(const char **token, const items_page_scope_t *scope,
                            const dynamo_table_bytes_t *position,
                            apr_pool_t *pool) BASE_ERR_CHECKED;

/* The position of a token, in pool. BASE_ERR_INVALID for whatever seal did not make under this
 * scope; BASE_ERR_INTERNAL as above. */
base_err_t *items_page_open(dynamo_table_bytes_t *position, const items_page_scope_t *scope,
                            const char *token, apr_size_t len, apr_pool_t *pool) BASE_ERR_CHECKED;

#endif
