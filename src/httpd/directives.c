/* SPDX-License-Identifier: Apache-2.0 */
/* The setters: at most a few lines each; what is more than one word's business is settings.c's.
 *
 * httpd puts file, line and "Syntax error on line" around what a setter returns. A key's bytes are
 * read here, while httpd is still root, so that the files need not be readable to the children and
 * `httpd -t` sees what is wrong with them.
 */
#include "httpd/directives.h"

#include <string.h>
#include <strings.h>

#include <http_core.h>
#include <http_log.h>
#include <apr_file_io.h>
#include <apr_lib.h>
#include <apr_strings.h>

#include "httpd/sections.h"

APLOG_USE_MODULE(items);

#define KEY_LEAST 32  /* bytes; RFC 2104 section 3: no shorter than the hash */
#define KEY_MOST 4096 /* bytes of a key file */
/* Else a pipe that nobody writes to would be waited for. */
#define OPENED (APR_FOPEN_READ | APR_FOPEN_NONBLOCK)

httpd_settings_t *httpd_directives_settings(const server_rec *server)
{
    return ap_get_module_config(server->module_config, &items_module);
}

void *httpd_directives_make(apr_pool_t *pool, server_rec *server)
{
    (void)server;
    return httpd_settings_make(pool);
}

void *httpd_directives_merge(apr_pool_t *pool, void *base, void *add)
{
    return httpd_settings_merge(base, add, pool);
}

/* The message of a setter: its directive's name, what was expected, what stood there. */
static const char *expected(const cmd_parms *cmd, const char *what, const char *word)
{
    return apr_psprintf(cmd->pool, "%s takes %s, not \"%s\"", cmd->cmd->name, what, word);
}

/* A decimal number between least and most; the message names both. */
static const char *set_number(apr_int64_t *number, const cmd_parms *cmd, const char *word,
                              apr_int64_t least, apr_int64_t most)
{
    apr_size_t len = strlen(word);

    if (len > 0 && len <= 12 && strspn(word, "0123456789") == len) {
        *number = apr_atoi64(word);
        if (*number >= least && *number <= most)
            return NULL;
    }
    return expected(cmd,
                    apr_psprintf(cmd->pool,
                                 "a whole number from %" APR_INT64_T_FMT " to %" APR_INT64_T_FMT,
                                 least, most),
                    word);
}

/* A time above zero in httpd's own spelling. The shape is judged here: httpd's parser looks at the
 * unit's first letters only, and takes "1sec" and "10mio". */
static const char *set_time(apr_interval_time_t *time, const cmd_parms *cmd, const char *word,
                            apr_interval_time_t most)
{
    static const char *const units[] = {"", "ms", "s", "mi", "min", "h"};
    const char *unit = word + strspn(word, "0123456789");
    apr_size_t i;

    for (i = 0; unit > word && unit - word <= 12 && i < sizeof(units) / sizeof(units[0]); i++) {
        if (!strcmp(unit, units[i]) && ap_timeout_parameter_parse(word, time, "s") == APR_SUCCESS &&
            *time > 0 && *time <= most)
            return NULL;
    }
    return expected(cmd,
                    apr_psprintf(cmd->pool,
                                 "a time above 0 and at most %" APR_TIME_T_FMT
                                 "s, such as 500ms, 3s, 10min or 24h (a bare number is seconds)",
                                 apr_time_sec(most)),
                    word);
}

/* For a fault that is found when the whole configuration is known. */
static const char *place_of(const cmd_parms *cmd)
{
    return apr_psprintf(cmd->pool, "%s:%d", cmd->directive->filename, cmd->directive->line_num);
}

static const char *set_table(cmd_parms *cmd, void *dir, const char *name)
{
    httpd_settings_collection_t *collection = &httpd_directives_settings(cmd->server)->collection;

    (void)dir;
    if (!httpd_settings_is_table(name))
        return expected(cmd, "the name of a table: 3 to 255 of A-Z a-z 0-9 _ . -", name);
    collection->table = name;
    collection->table_at = place_of(cmd);
    return NULL;
}

