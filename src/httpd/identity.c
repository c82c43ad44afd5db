/* SPDX-License-Identifier: Apache-2.0 */
/* What counts as a proof.
 *
 * mod_auth_openidc as resource server puts the token that it has verified into the
 * environment, OIDC_access_token; a client can't. r->user or r->ap_auth_type alone
 * prove nothing: both are copied to internal redirects, on which httpd leaves out
 * authentication when they have the same configuration. `ErrorDocument 401 /items/x`
 * would so show an item to whoever has no token. A redirect's environment is renamed to
 * REDIRECT_*, which is never read here.
 */
#include "httpd/identity.h"

#include "httpd/claim.h"

#define VERIFIED_TOKEN "OIDC_access_token"

/* Was authentication left out, because an internal redirect has its predecessor's configuration?
 * (ap_process_request_internal() in httpd's server/request.c.) A sub-request inherits likewise, so
 * what it was made from is asked. */
static int is_inherited(const request_rec *r)
{
    while (r->main && r->main->per_dir_config == r->per_dir_config && !r->prev)
        r = r->main;
    return r->prev && r->prev->per_dir_config == r->per_dir_config;
}

int httpd_identity_is_known(const request_rec *r, const httpd_settings_t *settings)
{
    const char *token;

    if (settings->is_public)
        return 1;
    if (!r->user || !r->user[0])
        return 0;
    if (httpd_settings_is_ambient(settings))
        return r->ap_auth_type != NULL && !is_inherited(r);
    token = apr_table_get(r->subprocess_env, VERIFIED_TOKEN);
    return token && token[0];
}

int httpd_identity_open_options(request_rec *r)
{
    return r->method_number == M_OPTIONS && httpd_claim_is_ours(r) ? OK : DECLINED;
}
