/* SPDX-License-Identifier: Apache-2.0 */
/* Unset is a value: make, merge and finish are three steps, one line per field in each.
 *
 * A field that is forgotten in one of them is found by the guard `settings` and by
 * test_httpd_settings.c. Rules of single values: DynamoDB Developer Guide, "Naming
 * rules"; RFC 3986 section 3.3 for the path; RFC 8414 section 2 for the issuer;
 * RFC 6749 section 3.3 for scopes.
 */
#include "httpd/settings.h"

#include <string.h>
#include <strings.h>

#define IS_SET(number) ((number) != HTTPD_SETTINGS_UNSET)
#define THREADS_LEAST 8 /* HTTP/2 has worker threads of its own, also under prefork */

httpd_settings_t *httpd_settings_make(apr_pool_t *pool)
{
    httpd_settings_t *settings = apr_pcalloc(pool, sizeof(*settings));

    settings->store.region = NULL;
    settings->store.endpoint = NULL;
    settings->store.endpoint_at = NULL;
    settings->store.unsafe_http = HTTPD_SETTINGS_UNSET;
    settings->store.ca_file = NULL;
    settings->store.connect_timeout = HTTPD_SETTINGS_UNSET;
    settings->store.attempt_timeout = HTTPD_SETTINGS_UNSET;
    settings->store.connections = HTTPD_SETTINGS_UNSET;
    settings->collection.table = NULL;
    settings->collection.table_at = NULL;
    settings->collection.path = NULL;
    settings->collection.consistent_read = HTTPD_SETTINGS_UNSET;
    settings->collection.page_default = HTTPD_SETTINGS_UNSET;
    settings->collection.page_max = HTTPD_SETTINGS_UNSET;
    settings->collection.body_max = HTTPD_SETTINGS_UNSET;
    settings->collection.page_keys = NULL;
    settings->collection.page_age = HTTPD_SETTINGS_UNSET;
    settings->collection.plain_tokens = HTTPD_SETTINGS_UNSET;
    settings->keys.uri = NULL;
    settings->keys.ca_file = NULL;
    settings->keys.kids = NULL;
    settings->keys.proxy = NULL;
    settings->keys.unverified = HTTPD_SETTINGS_UNSET;
    settings->keys.introspects = HTTPD_SETTINGS_UNSET;
    settings->keys.has_metadata = HTTPD_SETTINGS_UNSET;
    settings->timeout = HTTPD_SETTINGS_UNSET;
    settings->is_public = HTTPD_SETTINGS_UNSET;
    settings->issuer = NULL;
    settings->client_ids = NULL;
    settings->scopes = NULL;
    settings->scope_variable = NULL;
    settings->token_memory = HTTPD_SETTINGS_UNSET;
    settings->cors = HTTPD_SETTINGS_UNSET;
    return settings;
}

/* The value of add where that is set. One macro per kind of unset, so that a line stays a line. */
#define TEXT_OF(field) (add->field ? add->field : base->field)
#define NUMBER_OF(field) (IS_SET(add->field) ? add->field : base->field)

httpd_settings_t *httpd_settings_merge(const httpd_settings_t *base, const httpd_settings_t *add,
                                       apr_pool_t *pool)
{
    httpd_settings_t *settings = httpd_settings_make(pool);

    settings->store.region = TEXT_OF(store.region);
    settings->store.endpoint = TEXT_OF(store.endpoint);
    settings->store.endpoint_at = TEXT_OF(store.endpoint_at);
    settings->store.unsafe_http = NUMBER_OF(store.unsafe_http);
    settings->store.ca_file = TEXT_OF(store.ca_file);
    settings->store.connect_timeout = NUMBER_OF(store.connect_timeout);
    settings->store.attempt_timeout = NUMBER_OF(store.attempt_timeout);
    settings->store.connections = NUMBER_OF(store.connections);
    settings->collection.table = TEXT_OF(collection.table);
    settings->collection.table_at = TEXT_OF(collection.table_at);
    settings->collection.path = TEXT_OF(collection.path);
    settings->collection.consistent_read = NUMBER_OF(collection.consistent_read);
    settings->collection.page_default = NUMBER_OF(collection.page_default);
    settings->collection.page_max = NUMBER_OF(collection.page_max);
    settings->collection.body_max = NUMBER_OF(collection.body_max);
    settings->collection.page_keys = TEXT_OF(collection.page_keys);
    settings->collection.page_age = NUMBER_OF(collection.page_age);
    settings->collection.plain_tokens = NUMBER_OF(collection.plain_tokens);
    settings->keys.uri = TEXT_OF(keys.uri);
    settings->keys.ca_file = TEXT_OF(keys.ca_file);
    settings->keys.kids = TEXT_OF(keys.kids);
    settings->keys.proxy = TEXT_OF(keys.proxy);
    settings->keys.unverified = NUMBER_OF(keys.unverified);
    settings->keys.introspects = NUMBER_OF(keys.introspects);
    settings->keys.has_metadata = NUMBER_OF(keys.has_metadata);
    settings->timeout = NUMBER_OF(timeout);
    settings->is_public = NUMBER_OF(is_public);
    settings->issuer = TEXT_OF(issuer);
    settings->client_ids = TEXT_OF(client_ids);
    settings->scopes = TEXT_OF(scopes);
    settings->scope_variable = TEXT_OF(scope_variable);
    settings->token_memory = NUMBER_OF(token_memory);
    settings->cors = NUMBER_OF(cors);
    return settings;
}

