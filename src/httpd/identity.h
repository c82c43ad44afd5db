/* SPDX-License-Identifier: Apache-2.0 */
/* Who is asking: the guard before mod_auth_openidc, and what its verified token says, behind it.
 *
 * Never from request headers alone: a client may send any. Closed by default.
 */
#ifndef HTTPD_IDENTITY_H
#define HTTPD_IDENTITY_H

#include <httpd.h>

#include "httpd/settings.h"
#include "items/api.h"

/* post_read_request, and log_transaction for what never gets so far (a broken request): a token in
 * the query is not honoured, and is not to be logged either. */
int httpd_identity_mask(request_rec *r);

/* check_access_ex: OPTIONS of what is ours needs no identity, or no browser could ask whether it
 * may send one. It makes no call. */
int httpd_identity_open_options(request_rec *r);

/* check_authn, in front of mod_auth_openidc: HTTP_UNAUTHORIZED for a token that can't pass,
 * whoever signed it, and for none at all; HTTP_SERVICE_UNAVAILABLE while the issuer's keys are not
 * known; OK for one that was verified a moment ago (ItemsTokenMemory); DECLINED otherwise. */
int httpd_identity_guard(request_rec *r);

/* check_authz, behind mod_auth_openidc: what it has just verified need not be verified again so
 * soon, where ItemsTokenMemory says so. */
int httpd_identity_remember(request_rec *r);

/* fixups: what was ours is another handler's now (mod_rewrite redirects that way), and that one, or
 * where it goes, may want more of mod_auth_openidc than a user: a token that was remembered is
 * verified after all. */
int httpd_identity_settle(request_rec *r);

/* Does r bring a token (RFC 6750 section 2.1)? */
int httpd_identity_has_bearer(const request_rec *r);

/* What is known of whoever asks, when authentication is over: what the guard has let through and
 * mod_auth_openidc has verified. *scopes: see items_request_t. */
items_api_identity_e httpd_identity_get(const char **scopes, request_rec *r,
                                        const httpd_settings_t *settings);

/* r is about to be answered with an error: if mod_auth_openidc refused what the guard had let
 * through, the log says so. Its status, or HTTP_SERVICE_UNAVAILABLE where that may have been for
 * want of the issuer's keys: after a 401 a client throws its token away. */
int httpd_identity_refused(request_rec *r);

#endif
