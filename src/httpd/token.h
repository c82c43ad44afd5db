/* SPDX-License-Identifier: Apache-2.0 */
/* The form of an access token, judged before anybody takes it apart.
 *
 * Pure. It says nothing about who signed what: that is mod_auth_openidc's to say.
 */
#ifndef HTTPD_TOKEN_H
#define HTTPD_TOKEN_H

#include <apr_pools.h>

/* Is the text a JWS in compact form (RFC 7515 section 7.1) whose header and payload are JSON
 * objects of the plain kind that issuers make? */
int httpd_token_is_jws(const char *text, apr_pool_t *pool);

#endif
