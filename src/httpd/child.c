/* SPDX-License-Identifier: Apache-2.0 */
/* Wiring. What a server's stack needs from outside (region, endpoint, roots) is resolved by the
 * same function when the configuration is judged and when a child is built, so that what passed
 * `httpd -t` is what serves.
 *
 * The random page key lives in the process pool: all children seal with the same one, and a
 * graceful restart keeps it, so that clients in the midst of a list go on.
 */
#include "httpd/child.h"

#include <stdlib.h>
#include <string.h>

#include <ap_mpm.h>
#include <http_config.h>
#include <http_core.h>
#include <http_log.h>
#include <apr_hash.h>
#include <apr_strings.h>

#include "aws/client.h"
#include "aws/creds.h"
#include "aws/endpoint.h"
#include "base/hash.h"
#include "dynamo/table.h"
#include "httpd/claim.h"
#include "httpd/directives.h"
#include "httpd/exposure.h"
#include "httpd/keys.h"
#include "httpd/log.h"
#include "httpd/memory.h"
#include "httpd/sections.h"
#include "net/conn.h"
#include "net/http.h"

APLOG_USE_MODULE(items);

#define RANDOM_KEY "mod_items-page-key" /* its name among the retained data */
#define RANDOM_KEY_BYTES 32             /* RFC 2104 section 3 */
#define ANSWER_MAX (1024 * 1024)        /* bytes, where an operation does not say */

/* Where a store is. */
typedef struct {
    const char *region;
    aws_endpoint_t endpoint;
} place_t;

/* What servers with equal stores share. */
typedef struct {
    const httpd_settings_store_t *store;
    aws_client_t *client;
} shared_t;

/* settings -> items_api_t: made in child_init before the child has threads, only read afterwards.
 */
static apr_hash_t *apis;

const items_api_t *httpd_child_api(const httpd_settings_t *settings)
{
    return apis ? apr_hash_get(apis, &settings, sizeof(settings)) : NULL;
}

static const char *environment(const char *name)
{
    /* Before a child has threads; nobody sets variables afterwards. */
    return getenv(name); /* NOLINT(concurrency-mt-unsafe) */
}

static base_err_t *find_place(place_t *place, const httpd_settings_store_t *store, apr_pool_t *pool)
{
    base_err_t *err;

    err = aws_endpoint_region(&place->region, store->region, environment, pool);
    if (err)
        return base_err_wrap(err, pool, "no region for the table (ItemsRegion)");
    err = aws_endpoint_dynamodb(&place->endpoint, place->region, store->endpoint,
                                store->unsafe_http, environment, pool);
    if (err && store->endpoint)
        return base_err_wrap(err, pool, "ItemsEndpoint on %s", store->endpoint_at);
    return err ? base_err_wrap(err, pool, "no endpoint for the table") : NULL;
}

static base_err_t *make_conns(net_conn_pool_t **conns, const httpd_settings_store_t *store,
                              const place_t *place, apr_pool_t *pool)
{
    net_conn_options_t options = {
        .host = place->endpoint.host,
        .port = place->endpoint.port,
        .tls = place->endpoint.tls,
        .ca_file = store->ca_file,
        .connection_max = store->connections,
        .connect_timeout = store->connect_timeout,
    };
    base_err_t *err = net_conn_pool_make(conns, &options, pool);

    return err ? base_err_wrap(err, pool, "no connections to %s", place->endpoint.host_header)
               : NULL;
}

/* What ItemsTokenMemory can't stand beside. */
static base_err_t *judge_memory(const server_rec *server, apr_pool_t *pool)
{
    const httpd_settings_t *settings = httpd_directives_settings(server);
    const char *why = httpd_settings_has_memory(settings)
                          ? httpd_sections_why_below(server, settings->collection.path, pool)
                          : NULL;

    return why ? base_err_make(
                     BASE_ERR_INVALID, 0, pool,
                     "ItemsTokenMemory can't stand beside %s: what mod_auth_openidc finds "
                     "in a token is not there while the token is remembered",
                     why)
               : NULL;
}

/* Everything about one server's settings that can be known before a child exists. */
static base_err_t *judge(const server_rec *server, int threads, apr_pool_t *pool)
{
    httpd_settings_t *settings = httpd_directives_settings(server);
    net_conn_pool_t *conns = NULL;
    base_err_t *err;
    place_t place;

    err = httpd_settings_finish(settings, threads, pool);
    if (!err)
        err = judge_memory(server, pool);
    if (err || !settings->collection.table)
        return err;
    err = find_place(&place, &settings->store, pool);
    if (err || !settings->store.ca_file)
        return err;
    /* the only way to know whether a file has certificates is to load them */
    err = make_conns(&conns, &settings->store, &place, pool);
    if (err)
        return base_err_wrap(err, pool, "ItemsCAFile");
    net_conn_pool_close(conns);
    return NULL;
}