static const char *set_path(cmd_parms *cmd, void *dir, const char *path)
{
    (void)dir;
    if (!httpd_settings_is_path(path))
        return expected(cmd,
                        "an absolute path such as /items: not / alone, no slash at its end, "
                        "no //, no dot segments, nothing that needs percent-encoding, at most "
                        "255 bytes",
                        path);
    httpd_directives_settings(cmd->server)->collection.path = path;
    return NULL;
}

static const char *set_region(cmd_parms *cmd, void *dir, const char *region)
{
    apr_size_t len = strlen(region);

    (void)dir;
    if (len < 1 || len > 63 || strspn(region, "abcdefghijklmnopqrstuvwxyz0123456789-") != len)
        return expected(cmd, "a region such as eu-central-1", region);
    httpd_directives_settings(cmd->server)->store.region = region;
    return NULL;
}

/* Whether the URL makes an endpoint is judged in check_config, by the floor that knows. */
static const char *set_endpoint(cmd_parms *cmd, void *dir, const char *url, const char *unsafe)
{
    httpd_settings_store_t *store = &httpd_directives_settings(cmd->server)->store;

    (void)dir;
    if (unsafe && strcmp(unsafe, "unsafe-http"))
        return expected(cmd, "nothing but unsafe-http as its second word", unsafe);
    store->endpoint = url;
    store->endpoint_at = place_of(cmd);
    store->unsafe_http = unsafe != NULL;
    return NULL;
}

static const char *set_ca_file(cmd_parms *cmd, void *dir, const char *word)
{
    const char *path = ap_server_root_relative(cmd->pool, word);
    apr_finfo_t info = {.filetype = APR_NOFILE};
    apr_file_t *file;

    (void)dir;
    if (path &&
        apr_file_open(&file, path, OPENED, APR_FPROT_OS_DEFAULT, cmd->temp_pool) == APR_SUCCESS) {
        (void)apr_file_info_get(&info, APR_FINFO_TYPE, file);
        apr_file_close(file);
    }
    if (info.filetype != APR_REG)
        return expected(cmd, "a readable file of PEM certificates", word);
    httpd_directives_settings(cmd->server)->store.ca_file = path;
    return NULL;
}

static const char *set_timeout(cmd_parms *cmd, void *dir, const char *word)
{
    (void)dir;
    return set_time(&httpd_directives_settings(cmd->server)->timeout, cmd, word,
                    HTTPD_SETTINGS_TIMEOUT_LIMIT);
}

static const char *set_connect_timeout(cmd_parms *cmd, void *dir, const char *word)
{
    (void)dir;
    return set_time(&httpd_directives_settings(cmd->server)->store.connect_timeout, cmd, word,
                    HTTPD_SETTINGS_TIMEOUT_LIMIT);
}

static const char *set_attempt_timeout(cmd_parms *cmd, void *dir, const char *word)
{
    (void)dir;
    return set_time(&httpd_directives_settings(cmd->server)->store.attempt_timeout, cmd, word,
                    HTTPD_SETTINGS_TIMEOUT_LIMIT);
}

static const char *set_connections(cmd_parms *cmd, void *dir, const char *word)
{
    apr_int64_t number = HTTPD_SETTINGS_UNSET;
    const char *wrong = set_number(&number, cmd, word, 1, HTTPD_SETTINGS_CONNECTIONS_LIMIT);

    (void)dir;
    if (!wrong)
        httpd_directives_settings(cmd->server)->store.connections = (int)number;
    return wrong;
}

static const char *set_consistent_read(cmd_parms *cmd, void *dir, int on)
{
    (void)dir;
    httpd_directives_settings(cmd->server)->collection.consistent_read = on;
    return NULL;
}

