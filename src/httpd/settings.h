/* SPDX-License-Identifier: Apache-2.0 */
/* What the directives of one server or virtual host say: unset, merge, finish.
 *
 * Free of httpd, so that a test can walk all fields. Made while the configuration
 * is read, finished once in check_config, read-only afterwards; any thread.
 */
#ifndef HTTPD_SETTINGS_H
#define HTTPD_SETTINGS_H

#include <apr_tables.h>
#include <apr_time.h>

#include "base/err.h"
#include "items/page.h"

#define HTTPD_SETTINGS_UNSET (-1) /* of every number; of a text or list it is NULL */

#define HTTPD_SETTINGS_PAGE_MAX 100                  /* items: MAX of ItemsPageSize unless given */
#define HTTPD_SETTINGS_PAGE_LIMIT 1000               /* items: highest ItemsPageSize */
#define HTTPD_SETTINGS_BODY_LIMIT (16 * 1024 * 1024) /* bytes: highest ItemsBodyLimit */
#define HTTPD_SETTINGS_CONNECTIONS_LIMIT 1024        /* highest ItemsConnections */
#define HTTPD_SETTINGS_TIMEOUT_LIMIT apr_time_from_sec(60)      /* highest of the three timeouts */
#define HTTPD_SETTINGS_AGE_LIMIT apr_time_from_sec(8760 * 3600) /* highest ItemsPageTokenAge */
#define HTTPD_SETTINGS_KEYS_LIMIT 8                             /* most page keys */
#define HTTPD_SETTINGS_CLIENTS_LIMIT 100                        /* most client ids */
#define HTTPD_SETTINGS_MEMORY_LIMIT apr_time_from_sec(3600)     /* highest ItemsTokenMemory */
#define HTTPD_SETTINGS_SCOPES_LIMIT 100                         /* most scopes of a method */

/* How DynamoDB is reached. Servers whose stores are equal share one connection pool and client. */
typedef struct {
    const char *region;                  /* NULL: from the environment */
    const char *endpoint;                /* URL; NULL: from the environment or the region */
    const char *endpoint_at;             /* "file:line" of endpoint's directive, for messages */
    int unsafe_http;                     /* 1: plain http beyond loopback; goes with endpoint */
    const char *ca_file;                 /* absolute path; NULL: the system's bundle */
    apr_interval_time_t connect_timeout; /* microseconds; 500ms */
    apr_interval_time_t attempt_timeout; /* microseconds; 1s */
    int connections;                     /* per child; the larger of its threads and 8 */
} httpd_settings_store_t;

/* One table served below one path. */
typedef struct {
    const char *table;             /* NULL: nothing is served */
    const char *table_at;          /* "file:line" of table's directive, for messages */
    const char *path;              /* "/items" */
    int consistent_read;           /* 0 */
    int page_default;              /* items; 20 */
    int page_max;                  /* items; 100 */
    apr_int64_t body_max;          /* bytes; 1048576 */
    apr_array_header_t *page_keys; /* of items_page_key_t; NULL: a random one, see child.c */
    apr_interval_time_t page_age;  /* microseconds; 24h */
    int plain_tokens;              /* 0 */
} httpd_settings_collection_t;

/* What a method asks of a token: one of these scopes. */
typedef struct {
    const char *method;
    apr_array_header_t *scopes; /* of const char * */
    const char *words;          /* the same, separated by blanks */
} httpd_settings_scope_t;

/* What directives of mod_auth_openidc say about keys; it judges them, we listen. */
typedef struct {
    const char *uri;          /* OIDCOAuthVerifyJwksUri */
    const char *ca_file;      /* OIDCCABundlePath, absolute */
    apr_array_header_t *kids; /* of const char *: OIDCOAuthVerifyCertFiles; "": one without an id */
    const char *proxy;        /* OIDCOutgoingProxy */
    int unverified;           /* 1: OIDCOAuthSSLValidateServer Off */
    int introspects;          /* 1: somebody else is asked about each token */
    int has_metadata;         /* 1: OIDCOAuthServerMetadataURL says where the keys are */
} httpd_settings_keys_t;

typedef struct {
    httpd_settings_store_t store;
    httpd_settings_collection_t collection;
    httpd_settings_keys_t keys;
    apr_interval_time_t timeout;      /* microseconds for a whole request; 3s */
    int is_public;                    /* 0; 1: served without identity */
    const char *issuer;               /* required iss; "" for ItemsIssuer none */
    apr_array_header_t *client_ids;   /* of const char * */
    apr_array_header_t *scopes;       /* of httpd_settings_scope_t; NULL: none are asked for */
    const char *scope_variable;       /* of the environment: scopes where issuer is "" */
    apr_interval_time_t token_memory; /* microseconds; 0: none */
    int cors;                         /* 1: any origin; 0: no CORS headers */
} httpd_settings_t;

/* Every field unset. */
httpd_settings_t *httpd_settings_make(apr_pool_t *pool);

/* What a virtual host's settings are upon its server's: those that add has set win. Both live at
 * least as long as pool. */
httpd_settings_t *httpd_settings_merge(const httpd_settings_t *base, const httpd_settings_t *add,
                                       apr_pool_t *pool);

/* Put in the defaults and judge what no single directive can. threads: those of a child process.
 * BASE_ERR_INVALID with words that name the directives. Settings without a table are never wrong.
 */
base_err_t *httpd_settings_finish(httpd_settings_t *settings, int threads,
                                  apr_pool_t *pool) BASE_ERR_CHECKED;

/* Is another AuthType in charge of identity (ItemsIssuer none)? */
int httpd_settings_is_ambient(const httpd_settings_t *settings);

/* Is identity a token's, whose claims are judged here (ItemsIssuer URL, and not public)? */
int httpd_settings_has_tokens(const httpd_settings_t *settings);

/* Are verified tokens remembered (ItemsTokenMemory)? */
int httpd_settings_has_memory(const httpd_settings_t *settings);

/* What a method asks for, NULL when no ItemsScope names it; HEAD follows GET. */
const httpd_settings_scope_t *httpd_settings_scope(const httpd_settings_t *settings,
                                                   const char *method);

/* The judges of single values, for directives.c. Yes/no. */
int httpd_settings_is_table(const char *name);    /* 3 to 255 of [A-Za-z0-9_.-] */
int httpd_settings_is_path(const char *path);     /* absolute, plain, no slash at its end */
int httpd_settings_is_issuer(const char *url);    /* http(s)://…, printable ASCII, no blanks */
int httpd_settings_is_client(const char *id);     /* 1 to 255 of printable ASCII, no blanks */
int httpd_settings_is_scope(const char *scope);   /* 1 to 513 of RFC 6749's scope characters */
int httpd_settings_is_method(const char *method); /* one that can ask for scopes */
int httpd_settings_is_variable(const char *name); /* one that no client can set: not HTTP_… */

#endif