/* A virtual host may have inherited the table, and all but what is wrong. */
static const char *place_of(const server_rec *server, apr_pool_t *pool)
{
    if (!server->is_virtual || !server->defn_name)
        return "";
    return apr_psprintf(pool, ", in the virtual host on %s:%u", server->defn_name,
                        server->defn_line_number);
}

int httpd_child_check(apr_pool_t *conf, apr_pool_t *log, apr_pool_t *temp, server_rec *servers)
{
    int threads = 0, wrong = 0;
    server_rec *server;

    (void)conf;
    (void)log;
    ap_mpm_query(AP_MPMQ_MAX_THREADS, &threads);
    for (server = servers; server; server = server->next) {
        const httpd_settings_t *settings = httpd_directives_settings(server);
        const base_err_t *err = judge(server, threads, temp);

        if (!err)
            continue;
        wrong = 1;
        ap_log_error(APLOG_MARK, APLOG_EMERG | APLOG_STARTUP, 0, NULL,
                     "%s: ItemsTable %s on %s%s: %s", HTTPD_LOG_CONFIG, settings->collection.table,
                     settings->collection.table_at, place_of(server, temp),
                     base_err_format(err, temp));
    }
    return wrong ? HTTP_INTERNAL_SERVER_ERROR : OK;
}

/* The random key, made at the first start; NULL when the crypto library refuses. */
static const unsigned char *random_key(void)
{
    unsigned char fresh[RANDOM_KEY_BYTES];
    unsigned char *key = ap_retained_data_get(RANDOM_KEY);

    if (!key && base_hash_random(fresh, sizeof(fresh))) {
        key = ap_retained_data_create(RANDOM_KEY, sizeof(fresh));
        memcpy(key, fresh, sizeof(fresh));
        base_hash_wipe(fresh, sizeof(fresh));
    }
    return key;
}

/* Without credentials httpd starts all the same: a region may be out, a role not yet there. */
static void tell_credentials(server_rec *server, apr_pool_t *pool)
{
    const aws_creds_source_t *source = aws_creds_env_make(environment, pool);
    const base_err_t *err;
    base_call_t call;
    aws_creds_t creds;

    base_call_init(&call, apr_time_from_sec(1));
    err = aws_creds_get(&creds, source, &call, pool);
    if (err)
        ap_log_error(APLOG_MARK, APLOG_WARNING, 0, server,
                     "%s: no AWS credentials, so every request that needs the table is answered "
                     "503: %s",
                     HTTPD_LOG_NO_CREDENTIALS, base_err_format(err, pool));
}

/* mod_auth_openidc's libcurl takes a proxy from the environment, ours doesn't. */
static const char *proxy_variable(void)
{
    static const char *const names[] = {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"};
    apr_size_t i;

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const char *value = environment(names[i]);

        if (value && value[0])
            return names[i];
    }
    return NULL;
}

static apr_status_t close_conns(void *conns)
{
    net_conn_pool_close(conns);
    return APR_SUCCESS;
}

/* A send function for looks at a key set: connections of its own each time, since there is a look
 * in minutes, and not in every child. The roots are read anew then. Closing waits for a name that
 * is still looked up, so that is left to the end of pool, the look's own. sender:
 * net_conn_options_t. */
static base_err_t *send_once(net_http_response_t *response, void *sender,
                             const net_http_request_t *request, const base_call_t *call,
                             apr_pool_t *pool)
{
    net_conn_pool_t *conns = NULL;
    base_err_t *err = net_conn_pool_make(&conns, sender, pool);

    if (err)
        return err;
    apr_pool_cleanup_register(pool, conns, close_conns, apr_pool_cleanup_null);
    return net_http_send(response, conns, request, call, pool);
}

/* Where a key set is, and how it is asked for. */
static base_err_t *find_keys(auth_kids_source_t *source, const httpd_settings_keys_t *keys,
                             apr_pool_t *pool)
{
    const char *host = strstr(keys->uri, "://");
    const char *path = host ? host + 3 + strcspn(host + 3, "/?#") : keys->uri;
    const char *origin = apr_pstrmemdup(pool, keys->uri, (apr_size_t)(path - keys->uri));
    net_conn_options_t *options = apr_pcalloc(pool, sizeof(*options));
    aws_endpoint_t endpoint;
    base_err_t *err = aws_endpoint_parse(&endpoint, origin, 0, pool);

    if (!err && !endpoint.tls)
        err = base_err_make(BASE_ERR_INVALID, 0, pool, "no https URL");
    if (err)
        return base_err_wrap(err, pool, "OIDCOAuthVerifyJwksUri %s", keys->uri);
    options->host = endpoint.host;
    options->port = endpoint.port;
    options->tls = 1;
    options->ca_file = keys->ca_file;
    options->connection_max = 1;
    options->connect_timeout = AUTH_KIDS_LOOK;
    source->host = endpoint.host_header;
    source->target = apr_pstrcat(pool, path[0] == '/' ? "" : "/",
                                 apr_pstrmemdup(pool, path, strcspn(path, "#")), NULL);
    source->send = send_once;
    source->sender = options;
    return NULL;
}

