/* SPDX-License-Identifier: Apache-2.0 */
/* The watch on the issuers' key ids: one per key set, in memory that all children of the server
 * share and that graceful restarts keep.
 *
 * A token whose key the issuer does not have is refused in front of mod_auth_openidc, which would
 * fetch the key set for it. Looks run in a thread of their own, one at a time.
 */
#ifndef HTTPD_KEYS_H
#define HTTPD_KEYS_H

#include <httpd.h>

#include "auth/kids.h"
#include "httpd/settings.h"

/* Can the keys of these settings be watched? NULL, or the words why not; "" where there is nothing
 * to be watched. proxy: the variable of the environment that names one, or NULL. */
const char *httpd_keys_why_not(const httpd_settings_t *settings, const char *proxy,
                               apr_pool_t *pool);

/* post_config: the shared memory for the key set of these settings, unless there is one. Its name
 * is kept in process, the server's pool. BASE_ERR_INTERNAL when there is none to be had. */
base_err_t *httpd_keys_prepare(const httpd_settings_t *settings, apr_pool_t *process,
                               apr_pool_t *pool) BASE_ERR_CHECKED;

/* child_init: before the two below. */
void httpd_keys_start(apr_pool_t *pool);

/* child_init: watch the key set of these settings, asked for at source, if it was prepared. Lives
 * in pool, as source does. */
void httpd_keys_watch(const httpd_settings_t *settings, const auth_kids_source_t *source,
                      server_rec *server, apr_pool_t *pool);

/* Another server's watch does for these settings as well: 1 if there is one for the same key set.
 */
int httpd_keys_share(const httpd_settings_t *settings, apr_pool_t *pool);

typedef enum {
    HTTPD_KEYS_KNOWN, /* or not watched: for mod_auth_openidc to judge */
    HTTPD_KEYS_UNKNOWN,
    HTTPD_KEYS_UNAVAILABLE /* no key is known, and the key set can't be had */
} httpd_keys_verdict_e;

/* Has the issuer a key of that id? May wait for a look. *is_pilot: say httpd_keys_tried() when
 * mod_auth_openidc is done with it. Any thread. */
httpd_keys_verdict_e httpd_keys_judge(int *is_pilot, const httpd_settings_t *settings,
                                      const char *kid);
void httpd_keys_tried(const httpd_settings_t *settings, const char *kid);

/* mod_auth_openidc has refused a token of a known key. Has the last look failed, so that this may
 * be for want of the key set? Otherwise that is looked into. */
int httpd_keys_is_out(const httpd_settings_t *settings);

#endif