static const char *set_page_size(cmd_parms *cmd, void *dir, const char *word, const char *max_word)
{
    httpd_settings_collection_t *collection = &httpd_directives_settings(cmd->server)->collection;
    apr_int64_t number = 0, max = HTTPD_SETTINGS_PAGE_MAX;
    const char *wrong = set_number(&number, cmd, word, 1, HTTPD_SETTINGS_PAGE_LIMIT);

    (void)dir;
    if (!wrong && max_word)
        wrong = set_number(&max, cmd, max_word, 1, HTTPD_SETTINGS_PAGE_LIMIT);
    if (wrong)
        return wrong;
    if (max_word && number > max)
        return expected(cmd, "a default that is at most its maximum",
                        apr_pstrcat(cmd->pool, word, " ", max_word, NULL));
    collection->page_default = (int)number;
    collection->page_max = (int)(number > max ? number : max);
    return NULL;
}

static const char *set_body_limit(cmd_parms *cmd, void *dir, const char *word)
{
    apr_int64_t number = HTTPD_SETTINGS_UNSET;
    const char *wrong = set_number(&number, cmd, word, 1, HTTPD_SETTINGS_BODY_LIMIT);

    (void)dir;
    if (!wrong)
        httpd_directives_settings(cmd->server)->collection.body_max = number;
    return wrong;
}

/* The bytes of a key file after taking off one trailing newline. */
static const char *read_key(items_page_key_t *key, cmd_parms *cmd, const char *path)
{
    const apr_fileperms_t others =
        APR_FPROT_GREAD | APR_FPROT_GWRITE | APR_FPROT_WREAD | APR_FPROT_WWRITE;
    unsigned char *bytes = apr_palloc(cmd->pool, KEY_MOST + 1);
    apr_size_t len = 0;
    apr_finfo_t info = {.filetype = APR_NOFILE};
    apr_file_t *file;
    apr_status_t rv;
    char reason[128];

    rv = apr_file_open(&file, path, OPENED, APR_FPROT_OS_DEFAULT, cmd->temp_pool);
    if (rv == APR_SUCCESS) {
        rv = apr_file_info_get(&info, APR_FINFO_PROT | APR_FINFO_TYPE, file);
        if (rv == APR_SUCCESS && info.filetype == APR_REG && !(info.protection & others))
            rv = apr_file_read_full(file, bytes, KEY_MOST + 1, &len);
        apr_file_close(file);
    }
    if (rv != APR_SUCCESS && rv != APR_EOF)
        return apr_psprintf(cmd->pool, "%s: cannot read %s: %s", cmd->cmd->name, path,
                            apr_strerror(rv, reason, sizeof(reason)));
    if (info.filetype != APR_REG)
        return apr_psprintf(cmd->pool, "%s: %s is not a regular file", cmd->cmd->name, path);
    if (info.protection & others)
        return apr_psprintf(cmd->pool,
                            "%s: group or others may read or write %s: whoever reads it can make "
                            "page tokens (chmod 600)",
                            cmd->cmd->name, path);
    if (len > 0 && bytes[len - 1] == '\n')
        len--;
    if (len < KEY_LEAST || len > KEY_MOST)
        return apr_psprintf(cmd->pool, "%s: %s holds %" APR_SIZE_T_FMT " bytes, a key has %d to %d",
                            cmd->cmd->name, path, len, KEY_LEAST, KEY_MOST);
    key->bytes = bytes;
    key->len = len;
    return NULL;
}

static const char *set_page_key(cmd_parms *cmd, void *dir, const char *word)
{
    httpd_settings_collection_t *collection = &httpd_directives_settings(cmd->server)->collection;
    const char *path, *wrong;
    items_page_key_t key;

    (void)dir;
    if (!strncmp(word, "secret:", 7))
        return apr_psprintf(cmd->pool, "%s: this version reads keys from files only: file:PATH",
                            cmd->cmd->name);
    /* the word is not repeated: it may be a key that was put here by mistake */
    path =
        strncmp(word, "file:", 5) || !word[5] ? NULL : ap_server_root_relative(cmd->pool, word + 5);
    if (!path)
        return apr_psprintf(cmd->pool, "%s takes file:PATH", cmd->cmd->name);
    wrong = read_key(&key, cmd, path);
    if (wrong)
        return wrong;
    if (!collection->page_keys)
        collection->page_keys = apr_array_make(cmd->pool, 2, sizeof(items_page_key_t));
    if (collection->page_keys->nelts >= HTTPD_SETTINGS_KEYS_LIMIT)
        return apr_psprintf(cmd->pool, "%s: at most %d keys", cmd->cmd->name,
                            HTTPD_SETTINGS_KEYS_LIMIT);
    APR_ARRAY_PUSH(collection->page_keys, items_page_key_t) = key;
    return NULL;
}

