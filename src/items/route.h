/* SPDX-License-Identifier: Apache-2.0 */
/* Method and path → what to do with which item, or what is wrong with them. Pure. */
#ifndef ITEMS_ROUTE_H
#define ITEMS_ROUTE_H

#include "dynamo/table.h"
#include "items/reply.h"

typedef enum {
    ITEMS_ROUTE_LIST,
    ITEMS_ROUTE_CREATE,
    ITEMS_ROUTE_READ,
    ITEMS_ROUTE_REPLACE,
    ITEMS_ROUTE_REMOVE,
    ITEMS_ROUTE_OPTIONS
} items_route_action_e;

typedef struct {
    items_problem_e problem;     /* NONE, NO_ROUTE, METHOD or NO_ITEM */
    items_route_action_e action; /* without a problem */
    const char *allow;           /* the methods of this path, NULL for NO_ROUTE */
    const char *name;            /* "GET /items/{id}", NULL for NO_ROUTE and METHOD */
    dynamo_table_bytes_t id;     /* of a path that names an item */
} items_route_t;

/* Is path (decoded or raw, up to '?') at or below mount? */
int items_route_covers(const char *mount, const char *path);

/* method is case-sensitive. path: decoded by the server, with the mount point; it decides what is
 * meant. raw_path: as on the wire up to '?', or NULL; it decides how the id is spelled as long as
 * it agrees with path. */
void items_route_match(items_route_t *route, const char *mount, const char *method,
                       const char *path, const char *raw_path, apr_pool_t *pool);

#endif
