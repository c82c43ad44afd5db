/* SPDX-License-Identifier: Apache-2.0 */
/* Who is asking: whether somebody proved who they are for this very request.
 *
 * Never from request headers: a client may send any. Closed by default.
 */
#ifndef HTTPD_IDENTITY_H
#define HTTPD_IDENTITY_H

#include <httpd.h>

#include "httpd/settings.h"

/* Did authentication run for this request and succeed, or is the host public? */
int httpd_identity_is_known(const request_rec *r, const httpd_settings_t *settings);

/* check_access_ex: OPTIONS of what is ours needs no identity, or no browser could ask whether it
 * may send one. It makes no call. */
int httpd_identity_open_options(request_rec *r);

/* check_authn, before mod_auth_openidc: a bearer token of a form that no issuer makes is refused
 * with 401, and nobody takes it apart. */
int httpd_identity_refuse_malformed(request_rec *r);

#endif
