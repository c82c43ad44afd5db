/* SPDX-License-Identifier: Apache-2.0 */
/* The brigade loop rather than ap_get_client_block(), which says -1 for everything: a body that was
 * cut could not be told from one that was too slow.
 */
#include "httpd/body.h"

#include <http_protocol.h>
#include <util_filter.h>
#include <apr_strings.h>

#include "base/text.h"

#define READ_BYTES 8192
#define HINT_MAX 65536 /* bytes set aside before any came: Content-Length is only a promise */

static items_problem_e problem_of(apr_status_t status, request_rec *r)
{
    if (status == AP_FILTER_ERROR)
        return ITEMS_PROBLEM_ANSWERED;
    if (APR_STATUS_IS_ENOSPC(status)) /* a limit of the server's own */
        return ITEMS_PROBLEM_BODY_TOO_LARGE;
    /* Where the next request would begin is not known any more. */
    r->connection->keepalive = AP_CONN_CLOSE;
    return APR_STATUS_IS_TIMEUP(status) ? ITEMS_PROBLEM_BODY_TIMEOUT : ITEMS_PROBLEM_REQUEST;
}

/* Append what a brigade holds; *ended when that was all. */
static apr_status_t take(base_text_t *text, int *ended, apr_bucket_brigade *brigade)
{
    apr_bucket *bucket;
    apr_status_t status;
    const char *bytes;
    apr_size_t len;

    for (bucket = APR_BRIGADE_FIRST(brigade); bucket != APR_BRIGADE_SENTINEL(brigade);
         bucket = APR_BUCKET_NEXT(bucket)) {
        if (APR_BUCKET_IS_EOS(bucket)) {
            *ended = 1;
            return APR_SUCCESS;
        }
        if (APR_BUCKET_IS_METADATA(bucket))
            continue;
        status = apr_bucket_read(bucket, &bytes, &len, APR_BLOCK_READ);
        if (status != APR_SUCCESS)
            return status;
        base_text_put(text, bytes, len);
    }
    return APR_SUCCESS;
}

items_problem_e httpd_body_read(const char **body, apr_size_t *len, request_rec *r, apr_size_t max)
{
    apr_bucket_brigade *brigade = apr_brigade_create(r->pool, r->connection->bucket_alloc);
    apr_int64_t announced = httpd_body_length(r);
    apr_status_t status;
    base_text_t text;
    int ended = 0;

    base_text_init(&text,
                   announced > 0 && announced < HINT_MAX ? (apr_size_t)announced : READ_BYTES, max,
                   r->pool);
    do {
        status = ap_get_brigade(r->input_filters, brigade, AP_MODE_READBYTES, APR_BLOCK_READ,
                                READ_BYTES);
        if (status == APR_SUCCESS)
            status = take(&text, &ended, brigade);
        apr_brigade_cleanup(brigade);
    } while (status == APR_SUCCESS && !ended && !text.full);
    apr_brigade_destroy(brigade);
    if (status != APR_SUCCESS)
        return problem_of(status, r);
    if (text.full) /* httpd reads the rest away, or closes */
        return ITEMS_PROBLEM_BODY_TOO_LARGE;
    *body = text.data;
    *len = text.len;
    return ITEMS_PROBLEM_NONE;
}

apr_int64_t httpd_body_length(const request_rec *r)
{
    const char *announced = apr_table_get(r->headers_in, "Content-Length");

    if (announced) /* httpd has judged its form already */
        return apr_atoi64(announced);
    /* An HTTP/2 stream needs neither header to have a body. */
    if (apr_table_get(r->headers_in, "Transfer-Encoding") || r->proto_num >= HTTP_VERSION(2, 0))
        return -1;
    return 0;
}