static const char *set_page_token_age(cmd_parms *cmd, void *dir, const char *word)
{
    (void)dir;
    return set_time(&httpd_directives_settings(cmd->server)->collection.page_age, cmd, word,
                    HTTPD_SETTINGS_AGE_LIMIT);
}

static const char *set_plain_tokens(cmd_parms *cmd, void *dir, int on)
{
    (void)dir;
    httpd_directives_settings(cmd->server)->collection.plain_tokens = on;
    return NULL;
}

static const char *set_public(cmd_parms *cmd, void *dir, int on)
{
    (void)dir;
    httpd_directives_settings(cmd->server)->is_public = on;
    return NULL;
}

static const char *set_issuer(cmd_parms *cmd, void *dir, const char *word)
{
    httpd_settings_t *settings = httpd_directives_settings(cmd->server);

    (void)dir;
    if (!strcasecmp(word, "none"))
        settings->issuer = "";
    else if (httpd_settings_is_issuer(word))
        settings->issuer = word;
    else
        return expected(cmd, "the issuer's URL as it stands in the tokens, or none", word);
    return NULL;
}

static const char *set_client_id(cmd_parms *cmd, void *dir, const char *word)
{
    httpd_settings_t *settings = httpd_directives_settings(cmd->server);

    (void)dir;
    if (!httpd_settings_is_client(word))
        return expected(cmd, "client ids of 1 to 255 printable ASCII characters", word);
    if (!settings->client_ids)
        settings->client_ids = apr_array_make(cmd->pool, 2, sizeof(const char *));
    if (settings->client_ids->nelts >= HTTPD_SETTINGS_CLIENTS_LIMIT)
        return apr_psprintf(cmd->pool, "%s: at most %d client ids", cmd->cmd->name,
                            HTTPD_SETTINGS_CLIENTS_LIMIT);
    APR_ARRAY_PUSH(settings->client_ids, const char *) = word;
    return NULL;
}

/* What the directive asks of one method. A method named twice would leave open which line counts.
 */
static const char *add_scope(cmd_parms *cmd, const char *method,
                             const httpd_settings_scope_t *asked)
{
    httpd_settings_t *settings = httpd_directives_settings(cmd->server);
    httpd_settings_scope_t *scope;

    if (!httpd_settings_is_method(method))
        return expected(cmd,
                        "methods as GET,POST,PUT,PATCH,DELETE (HEAD follows GET, OPTIONS is open)",
                        method);
    if (httpd_settings_scope(settings, method))
        return apr_psprintf(cmd->pool, "%s: %s has its scopes already", cmd->cmd->name, method);
    if (!settings->scopes)
        settings->scopes = apr_array_make(cmd->pool, 5, sizeof(httpd_settings_scope_t));
    scope = &APR_ARRAY_PUSH(settings->scopes, httpd_settings_scope_t);
    *scope = *asked;
    scope->method = method;
    return NULL;
}

