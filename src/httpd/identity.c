/* SPDX-License-Identifier: Apache-2.0 */
/* What counts as a proof.
 *
 * mod_auth_openidc as resource server verifies a token's signature and hardly more, and puts the
 * token into the environment, OIDC_access_token; a client can't. Its successor mod_oauth2 does the
 * same under other names, and leaves r->ap_auth_type alone. So everything else is
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
#include <apr_strings.h>

#include "auth/claims.h"
#include "httpd/ambient.h"
#include "httpd/claim.h"
#include "httpd/directives.h"
#include "httpd/keys.h"
#include "httpd/log.h"
#include "httpd/memory.h"

APLOG_USE_MODULE(items);

/* Who verifies signatures. */
typedef struct {
    const char *auth_type;
    const char *leaves; /* r->ap_auth_type once a token was verified, and not a session */
    const char *module;
    const char *token; /* the variable with the token that it has verified */
    const char *needs; /* for that */
    int is_watched;    /* where it has its keys from is known, see httpd/keys.h */
} verifier_t;

#define OPENIDC                                                                                    \
    "oauth20", "mod_auth_openidc.c", "OIDC_access_token",                                          \
        "OIDCPassClaimsAs must be environment or both", 1

static const verifier_t verifiers[] = {
    {"oauth20", OPENIDC},
    {"auth-openidc", OPENIDC},
    {HTTPD_AMBIENT_OAUTH2, NULL, "mod_oauth2.c", HTTPD_AMBIENT_OAUTH2_TOKEN,
     "OAuth2TargetPass must leave envvars and prefix as they are", 0},
};

/* The one that is in charge of r, or NULL. */
static const verifier_t *verifier_of(request_rec *r)
{
    const char *type = ap_auth_type(r);
    apr_size_t i;

    for (i = 0; type && i < sizeof(verifiers) / sizeof(verifiers[0]); i++) {
        if (!strcasecmp(type, verifiers[i].auth_type))
            return &verifiers[i];
    }
    return NULL;
}

