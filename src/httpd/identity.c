/* SPDX-License-Identifier: Apache-2.0 */
/* What counts as a proof.
 *
 * mod_auth_openidc as resource server verifies a token's signature and hardly more, and puts the
 * token into the environment, OIDC_access_token; a client can't. So everything else is
 * judged here, in front of it, where a bad token costs neither a look at the issuer's keys
 * nor a line in the log; and behind it what was judged counts only if they are the very bytes
 * that it says it has verified. What was not judged for this very request (a sub-request from
 * elsewhere, say) is nobody's.
 *
 * r->user or r->ap_auth_type alone prove nothing: both are copied to internal redirects,
 * on which httpd leaves out authentication when they have the same configuration.
 * `ErrorDocument 401 /items/x` would so show an item to whoever has no token. A redirect's
 * environment is renamed to REDIRECT_*, which is never read here. And a token in the environment
 * proves nothing under another AuthType: a browser's session has one too, which nobody
 * verified.
 */
#include "httpd/identity.h"

#include <string.h>
#include <strings.h>

#include <http_config.h>
#include <http_core.h>
#include <http_log.h>
#include <http_request.h>

#include "auth/claims.h"
#include "httpd/claim.h"
#include "httpd/directives.h"
#include "httpd/keys.h"
#include "httpd/log.h"

APLOG_USE_MODULE(items);

#define VERIFIED_TOKEN "OIDC_access_token"
#define VERIFIED_BY "oauth20" /* r->ap_auth_type when a token was verified, not a session */
#define VERIFIER "mod_auth_openidc.c"

/* What was judged. */
struct httpd_identity_t {
    const char *token;    /* these bytes, */
    const char *why;      /* static words: why they can't pass; NULL: they can, */
    auth_claims_t claims; /* and this is what they say */
    const char *kid;
    int is_pilot; /* see httpd_keys_judge() */
};

/* The token of an Authorization header (RFC 6750 section 2.1), or NULL. httpd makes one header of
 * two, with a comma, which no token has. */
static const char *bearer(const request_rec *r)
{
    const char *credentials = apr_table_get(r->headers_in, "Authorization");

    if (!credentials || strncasecmp(credentials, "Bearer ", 7))
        return NULL;
    credentials += 7;
    credentials += strspn(credentials, " ");
    return credentials[0] ? credentials : NULL;
}

static void refuse(request_rec *r, httpd_identity_t *identity, const char *why)
{
    identity->why = why;
    ap_log_rerror(APLOG_MARK, APLOG_DEBUG, 0, r, "%s: token refused: %s, request_id=%s",
                  HTTPD_LOG_TOKEN, why, httpd_claim_request_id(r));
}

/* Judge a token, once for a request. */
static httpd_identity_t *judge(request_rec *r, const httpd_settings_t *settings, const char *text)
{
    const auth_claims_rules_t rules = {settings->issuer, settings->client_ids, apr_time_now()};
    httpd_identity_t *identity = apr_pcalloc(r->pool, sizeof(*identity));
    auth_token_verdict_e shape;
    auth_claims_verdict_e says;
    auth_token_t token;

    *httpd_claim_identity(r) = identity;
    identity->token = text;
    shape = auth_token_parse(&token, text, strlen(text), r->pool);
    if (shape != AUTH_TOKEN_GOOD) {
        refuse(r, identity, auth_token_word(shape));
    } else {
        identity->kid = token.kid;
        says =
            auth_claims_judge(&identity->claims, token.payload, token.payload_len, &rules, r->pool);
        if (says != AUTH_CLAIMS_GOOD)
            refuse(r, identity, auth_claims_word(says));
    }
    return identity;
}

/* mod_auth_openidc writes key ids, times and whole payloads of tokens that it refuses at error.
 * For this request it says nothing, unless the administrator has set its level. */
static void silence(request_rec *r)
{
    const module *verifier = ap_find_linked_module(VERIFIER);
    const struct ap_logconf *conf = ap_get_request_logconf(r);
    struct ap_logconf *quiet;

    if (!verifier || (conf->module_levels && conf->module_levels[verifier->module_index] >= 0))
        return;
    quiet = ap_new_log_config(r->pool, conf);
    ap_set_module_loglevel(r->pool, quiet, verifier->module_index, APLOG_CRIT);
    r->log = quiet;
}

int httpd_identity_guard(request_rec *r)
{
    const httpd_settings_t *settings = httpd_directives_settings(r->server);
    const char *type = ap_auth_type(r), *token;
    httpd_keys_verdict_e key = HTTPD_KEYS_KNOWN;
    httpd_identity_t *identity;

    if (!httpd_claim_is_ours(r) || !httpd_settings_has_tokens(settings) || !type ||
        (strcasecmp(type, VERIFIED_BY) && strcasecmp(type, "auth-openidc")))
        return DECLINED;
    token = bearer(r);
    if (!token) {
        apr_table_setn(r->err_headers_out, "WWW-Authenticate", "Bearer");
        return HTTP_UNAUTHORIZED;
    }
    identity = judge(r, settings, token);
    if (!identity->why)
        key = httpd_keys_judge(&identity->is_pilot, settings, identity->kid);
    if (key == HTTPD_KEYS_UNKNOWN)
        refuse(r, identity, "the issuer has no such key");
    if (key == HTTPD_KEYS_UNAVAILABLE) {
        refuse(r, identity, "the issuer's keys are not known");
        return HTTP_SERVICE_UNAVAILABLE;
    }
    if (identity->why) {
        apr_table_setn(r->err_headers_out, "WWW-Authenticate", "Bearer error=\"invalid_token\"");
        return HTTP_UNAUTHORIZED;
    }
    silence(r);
    return DECLINED;
}