static const char *set_scope(cmd_parms *cmd, void *dir, int argc, char *const argv[])
{
    httpd_settings_scope_t asked = {NULL, NULL, NULL};
    const char *wrong = NULL, *list;
    int i;

    (void)dir;
    if (argc < 2 || argc > 1 + HTTPD_SETTINGS_SCOPES_LIMIT)
        return apr_psprintf(cmd->pool, "%s takes METHOD[,METHOD...] and 1 to %d scopes",
                            cmd->cmd->name, HTTPD_SETTINGS_SCOPES_LIMIT);
    asked.scopes = apr_array_make(cmd->pool, argc - 1, sizeof(const char *));
    for (i = 1; i < argc; i++) {
        if (!httpd_settings_is_scope(argv[i]))
            return expected(cmd, "scopes of 1 to 513 printable ASCII characters, without quotes",
                            argv[i]);
        APR_ARRAY_PUSH(asked.scopes, const char *) = argv[i];
    }
    asked.words = apr_array_pstrcat(cmd->pool, asked.scopes, ' ');
    for (list = argv[0]; list && !wrong; list = strchr(list, ',') ? strchr(list, ',') + 1 : NULL)
        wrong = add_scope(cmd, apr_pstrmemdup(cmd->pool, list, strcspn(list, ",")), &asked);
    return wrong;
}

static const char *set_scope_variable(cmd_parms *cmd, void *dir, const char *name)
{
    (void)dir;
    if (!httpd_settings_is_variable(name))
        return expected(cmd,
                        "the name of a variable that authentication sets: 1 to 255 of A-Z a-z 0-9 "
                        "_ . : -, not HTTP_... (headers) or REDIRECT_... (another request's)",
                        name);
    httpd_directives_settings(cmd->server)->scope_variable = name;
    return NULL;
}

static const char *set_token_memory(cmd_parms *cmd, void *dir, const char *word)
{
    apr_interval_time_t *time = &httpd_directives_settings(cmd->server)->token_memory;

    (void)dir;
    if (strcasecmp(word, "Off"))
        return set_time(time, cmd, word, HTTPD_SETTINGS_MEMORY_LIMIT);
    *time = 0;
    return NULL;
}

static const char *set_cors_origin(cmd_parms *cmd, void *dir, int argc, char *const argv[])
{
    httpd_settings_t *settings = httpd_directives_settings(cmd->server);

    (void)dir;
    if (argc == 1 && !strcmp(argv[0], "*"))
        settings->cors = 1;
    else if (argc == 1 && !strcasecmp(argv[0], "none"))
        settings->cors = 0;
    else
        return apr_psprintf(cmd->pool,
                            "%s takes * or none; this version has no list of origins "
                            "(ItemsCORSOrigin none and mod_headers can do it)",
                            cmd->cmd->name);
    return NULL;
}

/* --- directives of others -----------------------------------------------------------------------
 * httpd hands a directive to each module that declares it. These are never refused here, but for
 * what httpd would say itself if that module were not loaded. */

#define VERIFIER "mod_auth_openidc.c"

/* What httpd says of a directive whose module is not loaded; NULL: it is. */
static const char *missing(const cmd_parms *cmd, const char *module)
{
    if (ap_find_linked_module(module))
        return NULL;
    return apr_psprintf(cmd->pool,
                        "Invalid command '%s', perhaps misspelled or defined by a module not "
                        "included in the server configuration (%s)",
                        cmd->cmd->name, module);
}

static const char *missing_verifier(const cmd_parms *cmd)
{
    return missing(cmd, VERIFIER);
}

static const char *hear_jwks_uri(cmd_parms *cmd, void *dir, const char *args)
{
    (void)dir;
    httpd_directives_settings(cmd->server)->keys.uri = ap_getword_conf(cmd->pool, &args);
    return missing_verifier(cmd);
}

static const char *hear_ca_bundle(cmd_parms *cmd, void *dir, const char *args)
{
    const char *word = ap_getword_conf(cmd->pool, &args);

    (void)dir;
    httpd_directives_settings(cmd->server)->keys.ca_file = ap_server_root_relative(cmd->pool, word);
    return missing_verifier(cmd);
}

static const char *hear_proxy(cmd_parms *cmd, void *dir, const char *args)
{
    (void)dir;
    httpd_directives_settings(cmd->server)->keys.proxy = ap_getword_conf(cmd->pool, &args);
    return missing_verifier(cmd);
}

