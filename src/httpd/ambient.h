/* SPDX-License-Identifier: Apache-2.0 */
/* Who is asking where another AuthType says so (ItemsIssuer none): Basic, Negotiate, client
 * certificates, mod_oauth2 with tokens that are not looked into here.
 *
 * From what authentication has left in the request, never from headers.
 */
#ifndef HTTPD_AMBIENT_H
#define HTTPD_AMBIENT_H

#include <httpd.h>

#include "httpd/settings.h"

#define HTTPD_AMBIENT_OAUTH2 "oauth2" /* mod_oauth2's AuthType */
/* The variable where it leaves a token that it has verified. */
#define HTTPD_AMBIENT_OAUTH2_TOKEN "OAUTH2_CLAIM_access_token"

/* Has somebody proved who they are? For a request that inherits nothing. */
int httpd_ambient_has_user(request_rec *r);

/* Is one of the wanted scopes (const char *) in the variable that ItemsScopeVariable names? */
int httpd_ambient_has_scope(const request_rec *r, const httpd_settings_t *settings,
                            const apr_array_header_t *wanted);

/* The challenge of a 401 in the site's own scheme, from r's pool. NULL if there is none to be
 * named: without an AuthType no header can help (a client certificate, say), and 403 is the answer.
 */
const char *httpd_ambient_challenge(request_rec *r);

/* Does the request come with something that a browser adds by itself, whether or not anybody is
 * asked who they are here? For one without a bearer token, which a page has to write. */
int httpd_ambient_is_carried(request_rec *r);

#endif
