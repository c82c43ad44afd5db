/* SPDX-License-Identifier: Apache-2.0 */
/* Fixed lists, not echoes: what may be sent and read is known. "*" as Access-Control-Allow-Headers
 * would not cover Authorization (Fetch Standard, "CORS non-wildcard request-header name").
 */
#include "httpd/cors.h"

#define MAX_AGE "600" /* seconds that a browser may remember a preflight */

int httpd_cors_is_preflight(const request_rec *r, const httpd_settings_t *settings)
{
    return settings->cors && r->method_number == M_OPTIONS &&
           apr_table_get(r->headers_in, "Origin") &&
           apr_table_get(r->headers_in, "Access-Control-Request-Method");
}

void httpd_cors_preflight(items_reply_t *reply, apr_pool_t *pool)
{
    items_reply_success(reply, HTTP_NO_CONTENT, NULL, 0, pool);
    apr_table_setn(reply->headers, "Access-Control-Allow-Methods",
                   "GET, HEAD, POST, PUT, DELETE, OPTIONS");
    apr_table_setn(reply->headers, "Access-Control-Allow-Headers",
                   "Authorization, Content-Type, Prefer, X-Request-Id, If-Match, If-None-Match, "
                   "Idempotency-Key");
    apr_table_setn(reply->headers, "Access-Control-Max-Age", MAX_AGE);
    apr_table_mergen(reply->headers, "Vary",
                     "Access-Control-Request-Method, Access-Control-Request-Headers");
}

void httpd_cors_add(apr_table_t *headers, const httpd_settings_t *settings)
{
    if (!settings->cors)
        return;
    apr_table_setn(headers, "Access-Control-Allow-Origin", "*");
    apr_table_setn(headers, "Access-Control-Expose-Headers",
                   "Location, X-Request-Id, Retry-After, WWW-Authenticate, Preference-Applied");
}
