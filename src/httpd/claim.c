/* SPDX-License-Identifier: Apache-2.0 */
/* Which requests are ours, decided once, by path and server settings.
 *
 * Not by SetHandler: that is known only after httpd has walked the file system. But
 * a SetHandler that the administrator put below ItemsPath stands in the merged
 * <Location> already when names are translated, and wins (core_dir_config). httpd keeps
 * each SetHandler as an expression; "none" takes an outer one back, "items" means us.
 */
#include "httpd/claim.h"

#include <string.h>
#include <strings.h>

#include <ap_expr.h>
#include <http_config.h>
#include <http_core.h>
#include <http_log.h>
#include <http_main.h>
#include <apr_atomic.h>
#include <apr_strings.h>

#include "base/hash.h"
#include "httpd/directives.h"
#include "items/route.h"

APLOG_USE_MODULE(items);

#define ID_MAX 128  /* characters of an id from outside */
#define ID_BYTES 16 /* random bytes of one of ours */

/* What we know of a request; in its request_config. */
typedef struct {
    int received; /* post_read_request was reached */
    int claimed;
    httpd_identity_t *identity;
    const char *id;
} claim_t;

/* Of the ids; set before the child has threads, but for the count. */
static unsigned char seed[ID_BYTES];
static int has_seed;
static volatile apr_uint32_t ids;

static claim_t *claim_of(request_rec *r)
{
    claim_t *claim = ap_get_module_config(r->request_config, &items_module);

    if (!claim) {
        claim = apr_pcalloc(r->pool, sizeof(*claim));
        ap_set_module_config(r->request_config, &items_module, claim);
    }
    return claim;
}

int httpd_claim_is_received(const request_rec *r)
{
    const claim_t *claim = ap_get_module_config(r->request_config, &items_module);

    return claim && claim->received;
}

int httpd_claim_is_ours(const request_rec *r)
{
    const claim_t *claim = ap_get_module_config(r->request_config, &items_module);

    return claim && claim->claimed;
}

httpd_identity_t **httpd_claim_identity(request_rec *r)
{
    return &claim_of(r)->identity;
}

/* Does this server serve something at or below which path is? */
static const httpd_settings_t *serves(const server_rec *server, const char *path)
{
    const httpd_settings_t *settings = httpd_directives_settings(server);

    return settings->collection.table && items_route_covers(settings->collection.path, path)
               ? settings
               : NULL;
}

/* Did the administrator give the request to another handler, or to a proxy? */
static int is_others(request_rec *r)
{
    const core_dir_config *conf = ap_get_core_module_config(r->per_dir_config);
    const char *handler = conf->handler, *err = NULL;

    if (r->proxyreq || (r->filename && !strncmp(r->filename, "proxy:", 6)))
        return 1;
    if (conf->expr_handler) {
        handler = ap_expr_str_exec(r, conf->expr_handler, &err);
        if (err) /* httpd says so, and answers 500 */
            return 1;
    }
    return handler && strcasecmp(handler, "none") && strcasecmp(handler, HTTPD_CLAIM_HANDLER);
}

int httpd_claim_received(request_rec *r)
{
    claim_of(r)->received = 1;
    return DECLINED;
}

int httpd_claim_refuse_path(request_rec *r)
{
    const core_server_config *conf = ap_get_core_module_config(r->server->module_config);
    unsigned int flags = AP_NORMALIZE_NOT_ABOVE_ROOT | AP_NORMALIZE_DECODE_UNRESERVED;

    if (!r->parsed_uri.path || !serves(r->server, r->parsed_uri.path) ||
        !strpbrk(r->parsed_uri.path, "%.")) /* nothing in it to refuse */
        return DECLINED;
    if (conf->merge_slashes != AP_CORE_CONFIG_OFF)
        flags |= AP_NORMALIZE_MERGE_SLASHES;
    return ap_normalize_path(apr_pstrdup(r->pool, r->parsed_uri.path), flags) ? DECLINED
                                                                              : HTTP_BAD_REQUEST;
}