/* On is its default, and does not take back a server's Off in a virtual host. */
static const char *hear_validate(cmd_parms *cmd, void *dir, const char *args)
{
    const char *word = ap_getword_conf(cmd->pool, &args);

    (void)dir;
    httpd_directives_settings(cmd->server)->keys.unverified =
        strcasecmp(word, "On") ? 1 : HTTPD_SETTINGS_UNSET;
    return missing_verifier(cmd);
}

/* KID#FILE..., or FILE alone, whose key's id is then made of the key. */
static const char *hear_cert_files(cmd_parms *cmd, void *dir, const char *args)
{
    httpd_settings_keys_t *keys = &httpd_directives_settings(cmd->server)->keys;
    const char *word, *hash;

    (void)dir;
    if (!keys->kids)
        keys->kids = apr_array_make(cmd->pool, 4, sizeof(const char *));
    for (;;) {
        word = ap_getword_conf(cmd->pool, &args);
        if (!word[0])
            return missing_verifier(cmd);
        hash = strchr(word, '#');
        APR_ARRAY_PUSH(keys->kids, const char *) =
            hash ? apr_pstrmemdup(cmd->pool, word, (apr_size_t)(hash - word)) : "";
    }
}

static const char *hear_introspection(cmd_parms *cmd, void *dir, const char *args)
{
    (void)dir;
    (void)args;
    httpd_directives_settings(cmd->server)->keys.introspects = 1;
    return missing_verifier(cmd);
}

/* What stands at that URL may be an introspection endpoint, and where the keys are. */
static const char *hear_metadata(cmd_parms *cmd, void *dir, const char *args)
{
    httpd_directives_settings(cmd->server)->keys.has_metadata = 1;
    return hear_introspection(cmd, dir, args);
}

static const char *hear_line(cmd_parms *cmd, void *dir, const char *args)
{
    httpd_sections_hear_line(dir, cmd, args);
    return missing_verifier(cmd);
}

static const char *hear_header(cmd_parms *cmd, void *dir, const char *args)
{
    (void)args;
    httpd_sections_hear_header(dir, cmd);
    return missing_verifier(cmd);
}

static const char *hear_require(cmd_parms *cmd, void *dir, const char *args)
{
    httpd_sections_hear_require(dir, cmd, args);
    return missing(cmd, "mod_authz_core.c");
}

static const char *hear_merging(cmd_parms *cmd, void *dir, const char *args)
{
    httpd_sections_hear_merging(dir, cmd, args);
    return missing(cmd, "mod_authz_core.c");
}

#define SECTIONS (RSRC_CONF | ACCESS_CONF | OR_AUTHCFG) /* as mod_auth_openidc has it */

/* One directive per line: tests/lint compares them with conf/items.conf and README.md. The help
 * text is what `httpd -L` prints. */