/* Make room for the watch on a server's keys, or say why there is none: then mod_auth_openidc
 * fetches the key set as often as it likes. */
static void prepare_keys(server_rec *server, apr_pool_t *pool)
{
    const httpd_settings_t *settings = httpd_directives_settings(server);
    const char *why = httpd_keys_why_not(settings, proxy_variable(), pool);
    auth_kids_source_t source;
    const base_err_t *err;

    if (!why) {
        err = find_keys(&source, &settings->keys, pool);
        if (!err)
            err = httpd_keys_prepare(settings, server->process->pool, pool);
        why = err ? base_err_format(err, pool) : "";
    }
    if (why[0])
        ap_log_error(APLOG_MARK, APLOG_WARNING, 0, server,
                     "%s: the keys of %s can't be watched, so each token of an unknown key makes "
                     "mod_auth_openidc fetch the key set: %s",
                     HTTPD_LOG_UNWATCHED, settings->issuer, why);
}

/* What an operator should know about a configuration that works. */
static void tell(server_rec *servers, apr_pool_t *pool)
{
    server_rec *server, *first = NULL, *keyless = NULL;

    for (server = servers; server; server = server->next) {
        const httpd_settings_t *settings = httpd_directives_settings(server);

        if (!settings->collection.table)
            continue;
        if (!first)
            first = server;
        if (!keyless && !settings->collection.page_keys)
            keyless = server;
        if (settings->is_public)
            ap_log_error(APLOG_MARK, APLOG_NOTICE, 0, server,
                         "%s: ItemsPublic On: whoever httpd lets through reads and writes table %s "
                         "(ItemsTable on %s)",
                         HTTPD_LOG_PUBLIC, settings->collection.table,
                         settings->collection.table_at);
        else if (httpd_exposure_is_clear(server, servers))
            ap_log_error(APLOG_MARK, APLOG_WARNING, 0, server,
                         "%s: other machines reach table %s without TLS (ItemsTable on %s): tokens "
                         "and items travel in clear",
                         HTTPD_LOG_CLEAR, settings->collection.table,
                         settings->collection.table_at);
    }
    if (keyless)
        ap_log_error(APLOG_MARK, APLOG_NOTICE, 0, keyless,
                     "%s: no ItemsPageKey: page tokens are sealed under a random key, are good on "
                     "this server only and until it is stopped (graceful restarts keep them)",
                     HTTPD_LOG_RANDOM_KEY);
    if (first)
        tell_credentials(first, pool);
}

int httpd_child_prepare(apr_pool_t *conf, apr_pool_t *log, apr_pool_t *temp, server_rec *servers)
{
    server_rec *server;
    base_err_t *err;

    (void)log;
    /* httpd reads its configuration twice at a start; nothing is to be made or said in the
     * rehearsal */
    if (ap_state_query(AP_SQ_MAIN_STATE) == AP_SQ_MS_CREATE_PRE_CONFIG)
        return OK;
    /* Counted by libcurl, and not given back: other modules use it as well, and at the end of a
     * process that serves with -X there may still be connections. */
    err = net_conn_start(temp);
    if (!err && !random_key())
        err = base_err_make(BASE_ERR_INTERNAL, 0, temp, "OpenSSL gives no random bytes");
    if (!err)
        err = httpd_memory_prepare(servers, conf);
    if (err) {
        ap_log_error(APLOG_MARK, APLOG_EMERG | APLOG_STARTUP, 0, servers, "%s: %s",
                     HTTPD_LOG_CONFIG, base_err_format(err, temp));
        return HTTP_INTERNAL_SERVER_ERROR;
    }
    for (server = servers; server; server = server->next)
        prepare_keys(server, temp);
    tell(servers, temp);
    return OK;
}

static int is_same_text(const char *a, const char *b)
{
    return a == b || (a && b && !strcmp(a, b));
}

static int is_same_store(const httpd_settings_store_t *a, const httpd_settings_store_t *b)
{
    return is_same_text(a->region, b->region) && is_same_text(a->endpoint, b->endpoint) &&
           a->unsafe_http == b->unsafe_http && is_same_text(a->ca_file, b->ca_file) &&
           a->connect_timeout == b->connect_timeout && a->attempt_timeout == b->attempt_timeout &&
           a->connections == b->connections;
}