int httpd_claim_translate(request_rec *r)
{
    if (!r->uri || !serves(r->server, r->uri) || is_others(r))
        return DECLINED;
    claim_of(r)->claimed = 1;
    /* Others take for granted that there is a file name, and log it. This one is nobody's. */
    r->filename = apr_pstrcat(r->pool, "items:", r->uri, NULL);
    return OK;
}

/* Also for TRACE: nothing below ItemsPath is echoed, the handler answers 405. */
int httpd_claim_storage(request_rec *r)
{
    return httpd_claim_is_ours(r) ? OK : DECLINED;
}

int httpd_claim_type(request_rec *r)
{
    if (!httpd_claim_is_ours(r) || is_others(r))
        return DECLINED;
    r->handler = HTTPD_CLAIM_HANDLER;
    return OK;
}

const char *httpd_claim_path(const char *target, const char *stops, apr_pool_t *pool)
{
    const char *path = target;

    if (path[0] != '/') {
        path = strstr(path, "://");
        path = path ? strchr(path + 3, '/') : NULL;
    }
    return path ? apr_pstrmemdup(pool, path, strcspn(path, stops)) : NULL;
}

/* The same for a request whose line was too long to be taken apart: the second word of it. */
static const char *path_of_line(const char *line, apr_pool_t *pool)
{
    const char *target = line ? strchr(line, ' ') : NULL;

    return target ? httpd_claim_path(target + strspn(target, " "), " ?", pool) : NULL;
}

/* May requests that came in on this port be this server's? The main server has no addresses. */
static int is_at_port(const server_rec *server, apr_port_t port)
{
    const server_addr_rec *addr = server->addrs;

    if (!addr)
        return 1;
    for (; addr; addr = addr->next) {
        if (addr->host_port == 0 || addr->host_port == port)
            return 1;
    }
    return 0;
}

const httpd_settings_t *httpd_claim_settings(request_rec *r)
{
    const char *path = r->uri ? r->uri : path_of_line(r->the_request, r->pool);
    const httpd_settings_t *settings;
    const server_rec *server;

    if (!path || is_others(r))
        return NULL;
    settings = serves(r->server, path);
    if (settings || httpd_claim_is_received(r) || r->prev || r->main)
        return settings;
    for (server = ap_server_conf; server && !settings; server = server->next) {
        if (is_at_port(server, r->connection->local_addr->port))
            settings = serves(server, path);
    }
    return settings;
}

static int is_id(const char *id)
{
    apr_size_t len =
        strspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");

    return len > 0 && len <= ID_MAX && !id[len];
}

void httpd_claim_start(void)
{
    has_seed = base_hash_random(seed, sizeof(seed));
}

/* An id is no secret, so it is the child's seed with a count, scattered by an odd factor, in its
 * last four bytes: random bytes for each would cost a good part of a small request. Should the
 * crypto library have refused, the time and the connection tell requests apart as well. */
static const char *make_id(request_rec *r)
{
    unsigned char bytes[ID_BYTES];
    char hex[2 * ID_BYTES + 1];
    apr_uint32_t number;
    int i;

    if (!has_seed)
        return apr_psprintf(r->pool, "%" APR_TIME_T_FMT "-%ld", r->request_time, r->connection->id);
    number = apr_atomic_inc32(&ids) * 2654435761U;
    memcpy(bytes, seed, sizeof(bytes));
    for (i = 0; i < 4; i++)
        bytes[ID_BYTES - 1 - i] ^= (unsigned char)(number >> (8 * i) & 0xff);
    base_hash_hex(hex, bytes, sizeof(bytes));
    return apr_pstrdup(r->pool, hex);
}

const char *httpd_claim_request_id(request_rec *r)
{
    claim_t *claim;
    const char *id;

    while (r->prev || r->main)
        r = r->prev ? r->prev : r->main;
    claim = claim_of(r);
    if (!claim->id) {
        id = apr_table_get(r->headers_in, "X-Request-Id");
        claim->id = id && is_id(id) ? id : make_id(r);
    }
    return claim->id;
}
