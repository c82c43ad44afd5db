/* SPDX-License-Identifier: Apache-2.0 */
/* Cross-origin headers and preflights (Fetch Standard, "HTTP-CORS protocol").
 *
 * Any origin, never with credentials: what protects the items is the token that a page must send
 * by itself. ItemsCORSOrigin none: not a word about origins.
 */
#ifndef HTTPD_CORS_H
#define HTTPD_CORS_H

#include <httpd.h>

#include "httpd/settings.h"
#include "items/reply.h"

/* Is r a preflight that is to be answered? */
int httpd_cors_is_preflight(const request_rec *r, const httpd_settings_t *settings);

/* Answer it: 204, for any path, or a page could not read the 404 of what it asks for next. */
void httpd_cors_preflight(items_reply_t *reply, apr_pool_t *pool);

/* The headers that let a page read the answer they are put on. */
void httpd_cors_add(apr_table_t *headers, const httpd_settings_t *settings);

#endif
