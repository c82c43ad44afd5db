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
#include "items/api.h"

/* What is known of whoever asks, for a request that inherits nothing. *scopes: see
 * items_request_t. */
items_api_identity_e httpd_ambient_identity(const char **scopes, request_rec *r,
                                            const httpd_settings_t *settings);

/* The challenge of a 401 in the site's own scheme, from r's pool. NULL if there is none to be
 * named: without an AuthType no header can help (a client certificate, say), and 403 is the answer.
 */
const char *httpd_ambient_challenge(request_rec *r);

#endif
