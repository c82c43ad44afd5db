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

#include <string.h>
#include <strings.h>

#include <http_config.h>
#include <http_core.h>
#include <http_log.h>

#include "httpd/claim.h"
#include "httpd/directives.h"
#include "httpd/token.h"

APLOG_USE_MODULE(items);

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

/* The text behind "Bearer", as mod_auth_openidc finds it; NULL without one. */
static const char *bearer_of(const request_rec *r)
{
    const char *credentials = apr_table_get(r->headers_in, "Authorization");

    if (!credentials || strncasecmp(credentials, "Bearer", 6) || !strspn(credentials + 6, " \t"))
        return NULL;
    return credentials + 6 + strspn(credentials + 6, " \t");
}

/* mod_auth_openidc's types; its third, openid-connect, does not look at the header. */
static int takes_tokens(request_rec *r)
{
    const char *type = ap_auth_type(r);

    return type && (!strcasecmp(type, "oauth20") || !strcasecmp(type, "auth-openidc"));
}

int httpd_identity_refuse_malformed(request_rec *r)
{
    const char *token = httpd_claim_is_ours(r) && takes_tokens(r) ? bearer_of(r) : NULL;

    if (!token || httpd_settings_is_ambient(httpd_directives_settings(r->server)) ||
        httpd_token_is_jws(token, r->pool))
        return DECLINED;
    ap_log_rerror(APLOG_MARK, APLOG_TRACE1, 0, r, "the token is no signed JWT (RFC 7515)");
    apr_table_setn(r->err_headers_out, "WWW-Authenticate", "Bearer error=\"invalid_token\"");
    return HTTP_UNAUTHORIZED;
}
