/* SPDX-License-Identifier: Apache-2.0 */
/* A Require line may ask for claims (claim, claims_expr), or for variables that mod_auth_openidc
 * sets (env, expr), or be a module's that does. Nothing of that is there when mod_auth_openidc was
 * left out, and a line that says "not" would then let pass what it is to refuse. So the lines that
 * are known to go by the request and its user alone stand here, and all others ask for more.
 *
 * httpd keeps a section's Require lines to mod_authz_core; but it hands each line to every module
 * that declares it, those within <RequireAll> and <Limit> as well.
 */
#include "httpd/sections.h"

#include <string.h>
#include <strings.h>

#include <http_core.h>
#include <apr_fnmatch.h>
#include <apr_strings.h>

APLOG_USE_MODULE(items);

void *httpd_sections_make(apr_pool_t *pool, char *path)
{
    (void)path;
    return apr_pcalloc(pool, sizeof(httpd_sections_t));
}

/* Also while a request is served, in its pool. */
void *httpd_sections_merge(apr_pool_t *pool, void *base, void *add)
{
    const httpd_sections_t *outer = base, *inner = add;
    httpd_sections_t *both = apr_palloc(pool, sizeof(*both));

    *both = *inner;
    if (outer->lines && inner->lines)
        both->lines = apr_pstrcat(pool, outer->lines, inner->lines, NULL);
    else if (outer->lines)
        both->lines = outer->lines;
    if (!both->adds)
        both->adds = outer->adds;
    if (!both->asks && (!inner->has_require || inner->is_merging))
        both->asks = outer->asks;
    both->has_require |= outer->has_require;
    both->is_merging |= outer->is_merging;
    return both;
}

static const char *place_of(const cmd_parms *cmd, const char *word)
{
    return apr_psprintf(cmd->pool, "%s%s%s on %s:%d", cmd->cmd->name, word ? " " : "",
                        word ? word : "", cmd->directive->filename, cmd->directive->line_num);
}

/* Does a provider of mod_authz_core's go by the request and its user alone? */
static int is_plain(const char *provider, const char *args)
{
    /* whose they are: without that module an <AuthzProviderAlias> may have the name */
    static const struct {
        const char *name;
        const char *module;
    } plain[] = {
        {"all", "mod_authz_core.c"},
        {"method", "mod_authz_core.c"},
        {"valid-user", "mod_authz_user.c"},
        {"user", "mod_authz_user.c"},
        {"ip", "mod_authz_host.c"},
        {"host", "mod_authz_host.c"},
        {"forward-dns", "mod_authz_host.c"},
        {"local", "mod_authz_host.c"},
        {"group", "mod_authz_groupfile.c"},
        {"ssl", "mod_ssl.c"},
        {"ssl-verify-client", "mod_ssl.c"},
        {"ldap-user", "mod_authnz_ldap.c"},
        {"ldap-group", "mod_authnz_ldap.c"},
        {"ldap-dn", "mod_authnz_ldap.c"},
        {"ldap-attribute", "mod_authnz_ldap.c"},
        {"ldap-filter", "mod_authnz_ldap.c"},
        {"ldap-search", "mod_authnz_ldap.c"},
    };
    apr_size_t i;

    if (strstr(args, "%{")) /* an expression: of variables, perhaps */
        return 0;
    for (i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
        if (!strcmp(provider, plain[i].name))
            return ap_find_linked_module(plain[i].module) != NULL;
    }
    return 0;
}

void httpd_sections_hear_require(httpd_sections_t *sections, const cmd_parms *cmd, const char *args)
{
    const char *word = ap_getword_conf(cmd->pool, &args);

    if (!strcasecmp(word, "not"))
        word = ap_getword_conf(cmd->pool, &args);
    sections->has_require = 1;
    if (!sections->asks && !is_plain(word, args))
        sections->asks = place_of(cmd, word);
}

/* Off is the default, and what an inner section has by itself. */
void httpd_sections_hear_merging(httpd_sections_t *sections, const cmd_parms *cmd, const char *args)
{
    sections->is_merging = strcasecmp(ap_getword_conf(cmd->pool, &args), "Off") != 0;
}

void httpd_sections_hear_line(httpd_sections_t *sections, const cmd_parms *cmd, const char *args)
{
    sections->lines = apr_pstrcat(cmd->pool, sections->lines ? sections->lines : "", cmd->cmd->name,
                                  " ", args, "\n", NULL);
}

