/* SPDX-License-Identifier: Apache-2.0 */
/* The bytes of an answer's body while they arrive: append-only, with a ceiling.
 *
 * What is small lives in the pool. What is large is a mapping of its own, which grows without a
 * copy, costs memory only as far as it was written, and goes back to the system the moment it is
 * let go: neither a pool nor malloc() keeps it for a process that once met a large answer.
 */
#ifndef NET_BODY_H
#define NET_BODY_H

#include <apr_pools.h>

#define NET_BODY_POOLED_MAX (256 * 1024) /* bytes: larger ones are mapped */

/* A mapping, which ends with its pool or before. */
typedef struct net_body_map_t {
    char *at; /* NULL: it has ended */
    apr_size_t size;
    apr_pool_t *pool;
} net_body_map_t;

typedef struct {
    char *data; /* NUL-terminated behind len; NULL before init */
    apr_size_t len;
    apr_size_t room; /* bytes there are, the NUL included */
    apr_size_t max;  /* ceiling of len */
    apr_size_t hint;
    net_body_map_t *map; /* NULL: data is in the pool */
    apr_pool_t *pool;
} net_body_t;

/* An empty body that is expected to have hint bytes and has never more than max. */
void net_body_init(net_body_t *body, apr_size_t hint, apr_size_t max, apr_pool_t *pool);

/* Append: 1, or 0 when it does not fit or the system has no memory; nothing is appended then. */
int net_body_put(net_body_t *body, const char *bytes, apr_size_t len)
    __attribute__((warn_unused_result));

/* End a mapping before its pool ends; what was in it is gone. NULL and ended ones are nothing. */
void net_body_unmap(net_body_map_t *map);

#endif
