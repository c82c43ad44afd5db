/* SPDX-License-Identifier: Apache-2.0 */
/* httpd's own error answers below ItemsPath in our shape.
 *
 * Many errors never reach a handler: no token, a body that LimitRequestBody refuses, a broken
 * header, a request line that is too long. A client of an API reads JSON in all cases.
 */
#ifndef HTTPD_ERRORS_H
#define HTTPD_ERRORS_H

#include <httpd.h>
#include <util_filter.h>

#define HTTPD_ERRORS_FILTER "ITEMS_ERROR" /* the output filter's name */

/* insert_error_filter: put the filter in front of an error answer of ours. */
void httpd_errors_insert(request_rec *r);

/* The filter: whatever body comes, ours goes on. */
apr_status_t httpd_errors_filter(ap_filter_t *filter, apr_bucket_brigade *brigade);

/* post_read_request and header_parser: what stands below ItemsPath has no ErrorDocument. */
int httpd_errors_own(request_rec *r);

#endif