/* mod_auth_openidc has seen the token. */
static void note_tried(const request_rec *r, httpd_identity_t *identity)
{
    if (identity->is_pilot)
        httpd_keys_tried(httpd_directives_settings(r->server), identity->kid);
    identity->is_pilot = 0;
}

int httpd_identity_refused(request_rec *r)
{
    httpd_identity_t *identity;

    if (!httpd_claim_is_ours(r))
        return r->status;
    identity = *httpd_claim_identity(r);
    if (!identity || identity->why)
        return r->status;
    note_tried(r, identity);
    /* With a user it was not mod_auth_openidc: a Require line wants more of a good token. */
    if (r->status != HTTP_UNAUTHORIZED || (r->user && r->user[0]))
        return r->status;
    ap_log_rerror(APLOG_MARK, APLOG_INFO, 0, r,
                  "%s: token refused by mod_auth_openidc although it says the right things: its "
                  "signature is wrong, or its key can't be had, request_id=%s",
                  HTTPD_LOG_SIGNATURE, httpd_claim_request_id(r));
    return httpd_keys_is_out(httpd_directives_settings(r->server)) ? HTTP_SERVICE_UNAVAILABLE
                                                                   : r->status;
}

/* Was authentication left out, because an internal redirect has its predecessor's configuration?
 * (ap_process_request_internal() in httpd's server/request.c.) A sub-request inherits likewise, so
 * what it was made from is asked. */
static int is_inherited(const request_rec *r)
{
    while (r->main && r->main->per_dir_config == r->per_dir_config && !r->prev)
        r = r->main;
    return r->prev && r->prev->per_dir_config == r->per_dir_config;
}

/* The token that mod_auth_openidc has verified for this very request, or NULL. */
static const char *verified(request_rec *r)
{
    const char *token = apr_table_get(r->subprocess_env, VERIFIED_TOKEN);

    if (!r->user || !r->user[0] || !r->ap_auth_type || strcasecmp(r->ap_auth_type, VERIFIED_BY) ||
        is_inherited(r))
        return NULL;
    if (token && token[0])
        return token;
    ap_log_rerror(APLOG_MARK, APLOG_ERR, 0, r,
                  "%s: mod_auth_openidc has verified a token, but does not hand it over: "
                  "OIDCPassClaimsAs must be environment or both",
                  HTTPD_LOG_NO_TOKEN);
    return NULL;
}

items_api_identity_e httpd_identity_get(const char **scopes, request_rec *r,
                                        const httpd_settings_t *settings)
{
    const httpd_settings_scope_t *asked;
    httpd_identity_t *identity = *httpd_claim_identity(r);
    const char *token;

    *scopes = NULL;
    if (identity)
        note_tried(r, identity);
    if (settings->is_public)
        return ITEMS_API_IDENTIFIED;
    if (httpd_settings_is_ambient(settings))
        return r->user && r->user[0] && r->ap_auth_type && !is_inherited(r) ? ITEMS_API_IDENTIFIED
                                                                            : ITEMS_API_NOBODY;
    token = verified(r);
    if (!token)
        return bearer(r) ? ITEMS_API_REFUSED : ITEMS_API_NOBODY;
    if (!identity || identity->why || strcmp(identity->token, token))
        return ITEMS_API_REFUSED;
    if (!settings->scopes)
        return ITEMS_API_IDENTIFIED;
    asked = httpd_settings_scope(settings, r->method);
    if (asked && auth_claims_has_scope(&identity->claims, asked->scopes, r->pool))
        return ITEMS_API_IDENTIFIED;
    *scopes = asked ? asked->words : NULL;
    return ITEMS_API_UNSCOPED;
}

int httpd_identity_open_options(request_rec *r)
{
    return r->method_number == M_OPTIONS && httpd_claim_is_ours(r) ? OK : DECLINED;
}

/* RFC 6750 section 2.3 names the parameter. The value's end is the next parameter's beginning, or
 * that of what follows the query. */
static void mask(char *query)
{
    static const char name[] = "access_token=";
    char *pos = query;

    while (pos) {
        if (!strncasecmp(pos, name, sizeof(name) - 1)) {
            for (pos += sizeof(name) - 1; *pos && !strchr("&# ", *pos); pos++)
                *pos = '*';
        }
        pos = strchr(pos, '&');
        if (pos)
            pos++;
    }
}

int httpd_identity_mask(request_rec *r)
{
    char *line, *uri;

    if (!r->args || !httpd_claim_settings(r))
        return DECLINED;
    line = strchr(r->the_request, '?');
    uri = strchr(r->unparsed_uri, '?');
    mask(r->args);
    mask(line ? line + 1 : NULL);
    mask(uri ? uri + 1 : NULL);
    return DECLINED;
}
