/* SPDX-License-Identifier: Apache-2.0 */
/* The command table: httpd's words to settings.
 *
 * Every directive of ours is one word after Items, allowed in the main server and in a virtual
 * host, and refuses nonsense with its own name and what was expected. Those of other modules are
 * heard where these have them, and never refused.
 */
#ifndef HTTPD_DIRECTIVES_H
#define HTTPD_DIRECTIVES_H

#include <httpd.h>
#include <http_config.h>

#include "httpd/settings.h"

/* The command table of the module record. */
extern const command_rec httpd_directives_table[];

/* The settings of a server or virtual host; finished once check_config has passed. */
httpd_settings_t *httpd_directives_settings(const server_rec *server);

/* The callbacks of the module record. */
void *httpd_directives_make(apr_pool_t *pool, server_rec *server);
void *httpd_directives_merge(apr_pool_t *pool, void *base, void *add);

#endif
