/* SPDX-License-Identifier: Apache-2.0 */
/* mod_items: CRUD over a DynamoDB table at /items. The table of contents: the module record and the
 * hooks, each with the reason for its place. What a hook does is in src/httpd/.
 */
#include <httpd.h>
#include <http_config.h>
#include <http_protocol.h>
#include <http_request.h>
#include <util_filter.h>

#include "httpd/child.h"
#include "httpd/claim.h"
#include "httpd/directives.h"
#include "httpd/errors.h"
#include "httpd/handler.h"
#include "httpd/identity.h"
#include "httpd/sections.h"

/* Our own settings are per server: httpd merges per-directory ones while it serves, and a stack of
 * connections can't hang on a struct that is made anew with each request. Always merge: a virtual
 * host without a word of its own gets settings of its own as well, so that finishing them is done
 * once for each. */
static void register_hooks(apr_pool_t *pool);

AP_DECLARE_MODULE(items) = {
    STANDARD20_MODULE_STUFF,
    httpd_sections_make,    /* per-directory: what we hear of other modules' */
    httpd_sections_merge,   /* while requests are served, too */
    httpd_directives_make,  /* per-server settings */
    httpd_directives_merge, /* once, at the start */
    httpd_directives_table, /* directives */
    register_hooks,         /* hooks */
#if AP_MODULE_HAS_FLAGS(items)
    AP_MODULE_FLAG_ALWAYS_MERGE, /* see above */
#endif
};

/* Start and life of a child. */
static void register_life(void)
{
    /* Last: the number of threads per child is settled in the MPM's own check. */
    ap_hook_check_config(httpd_child_check, NULL, NULL, APR_HOOK_LAST);
    ap_hook_post_config(httpd_child_prepare, NULL, NULL, APR_HOOK_MIDDLE);
    /* Connections, locks and random state begin here, behind the fork. */
    ap_hook_child_init(httpd_child_init, NULL, NULL, APR_HOOK_MIDDLE);
}

/* From the request line to the handler. */
static void register_request(void)
{
    /* These would make a file of the path or look for one; both hooks run until one says OK. */
    static const char *const translators[] = {"mod_vhost_alias.c", NULL};
    static const char *const typists[] = {"mod_negotiation.c", NULL};
    /* This one puts variables into headers. */
    static const char *const fixers[] = {"mod_headers.c", NULL};

    /* First, so that an error in anybody's hook finds the virtual host known. */
    ap_hook_post_read_request(httpd_claim_received, NULL, NULL, APR_HOOK_REALLY_FIRST);
    /* Behind httpd_errors_own(), so that the answer has our shape. */
    ap_hook_post_read_request(httpd_claim_refuse_path, NULL, NULL, APR_HOOK_MIDDLE);
    /* Behind mod_rewrite, mod_proxy and mod_alias, whose rules the administrator wrote; before
     * httpd's core makes a file name. */
    ap_hook_translate_name(httpd_claim_translate, NULL, translators, APR_HOOK_LAST);
    /* First: no directory walk, and no echo for TRACE. */
    ap_hook_map_to_storage(httpd_claim_storage, NULL, NULL, APR_HOOK_FIRST);
    /* First: whoever refuses next (authentication above all) is answered in our shape. */
    ap_hook_post_read_request(httpd_errors_own, NULL, NULL, APR_HOOK_FIRST);
    ap_hook_header_parser(httpd_errors_own, NULL, NULL, APR_HOOK_FIRST);
    /* First: before anybody may log the query. */
    ap_hook_post_read_request(httpd_identity_mask, NULL, NULL, APR_HOOK_FIRST);
    ap_hook_log_transaction(httpd_identity_mask, NULL, NULL, APR_HOOK_FIRST);
    /* First, and before authentication by its nature: OPTIONS is open. */
    ap_hook_check_access_ex(httpd_identity_open_options, NULL, NULL, APR_HOOK_FIRST,
                            AP_AUTH_INTERNAL_PER_CONF);
    /* First: mod_auth_openidc, in the middle, sees no token that can't pass. */
    ap_hook_check_authn(httpd_identity_guard, NULL, NULL, APR_HOOK_FIRST,
                        AP_AUTH_INTERNAL_PER_CONF);
    /* First: what mod_auth_openidc has left is as it left it. */
    ap_hook_check_authz(httpd_identity_remember, NULL, NULL, APR_HOOK_FIRST,
                        AP_AUTH_INTERNAL_PER_CONF);
    /* First: mod_mime never judges the id. */
    ap_hook_type_checker(httpd_claim_type, NULL, typists, APR_HOOK_FIRST);
    /* Behind mod_rewrite, which may have taken the request over. */
    ap_hook_fixups(httpd_identity_settle, NULL, fixers, APR_HOOK_LAST);
    ap_hook_handler(httpd_handler_run, NULL, NULL, APR_HOOK_MIDDLE);
}

static void register_hooks(apr_pool_t *pool)
{
    (void)pool;
    register_life();
    register_request();
    ap_hook_insert_error_filter(httpd_errors_insert, NULL, NULL, APR_HOOK_MIDDLE);
    /* Of the resource's type: in front of mod_headers, whose rules then see our headers. */
    ap_register_output_filter(HTTPD_ERRORS_FILTER, httpd_errors_filter, NULL, AP_FTYPE_RESOURCE);
}