void httpd_sections_hear_header(httpd_sections_t *sections, const cmd_parms *cmd)
{
    sections->adds = place_of(cmd, NULL);
}

static const httpd_sections_t *ours(const ap_conf_vector_t *vector)
{
    return ap_get_module_config(vector, &items_module);
}

const httpd_sections_t *httpd_sections_of(const request_rec *r)
{
    return ours(r->per_dir_config);
}

const char *httpd_sections_why(const httpd_sections_t *sections)
{
    return sections->asks ? sections->asks : sections->adds;
}

/* ap_location_walk() of httpd's server/request.c */
static int is_match(const core_dir_config *section, const char *path)
{
    const apr_size_t len = strlen(section->d);

    if (section->r)
        return !ap_regexec(section->r, path, 0, NULL, 0);
    if (section->d_is_fnmatch)
        return apr_fnmatch(section->d, path, APR_FNM_PATHNAME) == APR_SUCCESS;
    return !strncmp(section->d, path, len) &&
           (len == 0 || section->d[len - 1] == '/' || path[len] == '/' || path[len] == '\0');
}

/* All that apply to a path, but for those that depend on the request. */
static const httpd_sections_t *at(const server_rec *server, const char *path, apr_pool_t *pool)
{
    const core_server_config *conf = ap_get_core_module_config(server->module_config);
    httpd_sections_t *found = httpd_sections_make(pool, NULL);
    int i;

    if (ours(server->lookup_defaults))
        *found = *ours(server->lookup_defaults);
    for (i = 0; i < conf->sec_url->nelts; i++) {
        ap_conf_vector_t *vector = APR_ARRAY_IDX(conf->sec_url, i, ap_conf_vector_t *);

        if (ours(vector) && is_match(ap_get_core_module_config(vector), path))
            found = httpd_sections_merge(pool, found, ap_get_module_config(vector, &items_module));
    }
    return found;
}

/* Does a rule or condition of mod_rewrite's go by a variable or header of mod_auth_openidc's, as
 * %{ENV:OIDC_CLAIM_x} and reqenv('OIDC_CLAIM_x') are? */
static int is_reader(const char *args)
{
    const char *pos;

    for (pos = args; (pos = strpbrk(pos, ":{'\"")) != NULL; pos++) {
        if (!strncasecmp(pos + 1, "OIDC_", 5))
            return 1;
    }
    return 0;
}

/* May what is within this directive be another server's? */
static int is_foreign(const ap_directive_t *node, const server_rec *server)
{
    return !strcasecmp(node->directive, "<VirtualHost") &&
           !(server->is_virtual && server->defn_name &&
             node->line_num == (int)server->defn_line_number &&
             !strcmp(node->filename, server->defn_name));
}

/* The first line for this server that lets in or keeps out by what mod_auth_openidc finds in a
 * token, or NULL. Headers and logs decide nothing. */
static const char *find_reader(const server_rec *server, apr_pool_t *pool)
{
    const ap_directive_t *node = ap_conftree, *next;

    for (; node; node = next) {
        if (!strncasecmp(node->directive, "Rewrite", 7) && node->args && is_reader(node->args))
            return apr_psprintf(pool, "%s on %s:%d", node->directive, node->filename,
                                node->line_num);
        next = is_foreign(node, server) ? NULL : node->first_child;
        while (!next && node) {
            next = node->next;
            node = node->parent;
        }
    }
    return NULL;
}

const char *httpd_sections_why_below(const server_rec *server, const char *path, apr_pool_t *pool)
{
    const core_server_config *conf = ap_get_core_module_config(server->module_config);
    const apr_size_t len = strlen(path);
    const char *why = httpd_sections_why(at(server, path, pool));
    int i;

    if (!why)
        why = httpd_sections_why(at(server, apr_pstrcat(pool, path, "/x", NULL), pool));
    for (i = 0; !why && i < conf->sec_url->nelts; i++) {
        const core_dir_config *section =
            ap_get_core_module_config(APR_ARRAY_IDX(conf->sec_url, i, ap_conf_vector_t *));

        if (!section->r && !strncmp(section->d, path, len) && section->d[len] == '/')
            why = httpd_sections_why(at(server, section->d, pool));
    }
    return why ? why : find_reader(server, pool);
}