/* Who may come in: closed unless the configuration says how somebody proves who they are. */
static base_err_t *judge_identity(const httpd_settings_t *settings, apr_pool_t *pool)
{
    const int ambient = httpd_settings_is_ambient(settings);

    if (settings->scopes && settings->is_public)
        return base_err_make(BASE_ERR_INVALID, 0, pool,
                             "ItemsScope needs ItemsPublic Off: scopes are somebody's, and here "
                             "nobody is asked who they are");
    if (settings->scopes && ambient && !settings->scope_variable)
        return base_err_make(BASE_ERR_INVALID, 0, pool,
                             "ItemsScope with ItemsIssuer none needs ItemsScopeVariable: which "
                             "variable of the environment holds the scopes");
    if (settings->scope_variable && !ambient)
        return base_err_make(BASE_ERR_INVALID, 0, pool,
                             "ItemsScopeVariable needs ItemsIssuer none: with ItemsIssuer URL the "
                             "scopes stand in the token");
    if (settings->is_public || ambient)
        return NULL;
    if (!settings->issuer)
        return base_err_make(BASE_ERR_INVALID, 0, pool,
                             "nobody could be identified: give ItemsIssuer and ItemsClientId, or "
                             "ItemsIssuer none where another AuthType does it, or ItemsPublic On");
    if (!settings->client_ids)
        return base_err_make(BASE_ERR_INVALID, 0, pool,
                             "ItemsIssuer needs ItemsClientId: the client ids whose tokens are "
                             "accepted");
    if (settings->token_memory > 0 && settings->keys.introspects)
        return base_err_make(BASE_ERR_INVALID, 0, pool,
                             "ItemsTokenMemory can't stand beside OIDCOAuthIntrospectionEndpoint "
                             "or OIDCOAuthServerMetadataURL: whoever is asked there about each "
                             "token may have revoked it");
    return NULL;
}

/* They need not nest: what is left of the longer one cuts the shorter ones. */
static void default_timeouts(httpd_settings_t *settings)
{
    if (!IS_SET(settings->timeout))
        settings->timeout = apr_time_from_sec(3);
    if (!IS_SET(settings->store.attempt_timeout))
        settings->store.attempt_timeout = apr_time_from_sec(1);
    if (!IS_SET(settings->store.connect_timeout))
        settings->store.connect_timeout = apr_time_from_msec(500);
}

static void default_to(int *number, int value)
{
    if (!IS_SET(*number))
        *number = value;
}

static void finish_collection(httpd_settings_collection_t *collection)
{
    if (!collection->path)
        collection->path = "/items";
    default_to(&collection->consistent_read, 0);
    default_to(&collection->page_default, 20);
    default_to(&collection->page_max, HTTPD_SETTINGS_PAGE_MAX);
    if (!IS_SET(collection->body_max))
        collection->body_max = 1048576;
    if (!IS_SET(collection->page_age))
        collection->page_age = apr_time_from_sec(24 * 3600);
    default_to(&collection->plain_tokens, 0);
}

/* These keep their NULL: collection.table, collection.table_at, collection.page_keys (a random one
 * is child.c's), store.region, store.endpoint and its place, store.ca_file (the floors below know
 * the default), issuer, client_ids, scopes and scope_variable, all of keys that is a text. */