/* The client for a store: an equal one's, or a new one. */
static base_err_t *find_client(aws_client_t **client, apr_array_header_t *stacks,
                               const httpd_settings_store_t *store, const aws_creds_source_t *creds)
{
    apr_pool_t *pool = stacks->pool;
    aws_client_options_t options = {
        .service = "dynamodb",
        .target_prefix = "DynamoDB_20120810.",
        .content_type = "application/x-amz-json-1.0",
        .user_agent = "mod_items",
        .creds = creds,
        .send = net_http_send,
        .attempt_timeout = store->attempt_timeout,
        .answer_max = ANSWER_MAX,
        .now = apr_time_now,
    };
    net_conn_pool_t *conns = NULL;
    place_t *place;
    base_err_t *err;
    int i;

    for (i = 0; i < stacks->nelts; i++) {
        const shared_t *stack = &APR_ARRAY_IDX(stacks, i, shared_t);

        *client = stack->client;
        if (is_same_store(stack->store, store))
            return NULL;
    }
    place = apr_palloc(pool, sizeof(*place));
    err = find_place(place, store, pool);
    if (!err)
        err = make_conns(&conns, store, place, pool);
    if (err)
        return err;
    options.endpoint = &place->endpoint;
    options.region = place->region;
    options.sender = conns;
    *client = aws_client_make(&options, pool);
    APR_ARRAY_PUSH(stacks, shared_t) = (shared_t){store, *client};
    return NULL;
}

static items_api_t *make_api(aws_client_t *client, const httpd_settings_collection_t *collection,
                             apr_pool_t *pool)
{
    items_api_options_t *options = apr_pcalloc(pool, sizeof(*options));
    items_page_key_t *key;

    options->mount = collection->path;
    options->table = dynamo_table_make(client, collection->table, "id", pool);
    options->consistent_read = collection->consistent_read;
    options->page_default = collection->page_default;
    options->page_max = collection->page_max;
    options->body_max = (apr_size_t)collection->body_max;
    options->page_age = collection->page_age;
    options->plain_tokens = collection->plain_tokens;
    if (collection->page_keys) {
        options->page_keys = (const items_page_key_t *)collection->page_keys->elts;
        options->page_key_count = collection->page_keys->nelts;
    } else {
        key = apr_palloc(pool, sizeof(*key));
        key->bytes = random_key();
        key->len = RANDOM_KEY_BYTES;
        options->page_keys = key;
        options->page_key_count = 1;
    }
    return items_api_make(options, pool);
}

/* Of a server whose keys can be watched; why not was said at the start. */
static void watch_keys(server_rec *server, apr_pool_t *pool)
{
    const httpd_settings_t *settings = httpd_directives_settings(server);
    auth_kids_source_t source;

    if (!httpd_keys_why_not(settings, proxy_variable(), pool) &&
        !httpd_keys_share(settings, pool) && !find_keys(&source, &settings->keys, pool))
        httpd_keys_watch(settings, &source, server, pool);
}

void httpd_child_init(apr_pool_t *child, server_rec *servers)
{
    const aws_creds_source_t *creds = NULL;
    apr_array_header_t *stacks;
    server_rec *server;
    apr_pool_t *pool;

    (void)child;
    httpd_claim_start();
    /* As long as the process: under prefork a child's pool is destroyed inside a signal handler, in
     * the midst of a request that uses this, and of a malloc() maybe. */
    if (apr_pool_create_unmanaged_ex(&pool, NULL, NULL) != APR_SUCCESS) {
        ap_log_error(APLOG_MARK, APLOG_ERR, 0, servers, "%s: no memory to serve tables",
                     HTTPD_LOG_CHILD);
        return;
    }
    stacks = apr_array_make(pool, 4, sizeof(shared_t));
    httpd_keys_start(pool);
    httpd_memory_start(pool);
    apis = apr_hash_make(pool);
    for (server = servers; server; server = server->next) {
        const httpd_settings_t **settings = apr_palloc(pool, sizeof(*settings));
        aws_client_t *client = NULL;
        const base_err_t *err;

        *settings = httpd_directives_settings(server);
        if (!(*settings)->collection.table)
            continue;
        watch_keys(server, pool);
        if (!creds)
            creds = aws_creds_env_make(environment, pool);
        err = find_client(&client, stacks, &(*settings)->store, creds);
        if (err)
            ap_log_error(APLOG_MARK, APLOG_ERR, 0, server, "%s: table %s can't be served: %s",
                         HTTPD_LOG_CHILD, (*settings)->collection.table,
                         base_err_format(err, pool));
        else
            apr_hash_set(apis, settings, sizeof(*settings),
                         make_api(client, &(*settings)->collection, pool));
    }
}
