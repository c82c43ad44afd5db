/* SPDX-License-Identifier: Apache-2.0 */
/* ItemsTokenMemory: a memory of verified tokens for each server that wants one, shared by the
 * children of one generation. Every start and every restart makes new ones, with new keys: what was
 * verified for another configuration is not known any more.
 */
#ifndef HTTPD_MEMORY_H
#define HTTPD_MEMORY_H

#include <httpd.h>

#include "base/err.h"
#include "httpd/settings.h"

/* post_config: a memory for each of the servers that wants one, in conf, the pool of this
 * configuration. BASE_ERR_INTERNAL when there is none to be had. */
base_err_t *httpd_memory_prepare(server_rec *servers, apr_pool_t *conf) BASE_ERR_CHECKED;

/* child_init: what a child needs beside it, in pool. */
void httpd_memory_start(apr_pool_t *pool);

/* The user that the token made when it was verified for requests such as r, at most
 * ItemsTokenMemory ago; NULL: it must be verified. how: the AuthType. From r->pool; any thread. */
char *httpd_memory_find(const request_rec *r, const char *how, const char *token);

/* For r it has just been verified, and made this user. Kept if there is room for it. */
void httpd_memory_keep(const request_rec *r, const char *how, const char *token, const char *user);

#endif
