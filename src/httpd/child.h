/* SPDX-License-Identifier: Apache-2.0 */
/* The life of the stack: judged before anything forks, built in each child, never torn down.
 *
 * The one file that sees all floors. Nothing is registered with the child's pool: under prefork its
 * clean-ups run in a signal handler in the midst of a request, where nothing may lock or join.
 */
#ifndef HTTPD_CHILD_H
#define HTTPD_CHILD_H

#include <httpd.h>

#include "httpd/settings.h"
#include "items/api.h"

/* check_config, behind the MPM's: finish the settings of every server and judge them; `httpd -t`
 * runs it too. OK, or HTTP_INTERNAL_SERVER_ERROR when the log says why there can be no start. */
int httpd_child_check(apr_pool_t *conf, apr_pool_t *log, apr_pool_t *temp, server_rec *servers);

/* post_config: what is made once for all children, and what an operator should know at a start. */
int httpd_child_prepare(apr_pool_t *conf, apr_pool_t *log, apr_pool_t *temp, server_rec *servers);

/* child_init: one pool of connections and one client per distinct store, one table and one api per
 * server with ItemsTable. */
void httpd_child_init(apr_pool_t *child, server_rec *servers);

/* What serves the table of these settings, or NULL when child_init could not build it. Any thread.
 */
const items_api_t *httpd_child_api(const httpd_settings_t *settings);

#endif