base_err_t *httpd_settings_finish(httpd_settings_t *settings, int threads, apr_pool_t *pool)
{
    finish_collection(&settings->collection);
    default_to(&settings->store.unsafe_http, 0);
    default_to(&settings->store.connections, threads > THREADS_LEAST ? threads : THREADS_LEAST);
    if (settings->store.connections > HTTPD_SETTINGS_CONNECTIONS_LIMIT)
        settings->store.connections = HTTPD_SETTINGS_CONNECTIONS_LIMIT;
    default_to(&settings->keys.unverified, 0);
    default_to(&settings->keys.introspects, 0);
    default_to(&settings->keys.has_metadata, 0);
    if (!IS_SET(settings->token_memory))
        settings->token_memory = 0;
    default_to(&settings->is_public, 0);
    default_to(&settings->cors, 1);
    default_timeouts(settings);
    return settings->collection.table ? judge_identity(settings, pool) : NULL;
}

int httpd_settings_is_ambient(const httpd_settings_t *settings)
{
    return settings->issuer && !settings->issuer[0];
}

int httpd_settings_has_tokens(const httpd_settings_t *settings)
{
    return !settings->is_public && settings->issuer && settings->issuer[0];
}

int httpd_settings_has_memory(const httpd_settings_t *settings)
{
    return settings->collection.table && httpd_settings_has_tokens(settings) &&
           settings->token_memory > 0;
}

const httpd_settings_scope_t *httpd_settings_scope(const httpd_settings_t *settings,
                                                   const char *method)
{
    int i;

    if (!strcmp(method, "HEAD"))
        method = "GET";
    for (i = 0; settings->scopes && i < settings->scopes->nelts; i++) {
        const httpd_settings_scope_t *scope =
            &APR_ARRAY_IDX(settings->scopes, i, httpd_settings_scope_t);

        if (!strcmp(scope->method, method))
            return scope;
    }
    return NULL;
}

int httpd_settings_is_table(const char *name)
{
    apr_size_t len = strlen(name);

    return len >= 3 && len <= 255 &&
           strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-") == len;
}

/* A segment that arrives as it stands: httpd takes away empty ones and dots, and decodes. */
static int is_segment(const char *segment, apr_size_t len)
{
    apr_size_t i;

    for (i = 0; i < len; i++) {
        if (segment[i] <= ' ' || segment[i] >= 0x7f || strchr("%?#\\\"<>", segment[i]))
            return 0;
    }
    return len > 0 && !(len == 1 && segment[0] == '.') &&
           !(len == 2 && segment[0] == '.' && segment[1] == '.');
}

int httpd_settings_is_path(const char *path)
{
    apr_size_t len;

    if (path[0] != '/' || strlen(path) > 255)
        return 0;
    for (; *path == '/'; path += len) {
        path++;
        len = strcspn(path, "/");
        if (!is_segment(path, len))
            return 0;
    }
    return 1;
}

/* Printable ASCII without blanks, and of a length that a token may have. */
static int is_word(const char *text, apr_size_t max)
{
    const char *c;

    for (c = text; *c; c++) {
        if (*c <= ' ' || *c >= 0x7f)
            return 0;
    }
    return c > text && (apr_size_t)(c - text) <= max;
}

int httpd_settings_is_issuer(const char *url)
{
    const char *host = NULL;

    if (!strncmp(url, "https://", 8))
        host = url + 8;
    else if (!strncmp(url, "http://", 7))
        host = url + 7;
    return host && *host && *host != '/' && is_word(url, 2048) && !strpbrk(url, "\"<>\\");
}

int httpd_settings_is_client(const char *id)
{
    return is_word(id, 255);
}

int httpd_settings_is_scope(const char *scope)
{
    /* Cognito's: a resource server's identifier and a name of up to 256 characters each */
    return is_word(scope, 513) && !strpbrk(scope, "\"\\");
}

int httpd_settings_is_variable(const char *name)
{
    apr_size_t len = strlen(name);

    return len >= 1 && len <= 255 && !(name[0] >= '0' && name[0] <= '9') &&
           strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.:-") ==
               len &&
           strncasecmp(name, "HTTP_", 5) != 0 && strncasecmp(name, "REDIRECT_", 9) != 0;
}

int httpd_settings_is_method(const char *method)
{
    static const char *const methods[] = {"GET", "POST", "PUT", "PATCH", "DELETE"};
    apr_size_t i;

    for (i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
        if (!strcmp(methods[i], method))
            return 1;
    }
    return 0;
}
