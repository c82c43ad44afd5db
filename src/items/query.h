/* SPDX-License-Identifier: Apache-2.0 */
/* The query string: which page of the list is asked for, and what else stands there.
 *
 * Pure. Values live in the pool given or point into the query.
 */
#ifndef ITEMS_QUERY_H
#define ITEMS_QUERY_H

#include "items/reply.h"

typedef struct {
    int limit;         /* items, within 1 and the maximum */
    const char *token; /* of a page, NULL for the first one; may hold anything, NUL included */
    apr_size_t token_len;
} items_query_t;

/* How a query is judged. */
typedef struct {
    int is_list; /* limit, lastKey and nextToken are parameters here */
    int strict;  /* unknown parameters are refused */
    int limit_default;
    int limit_max;
} items_query_rules_t;

/* Read a raw query (NULL: none): 1, or 0 with the faults in error. */
int items_query_read(items_query_t *query, items_reply_error_t *error, const char *raw,
                     const items_query_rules_t *rules, apr_pool_t *pool);

#endif
