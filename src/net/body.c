/* SPDX-License-Identifier: Apache-2.0 */
/* An answer of megabytes must not stay with a process that serves small items for days: a pool that
 * grows by doubling leaves its old blocks behind until it ends, and blocks given to malloc() stay
 * in the heap of whichever thread freed them (mallopt(3), M_TRIM_THRESHOLD is dynamic). Hence
 * mmap(2) and mremap(2), whose pages come with the first write and go with munmap().
 */
#include "net/body.h"

#include <string.h>
#include <sys/mman.h>

static apr_status_t end_map(void *data)
{
    net_body_map_t *map = data;

    if (map->at)
        munmap(map->at, map->size);
    map->at = NULL;
    return APR_SUCCESS;
}

void net_body_unmap(net_body_map_t *map)
{
    if (map && map->at)
        apr_pool_cleanup_run(map->pool, map, end_map);
}

void net_body_init(net_body_t *body, apr_size_t hint, apr_size_t max, apr_pool_t *pool)
{
    memset(body, 0, sizeof(*body));
    body->max = max < APR_SIZE_MAX / 4 ? max : APR_SIZE_MAX / 4; /* so that doubling never wraps */
    body->pool = pool;
    body->hint = hint < body->max ? hint : body->max;
    body->room = body->hint < NET_BODY_POOLED_MAX ? body->hint + 1 : 1; /* else mapped when used */
    body->data = apr_palloc(pool, body->room);
    body->data[0] = '\0';
}

/* A first mapping, with what is there so far. */
static int map_first(net_body_t *body, apr_size_t room)
{
    net_body_map_t *map;
    char *at = mmap(NULL, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (at == MAP_FAILED)
        return 0;
    map = apr_palloc(body->pool, sizeof(*map));
    *map = (net_body_map_t){at, room, body->pool};
    apr_pool_cleanup_register(body->pool, map, end_map, apr_pool_cleanup_null);
    memcpy(at, body->data, body->len + 1);
    body->map = map;
    return 1;
}

static int map_more(net_body_map_t *map, apr_size_t room)
{
    char *at = mremap(map->at, map->size, room, MREMAP_MAYMOVE);

    if (at == MAP_FAILED)
        return 0;
    map->at = at;
    map->size = room;
    return 1;
}

static int grow(net_body_t *body, apr_size_t need)
{
    apr_size_t room = body->room == 1 ? body->hint + 1 : 2 * body->room;
    char *data;

    if (room < need)
        room = need;
    if (room > body->max + 1)
        room = body->max + 1; /* never below need, which fits */
    if (room > NET_BODY_POOLED_MAX || body->map) {
        if (!(body->map ? map_more(body->map, room) : map_first(body, room)))
            return 0;
        body->data = body->map->at;
    } else {
        data = apr_palloc(body->pool, room);
        memcpy(data, body->data, body->len + 1);
        body->data = data;
    }
    body->room = room;
    return 1;
}

int net_body_put(net_body_t *body, const char *bytes, apr_size_t len)
{
    if (len > body->max - body->len)
        return 0;
    if (body->room - body->len <= len && !grow(body, body->len + len + 1))
        return 0;
    if (len)
        memcpy(body->data + body->len, bytes, len);
    body->len += len;
    body->data[body->len] = '\0';
    return 1;
}
