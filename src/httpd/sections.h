/* SPDX-License-Identifier: Apache-2.0 */
/* What the sections (<Location>, <If> and so on) say that decides whether a token which was
 * verified a moment ago may go without: whoever skips mod_auth_openidc must not let pass what it,
 * or a Require line with what it has found, would refuse.
 *
 * These directives are other modules'; httpd hands each to us as well.
 */
#ifndef HTTPD_SECTIONS_H
#define HTTPD_SECTIONS_H

#include <httpd.h>
#include <http_config.h>

/* Of one section, or of all that apply to a request. */
typedef struct {
    const char *lines; /* those that decide how mod_auth_openidc takes a token; NULL: none */
    const char *asks; /* "Require … on FILE:LINE", which may ask for more than the user; or NULL */
    const char *adds; /* a line that has mod_auth_openidc put headers into requests; or NULL */
    int has_require;  /* then those of the sections around it don't count, */
    int is_merging;   /* unless AuthMerging says so */
} httpd_sections_t;

/* The callbacks of the module record. */
void *httpd_sections_make(apr_pool_t *pool, char *path);
void *httpd_sections_merge(apr_pool_t *pool, void *base, void *add);

/* Setters, for directives.c. */
void httpd_sections_hear_require(httpd_sections_t *sections, const cmd_parms *cmd,
                                 const char *args);
void httpd_sections_hear_merging(httpd_sections_t *sections, const cmd_parms *cmd,
                                 const char *args);
void httpd_sections_hear_line(httpd_sections_t *sections, const cmd_parms *cmd, const char *args);
void httpd_sections_hear_header(httpd_sections_t *sections, const cmd_parms *cmd);

/* All that apply to a request. */
const httpd_sections_t *httpd_sections_of(const request_rec *r);

/* Why the signature of a token must be verified for each request that these apply to: a line and
 * its place, or NULL. */
const char *httpd_sections_why(const httpd_sections_t *sections);

/* The same for some path at or below this one, as far as <Location> can tell; <If> is known only
 * while a request is served. Also mod_rewrite's lines that go by a token's claims, wherever the
 * server has them. For check_config. */
const char *httpd_sections_why_below(const server_rec *server, const char *path, apr_pool_t *pool);

#endif
