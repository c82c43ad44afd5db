/* SPDX-License-Identifier: Apache-2.0 */
/* Two paths, one table of methods each; and the id, decoded exactly once.
 *
 * An id may hold a slash, which travels as %2F. httpd decodes a path before we see
 * it and leaves %2F in it, or not (AllowEncodedSlashes), so that under NoDecode
 * a%2Fb and a%252Fb arrive as the same text. Hence the id is taken from the last
 * segment as it stood on the wire. That segment must mean what the server's path
 * says (decoded with %2F kept, or with %2F decoded); where it does not, something
 * rewrote the path (mod_rewrite, an internal redirect), and the id is what the path
 * holds, as it stands. Comparing the last segment, not the whole path, keeps this
 * right for //items/a%2Fb and for paths that were moved here from elsewhere.
 */
#include "items/route.h"

#include <string.h>

#include <apr_strings.h>

#include "base/hash.h"
#include "items/check.h"

typedef struct {
    const char *method;
    items_route_action_e action;
} method_t;

static const method_t collection_methods[] = {
    {"GET", ITEMS_ROUTE_LIST},        {"HEAD", ITEMS_ROUTE_LIST},  {"POST", ITEMS_ROUTE_CREATE},
    {"OPTIONS", ITEMS_ROUTE_OPTIONS}, {NULL, ITEMS_ROUTE_OPTIONS},
};

static const method_t item_methods[] = {
    {"GET", ITEMS_ROUTE_READ},      {"HEAD", ITEMS_ROUTE_READ},       {"PUT", ITEMS_ROUTE_REPLACE},
    {"DELETE", ITEMS_ROUTE_REMOVE}, {"OPTIONS", ITEMS_ROUTE_OPTIONS}, {NULL, ITEMS_ROUTE_OPTIONS},
};

/* What a path answers; allow says what the table beside it does. */
typedef struct {
    const method_t *methods;
    const char *allow;
    const char *suffix; /* of the route's name */
} resource_t;

static const resource_t collection = {collection_methods, "GET, HEAD, POST, OPTIONS", ""};
static const resource_t item = {item_methods, "GET, HEAD, PUT, DELETE, OPTIONS", "/{id}"};

int items_route_covers(const char *mount, const char *path)
{
    apr_size_t len = strlen(mount);

    return strncmp(path, mount, len) == 0 && (path[len] == '\0' || path[len] == '/');
}

/* Percent-decode a segment once, leaving %2F as it stands on demand; NULL for a bad escape. Most
 * have none at all. */
static const char *decode(apr_size_t *len, const char *segment, int keep_slash, apr_pool_t *pool)
{
    const char *pos = strchr(segment, '%');
    char *bytes;

    *len = strlen(segment);
    if (!pos)
        return segment;
    bytes = apr_palloc(pool, *len + 1);
    *len = 0;
    for (pos = segment; *pos; pos++) {
        char c = *pos;

        if (c == '%') {
            int high = base_hash_unhex(pos[1]);
            int low = high < 0 ? -1 : base_hash_unhex(pos[2]);

            if (low < 0)
                return NULL;
            if (!keep_slash || high * 16 + low != '/') {
                c = (char)(high * 16 + low);
                pos += 2;
            }
        }
        bytes[(*len)++] = c;
    }
    bytes[*len] = '\0';
    return bytes;
}

static int is_text(const char *bytes, apr_size_t len, const char *text)
{
    return len == strlen(text) && memcmp(bytes, text, len) == 0;
}

/* The id of the path's segment (all behind the mount point's slash): 1, or 0 for a path that is no
 * item's: empty, deeper, or with an escape that is none. */
static int find_id(dynamo_table_bytes_t *id, const char *segment, const char *raw_path,
                   apr_pool_t *pool)
{
    const char *slash = raw_path ? strrchr(raw_path, '/') : NULL;
    const char *raw = slash ? slash + 1 : raw_path;
    apr_size_t len, kept_len;
    const char *decoded, *kept;

    if (!*segment)
        return 0;
    if (raw) {
        decoded = decode(&len, raw, 0, pool);
        kept = decode(&kept_len, raw, 1, pool);
        if (!decoded || !kept || memchr(decoded, '\0', len))
            return 0;
        if (is_text(decoded, len, segment) || is_text(kept, kept_len, segment)) {
            id->bytes = decoded;
            id->len = len;
            return 1;
        }
    }
    id->bytes = segment;
    id->len = strlen(segment);
    return !strchr(segment, '/');
}

void items_route_match(items_route_t *route, const char *mount, const char *method,
                       const char *path, const char *raw_path, apr_pool_t *pool)
{
    const char *below = path + strlen(mount);
    int is_covered = items_route_covers(mount, path);
    int is_item = is_covered && *below == '/';
    const resource_t *resource = is_item ? &item : &collection;
    const method_t *known = resource->methods;

    memset(route, 0, sizeof(*route));
    route->problem = ITEMS_PROBLEM_NO_ROUTE;
    if (!is_covered || (is_item && !find_id(&route->id, below + 1, raw_path, pool)))
        return;
    route->allow = resource->allow;
    route->problem = ITEMS_PROBLEM_METHOD;
    while (known->method && strcmp(known->method, method) != 0)
        known++;
    if (!known->method)
        return;
    route->action = known->action;
    route->name = apr_pstrcat(pool, method, " ", mount, resource->suffix, NULL);
    route->problem = ITEMS_PROBLEM_NONE;
    if (is_item && route->action != ITEMS_ROUTE_OPTIONS &&
        !items_check_id(route->id.bytes, route->id.len))
        route->problem = ITEMS_PROBLEM_NO_ITEM;
}