const command_rec httpd_directives_table[] = {
    AP_INIT_TAKE1("ItemsTable", set_table, NULL, RSRC_CONF, "The DynamoDB table to serve"),
    AP_INIT_TAKE1("ItemsPath", set_path, NULL, RSRC_CONF, "Where the items are served"),
    AP_INIT_TAKE1("ItemsRegion", set_region, NULL, RSRC_CONF, "The AWS region of the table"),
    AP_INIT_TAKE12("ItemsEndpoint", set_endpoint, NULL, RSRC_CONF, "Another DynamoDB endpoint"),
    AP_INIT_TAKE1("ItemsCAFile", set_ca_file, NULL, RSRC_CONF, "Roots for the endpoint"),
    AP_INIT_TAKE1("ItemsTimeout", set_timeout, NULL, RSRC_CONF, "Of a whole request"),
    AP_INIT_TAKE1("ItemsConnectTimeout", set_connect_timeout, NULL, RSRC_CONF, "Of connecting"),
    AP_INIT_TAKE1("ItemsAttemptTimeout", set_attempt_timeout, NULL, RSRC_CONF, "Of one attempt"),
    AP_INIT_TAKE1("ItemsConnections", set_connections, NULL, RSRC_CONF, "Most of a child process"),
    AP_INIT_FLAG("ItemsConsistentRead", set_consistent_read, NULL, RSRC_CONF, "Strong reads"),
    AP_INIT_TAKE12("ItemsPageSize", set_page_size, NULL, RSRC_CONF, "Items of a page"),
    AP_INIT_TAKE1("ItemsBodyLimit", set_body_limit, NULL, RSRC_CONF, "Largest request body"),
    AP_INIT_ITERATE("ItemsPageKey", set_page_key, NULL, RSRC_CONF, "Keys of the page tokens"),
    AP_INIT_TAKE1("ItemsPageTokenAge", set_page_token_age, NULL, RSRC_CONF, "Life of page tokens"),
    AP_INIT_FLAG("ItemsPlainTokens", set_plain_tokens, NULL, RSRC_CONF, "Take unsealed tokens too"),
    AP_INIT_FLAG("ItemsPublic", set_public, NULL, RSRC_CONF, "Serve without identity"),
    AP_INIT_TAKE1("ItemsIssuer", set_issuer, NULL, RSRC_CONF, "Whose tokens are accepted"),
    AP_INIT_ITERATE("ItemsClientId", set_client_id, NULL, RSRC_CONF, "For whom tokens were issued"),
    AP_INIT_TAKE_ARGV("ItemsScope", set_scope, NULL, RSRC_CONF, "Scopes that methods ask for"),
    AP_INIT_TAKE1("ItemsScopeVariable", set_scope_variable, NULL, RSRC_CONF, "Of other AuthTypes"),
    AP_INIT_TAKE1("ItemsTokenMemory", set_token_memory, NULL, RSRC_CONF, "Of verified tokens"),
    AP_INIT_TAKE_ARGV("ItemsCORSOrigin", set_cors_origin, NULL, RSRC_CONF, "Pages that may call"),
    AP_INIT_RAW_ARGS("OIDCOAuthVerifyJwksUri", hear_jwks_uri, NULL, RSRC_CONF, "Watched"),
    AP_INIT_RAW_ARGS("OIDCOAuthVerifyCertFiles", hear_cert_files, NULL, RSRC_CONF, "Known keys"),
    AP_INIT_RAW_ARGS("OIDCCABundlePath", hear_ca_bundle, NULL, RSRC_CONF, "Roots for the watch"),
    AP_INIT_RAW_ARGS("OIDCOutgoingProxy", hear_proxy, NULL, RSRC_CONF, "There is no watch"),
    AP_INIT_RAW_ARGS("OIDCOAuthSSLValidateServer", hear_validate, NULL, RSRC_CONF, "Likewise"),
    AP_INIT_RAW_ARGS("OIDCOAuthIntrospectionEndpoint", hear_introspection, NULL, RSRC_CONF,
                     "There is no memory of tokens"),
    AP_INIT_RAW_ARGS("OIDCOAuthServerMetadataURL", hear_metadata, NULL, RSRC_CONF, "Likewise"),
    AP_INIT_RAW_ARGS("OIDCClaimPrefix", hear_header, NULL, RSRC_CONF, "Likewise"),
    AP_INIT_RAW_ARGS("OIDCAuthNHeader", hear_header, NULL, SECTIONS, "Likewise"),
    AP_INIT_RAW_ARGS("OIDCOAuthAcceptTokenAs", hear_line, NULL, SECTIONS, "The memory goes by it"),
    AP_INIT_RAW_ARGS("OIDCPassClaimsAs", hear_line, NULL, SECTIONS, "Likewise"),
    AP_INIT_RAW_ARGS("Require", hear_require, NULL, OR_AUTHCFG, "Likewise"),
    AP_INIT_RAW_ARGS("AuthMerging", hear_merging, NULL, OR_AUTHCFG, "Likewise"),
    {.name = NULL},
};
