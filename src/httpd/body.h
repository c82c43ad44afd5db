/* SPDX-License-Identifier: Apache-2.0 */
/* Read a request's body within limits. */
#ifndef HTTPD_BODY_H
#define HTTPD_BODY_H

#include <httpd.h>

#include "items/reply.h"

/* The whole body into r's pool, at most max bytes. NONE, or: BODY_TOO_LARGE; BODY_TIMEOUT, it came
 * too slowly (mod_reqtimeout); REQUEST, it was cut or badly framed; ANSWERED, httpd has sent an
 * answer by itself, so the handler must return AP_FILTER_ERROR. */
items_problem_e httpd_body_read(const char **body, apr_size_t *len, request_rec *r, apr_size_t max);

/* What Content-Length announces in bytes, 0 without a body, -1 when only the end will tell. */
apr_int64_t httpd_body_length(const request_rec *r);

#endif