/* What was judged. */
struct httpd_identity_t {
    const char *token;    /* these bytes, */
    const char *why;      /* static words: why they can't pass; NULL: they can, */
    auth_claims_t claims; /* and this is what they say */
    const char *kid;
    int is_pilot;      /* see httpd_keys_judge() */
    int is_remembered; /* verified for an earlier request, see httpd/memory.h */
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

int httpd_identity_has_bearer(const request_rec *r)
{
    return bearer(r) != NULL;
}

/* RFC 7515 section 2: base64url without padding. libcjose up to 0.6.2.1, which mod_auth_openidc
 * has, ends the whole process on some that is padded. A token that is no JWS may well be padded. */
static int is_padded(const char *token)
{
    const char *dot = token ? strchr(token, '.') : NULL;

    return dot && strchr(dot + 1, '.') && strchr(token, '=');
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

/* mod_auth_openidc writes key ids, times and whole payloads of tokens that it refuses at error, and
 * mod_oauth2 does likewise. For this request they say nothing, unless the administrator has set
 * their level. */
static void silence(request_rec *r, const verifier_t *verifier)
{
    const module *module = ap_find_linked_module(verifier->module);
    const struct ap_logconf *conf = ap_get_request_logconf(r);
    struct ap_logconf *quiet;

    if (!module || (conf->module_levels && conf->module_levels[module->module_index] >= 0))
        return;
    quiet = ap_new_log_config(r->pool, conf);
    ap_set_module_loglevel(r->pool, quiet, module->module_index, APLOG_CRIT);
    r->log = quiet;
}

/* May the token of r have been verified for another request? Not one that is good on some
 * connections only (mod_auth_openidc looks at those); nor one whose key mod_auth_openidc is to get
 * to know; nor one of a sub-request or redirect, for which it looks at no token; nor where another
 * handler than ours is what comes next, see httpd_identity_settle(). */
static int is_lasting(request_rec *r, const verifier_t *verifier, const httpd_identity_t *identity)
{
    return verifier->is_watched && !identity->why && !identity->claims.is_bound &&
           !identity->is_pilot && ap_is_initial_req(r) && !r->handler;
}

/* If these very bytes were verified a moment ago, r looks as it does behind mod_auth_openidc. */
static int recall(request_rec *r, const verifier_t *verifier, httpd_identity_t *identity)
{
    char *user = is_lasting(r, verifier, identity)
                     ? httpd_memory_find(r, verifier->auth_type, identity->token)
                     : NULL;

    if (!user)
        return 0;
    identity->is_remembered = 1;
    r->user = user;
    r->ap_auth_type = apr_pstrdup(r->pool, verifier->leaves);
    return 1;
}

int httpd_identity_guard(request_rec *r)
{
    const httpd_settings_t *settings = httpd_directives_settings(r->server);
    httpd_keys_verdict_e key = HTTPD_KEYS_KNOWN;
    const verifier_t *verifier;
    httpd_identity_t *identity;
    const char *token;

    verifier = httpd_claim_is_ours(r) ? verifier_of(r) : NULL;
    if (!verifier)
        return DECLINED;
    token = bearer(r);
    if (!httpd_settings_has_tokens(settings) && !is_padded(token))
        return DECLINED;
    if (!token) {
        apr_table_setn(r->err_headers_out, "WWW-Authenticate", "Bearer");
        return HTTP_UNAUTHORIZED;
    }
    identity = judge(r, settings, token);
    if (!identity->why && verifier->is_watched)
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
    if (recall(r, verifier, identity))
        return OK;
    silence(r, verifier);
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
    const verifier_t *verifier;
    httpd_identity_t *identity;

    if (!httpd_claim_is_ours(r))
        return r->status;
    identity = *httpd_claim_identity(r);
    verifier = verifier_of(r);
    if (!identity || identity->why || !verifier)
        return r->status;
    note_tried(r, identity);
    /* With a user it was not the verifier: a Require line wants more of a good token. */
    if (r->status != HTTP_UNAUTHORIZED || (r->user && r->user[0]))
        return r->status;
    ap_log_rerror(APLOG_MARK, APLOG_INFO, 0, r,
                  "%s: token refused by %s although it says the right things: its signature is "
                  "wrong, or its key can't be had, request_id=%s",
                  HTTPD_LOG_SIGNATURE, verifier->module, httpd_claim_request_id(r));
    return verifier->is_watched && httpd_keys_is_out(httpd_directives_settings(r->server))
               ? HTTP_SERVICE_UNAVAILABLE
               : r->status;
}

/* Was authentication left out, because an internal redirect has its predecessor's configuration?
 * (ap_process_request_internal() in httpd's server/request.c.) A sub-request inherits likewise, so
 * what it was made from is asked. And with another configuration, modules such as mod_auth_openidc
 * and mod_auth_gssapi take over the user of what a request was made from, whoever that one went by:
 * the very same text is not a user of this request's own. */
static int is_inherited(const request_rec *r)
{
    while (r->main && r->main->per_dir_config == r->per_dir_config && !r->prev)
        r = r->main;
    return (r->prev &&
            (r->prev->per_dir_config == r->per_dir_config || r->prev->user == r->user)) ||
           (r->main && r->main->user == r->user);
}

/* Is this what a verifier leaves when it was a token? (mod_oauth2, which knows no sessions, leaves
 * nothing.) */
static int is_left(const verifier_t *verifier, const char *auth_type)
{
    return !verifier->leaves || (auth_type && !strcasecmp(auth_type, verifier->leaves));
}

/* Is there a user who came in with a token, by this very request? */
static int has_user(const request_rec *r, const verifier_t *verifier)
{
    return r->user && r->user[0] && verifier && is_left(verifier, r->ap_auth_type) &&
           !is_inherited(r);
}

int httpd_identity_remember(request_rec *r)
{
    const verifier_t *verifier;
    httpd_identity_t *identity;
    const char *token;

    if (!httpd_claim_is_ours(r))
        return DECLINED;
    identity = *httpd_claim_identity(r);
    if (!identity || identity->is_remembered)
        return DECLINED;
    note_tried(r, identity);
    verifier = verifier_of(r);
    if (!has_user(r, verifier) || !is_lasting(r, verifier, identity))
        return DECLINED;
    token = apr_table_get(r->subprocess_env, verifier->token);
    if (token && !strcmp(token, identity->token))
        httpd_memory_keep(r, verifier->auth_type, token, r->user);
    return DECLINED;
}

int httpd_identity_settle(request_rec *r)
{
    const httpd_identity_t *identity = httpd_claim_is_ours(r) ? *httpd_claim_identity(r) : NULL;
    int status;

    if (!identity || !identity->is_remembered || !r->handler ||
        !strcmp(r->handler, HTTPD_CLAIM_HANDLER))
        return DECLINED;
    r->user = NULL;
    r->ap_auth_type = NULL;
    status = ap_run_check_user_id(r);
    return status == DECLINED ? HTTP_UNAUTHORIZED : status;
}

/* Behind the guard: the token that the verifier has verified for this very request, or an earlier
 * one; or NULL. */
static const char *verified(request_rec *r, const httpd_identity_t *identity)
{
    const verifier_t *verifier = verifier_of(r);
    const char *token;

    if (!has_user(r, verifier))
        return NULL;
    if (identity->is_remembered)
        return identity->token;
    token = apr_table_get(r->subprocess_env, verifier->token);
    if (token && token[0])
        return token;
    ap_log_rerror(APLOG_MARK, APLOG_ERR, 0, r,
                  "%s: %s has verified a token, but does not hand it over: %s, request_id=%s",
                  HTTPD_LOG_NO_TOKEN, verifier->module, verifier->needs, httpd_claim_request_id(r));
    return NULL;
}

/* Who came in with a token? */
static items_api_identity_e bearer_of(request_rec *r, const httpd_identity_t *identity)
{
    const char *token = identity ? verified(r, identity) : NULL;

    if (!token)
        return httpd_identity_has_bearer(r) ? ITEMS_API_REFUSED : ITEMS_API_NOBODY;
    if (identity->why || strcmp(identity->token, token))
        return ITEMS_API_REFUSED;
    return ITEMS_API_IDENTIFIED;
}

items_api_identity_e httpd_identity_get(const char **scopes, request_rec *r,
                                        const httpd_settings_t *settings)
{
    const int ambient = httpd_settings_is_ambient(settings);
    const httpd_settings_scope_t *asked;
    httpd_identity_t *identity = *httpd_claim_identity(r);
    items_api_identity_e who;

    *scopes = NULL;
    if (identity)
        note_tried(r, identity);
    if (settings->is_public)
        return ITEMS_API_IDENTIFIED;
    if (!ambient)
        who = bearer_of(r, identity);
    else
        who =
            !is_inherited(r) && httpd_ambient_has_user(r) ? ITEMS_API_IDENTIFIED : ITEMS_API_NOBODY;
    if (who != ITEMS_API_IDENTIFIED || !settings->scopes)
        return who;
    asked = httpd_settings_scope(settings, r->method);
    if (asked && (ambient ? httpd_ambient_has_scope(r, settings, asked->scopes)
                          : auth_claims_has_scope(&identity->claims, asked->scopes, r->pool)))
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
    char *line = r->the_request ? strchr(r->the_request, '?') : NULL;
    char *uri = r->unparsed_uri ? strchr(r->unparsed_uri, '?') : NULL;

    if ((!line && !uri && !r->args) || !httpd_claim_settings(r))
        return DECLINED;
    mask(r->args);
    mask(line ? line + 1 : NULL);
    mask(uri ? uri + 1 : NULL);
    return DECLINED;
}
