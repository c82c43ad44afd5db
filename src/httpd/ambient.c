/* SPDX-License-Identifier: Apache-2.0 */
/* httpd's word for somebody who proved who they are is r->user. But it stands there in other cases
 * too, so more is asked for: the module that authenticated has left its scheme in r->ap_auth_type;
 * or it is mod_oauth2, which does not, but hands over the token that it has verified; or it is
 * mod_ssl (SSLUserName), which leaves a scheme for any certificate, also for one that nobody has
 * vouched for (SSLVerifyClient optional_no_ca), so its verdict is asked for.
 *
 * RFC 9110 section 15.5.2: a 401 names a challenge that applies. Bearer would not.
 */
#include "httpd/ambient.h"

#include <string.h>
#include <strings.h>

#include <http_core.h>
#include <http_protocol.h>
#include <http_request.h>
#include <http_ssl.h>
#include <apr_tables.h>

#include "auth/claims.h"

#define CERTIFICATE_TYPE "ClientCert" /* what SSLUserName leaves in r->ap_auth_type */

static int has_verified_certificate(const request_rec *r)
{
    const char *verdict =
        ap_ssl_var_lookup(r->pool, r->server, r->connection, NULL, "SSL_CLIENT_VERIFY");

    return verdict && !strcmp(verdict, "SUCCESS");
}

static int has_verified_token(request_rec *r)
{
    const char *type = ap_auth_type(r);
    const char *token = apr_table_get(r->subprocess_env, HTTPD_AMBIENT_OAUTH2_TOKEN);

    return type && !strcasecmp(type, HTTPD_AMBIENT_OAUTH2) && token && token[0];
}

static int is_proven(request_rec *r)
{
    if (r->ap_auth_type && strcasecmp(r->ap_auth_type, CERTIFICATE_TYPE))
        return 1;
    return has_verified_token(r) || has_verified_certificate(r);
}

int httpd_ambient_is_carried(request_rec *r)
{
    return (r->user && r->user[0]) || has_verified_certificate(r);
}

int httpd_ambient_has_user(request_rec *r)
{
    return r->user && r->user[0] && is_proven(r);
}

int httpd_ambient_has_scope(const request_rec *r, const httpd_settings_t *settings,
                            const apr_array_header_t *wanted)
{
    const char *held = apr_table_get(r->subprocess_env, settings->scope_variable);

    return held && auth_claims_names_scope(held, wanted, r->pool);
}

/* The schemes of AuthTypes that go by another name. */
static const struct {
    const char *type;
    const char *scheme;
} schemes[] = {
    {"GSSAPI", "Negotiate"},          /* mod_auth_gssapi; RFC 4559 */
    {"Kerberos", "Negotiate"},        /* mod_auth_kerb */
    {HTTPD_AMBIENT_OAUTH2, "Bearer"}, /* RFC 6750 */
    {"oauth20", "Bearer"},            /* mod_auth_openidc, as the next one */
    {"auth-openidc", "Bearer"},
};

/* An AuthType is one word mostly, but may be any text. RFC 9110 section 5.6.2 */
static int is_scheme(const char *word)
{
    return word[0] && !word[strspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                         "0123456789!#$%&'*+-.^_`|~")];
}

const char *httpd_ambient_challenge(request_rec *r)
{
    static const char header[] = "WWW-Authenticate";
    const char *type = ap_auth_type(r), *noted;
    apr_size_t i;

    if (!type)
        return NULL;
    /* The modules that know their realm; they put it where it would be sent as it is. */
    ap_note_auth_failure(r);
    noted = apr_table_getm(r->pool, r->err_headers_out, header);
    apr_table_unset(r->err_headers_out, header);
    if (noted)
        return noted;
    for (i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
        if (!strcasecmp(type, schemes[i].type))
            return schemes[i].scheme;
    }
    return is_scheme(type) ? type : NULL;
}
