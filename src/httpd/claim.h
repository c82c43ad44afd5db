/* SPDX-License-Identifier: Apache-2.0 */
/* The requests that are ours: claimed by path before a file name is made of it, and their ids.
 *
 * httpd would map /items/ID to a file, stat each segment and look for .htaccess, refuse ids longer
 * than a file name with 403, and let mod_mime judge "a.css". A claimed request skips all of it;
 * <Location> and everything that authenticates apply as ever.
 */
#ifndef HTTPD_CLAIM_H
#define HTTPD_CLAIM_H

#include <httpd.h>

#include "httpd/settings.h"

/* The handler's name, also for SetHandler. */
#define HTTPD_CLAIM_HANDLER "items"

/* post_read_request: the headers are read and the virtual host is chosen. */
int httpd_claim_received(request_rec *r);

/* Was that reached? If not, the request's framing or its headers were refused. */
int httpd_claim_is_received(const request_rec *r);

/* post_read_request: HTTP_BAD_REQUEST for a path below ItemsPath that httpd's core would refuse as
 * well (a broken escape, dots that lead above the root), but with a line at error for the client's
 * mistake. */
int httpd_claim_refuse_path(request_rec *r);

/* translate_name: claim what is at or below ItemsPath, unless it is somebody else's. */
int httpd_claim_translate(request_rec *r);

/* map_to_storage and type_checker: nothing to be looked for, ours to answer. */
int httpd_claim_storage(request_rec *r);
int httpd_claim_type(request_rec *r);

/* Was the request claimed? */
int httpd_claim_is_ours(const request_rec *r);

/* Where identity.c keeps what it has judged; NULL at first. Redirects and sub-requests have places
 * of their own. */
typedef struct httpd_identity_t httpd_identity_t;

httpd_identity_t **httpd_claim_identity(request_rec *r);

/* The path of a request's target (RFC 9112 section 3.2: origin form or absolute form) up to the
 * first of these characters, from pool; NULL for what has none. */
const char *httpd_claim_path(const char *target, const char *stops, apr_pool_t *pool);

/* The settings of the server that answers for r's path, claimed or not, or NULL: what an error
 * answer goes by. An error before the virtual host is known arrives with the first one's settings,
 * so then any virtual host of the port that serves this path counts. */
const httpd_settings_t *httpd_claim_settings(request_rec *r);

/* child_init: what a child's request ids begin with. */
void httpd_claim_start(void);

/* The id of the request: X-Request-Id if it is one (1 to 128 of [A-Za-z0-9._-]), else made. The
 * same for all that internal redirects and sub-requests make of one request. */
const char *httpd_claim_request_id(request_rec *r);

#endif
