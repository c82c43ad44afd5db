/* SPDX-License-Identifier: Apache-2.0 */
/* An output filter that ap_send_error_response() lets us insert: by then httpd has chosen status
 * and headers and will send its own text, which is dropped.
 *
 * An ErrorDocument that is a path would be another request, answered by whatever is
 * there, before any filter is asked. So requests below ItemsPath are told to have
 * a text instead, which the filter drops as well. Before their headers were read
 * that can't be done; then a path in a server-wide ErrorDocument wins.
 */
#include "httpd/errors.h"

#include <string.h>
#include <strings.h>

#include <http_config.h>
#include <http_core.h>
#include <http_protocol.h>
#include <http_request.h>
#include <apr_strings.h>

#include "httpd/ambient.h"
#include "httpd/claim.h"
#include "httpd/cors.h"
#include "httpd/identity.h"
#include "httpd/log.h"
#include "items/reply.h"

typedef struct {
    const httpd_settings_t *settings;
    int status; /* 401 of others may be our 503 */
} filter_ctx_t;

void httpd_errors_insert(request_rec *r)
{
    const httpd_settings_t *settings;
    filter_ctx_t *ctx;

    if (r->status < HTTP_BAD_REQUEST)
        return;
    settings = httpd_claim_settings(r);
    if (!settings)
        return;
    /* A request line that was too long was not taken apart, but HEAD it may be. */
    if (!r->method && r->the_request && !strncmp(r->the_request, "HEAD ", 5))
        r->header_only = 1;
    ctx = apr_palloc(r->pool, sizeof(*ctx));
    ctx->settings = settings;
    ctx->status = httpd_identity_refused(r);
    ap_add_output_filter(HTTPD_ERRORS_FILTER, ctx, r, r->connection);
}

/* The challenge of a 401 (RFC 6750 section 3): one without a token names no error, however the
 * module that refused it put that; one with a token always does. Where we judge tokens all refusals
 * read alike, so that nobody can tell a wrong signature from a wrong claim. Other schemes stay as
 * they are. */
static const char *challenge(const request_rec *r, const httpd_settings_t *settings,
                             const char *given)
{
    if (given && strncasecmp(given, "Bearer", 6))
        return given;
    if (!httpd_identity_has_bearer(r))
        return "Bearer";
    return given && strstr(given, "error=") && !httpd_settings_has_tokens(settings)
               ? given
               : "Bearer error=\"invalid_token\"";
}

/* Where another AuthType is in charge its challenges stay as they are, several lines perhaps, and
 * one is added only where its module gave none (a Require line that wants another user). */
static void set_challenge(request_rec *r, const httpd_settings_t *settings)
{
    const char *given = apr_table_get(r->headers_out, "WWW-Authenticate");
    const char *own;

    if (!httpd_settings_is_ambient(settings)) {
        apr_table_setn(r->headers_out, "WWW-Authenticate", challenge(r, settings, given));
        return;
    }
    own = given ? NULL : httpd_ambient_challenge(r);
    if (own)
        apr_table_setn(r->headers_out, "WWW-Authenticate", own);
}

/* The headers that described the body which is dropped. */
static void forget_body(apr_table_t *headers)
{
    static const char *const names[] = {"Content-Length",   "Content-Range", "Content-Encoding",
                                        "Content-Language", "Content-MD5",   "ETag",
                                        "Last-Modified",    "Accept-Ranges"};
    apr_size_t i;

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        apr_table_unset(headers, names[i]);
}

/* Has httpd's core or a module of its own refused a preflight for its path or method? For %2F, %00
 * or a broken escape that happens before anybody could answer it. */
static int is_refused_preflight(const request_rec *r, const httpd_settings_t *settings)
{
    return (r->status == HTTP_BAD_REQUEST || r->status == HTTP_NOT_FOUND ||
            r->status == HTTP_METHOD_NOT_ALLOWED) &&
           httpd_claim_is_received(r) && httpd_cors_is_preflight(r, settings);
}

/* A preflight succeeds for any path, or a page could not read what the request itself gets. */
static void answer_preflight(items_reply_t *reply, request_rec *r, const httpd_settings_t *settings)
{
    forget_body(r->headers_out);
    apr_table_unset(r->headers_out, "Allow");
    httpd_cors_preflight(reply, r->pool);
    r->status = reply->status;
    r->status_line = NULL;
    ap_set_content_type(r, NULL);
    apr_table_setn(r->headers_out, "X-Request-Id", httpd_claim_request_id(r));
    httpd_cors_add(r->headers_out, settings);
    httpd_log_own(r, reply, settings);
}

/* Fill reply for r's status and put the headers where httpd takes them from. */
static void answer(items_reply_t *reply, request_rec *r, const httpd_settings_t *settings)
{
    items_reply_error_t error = {
        .problem = items_reply_problem_of_status(r->status),
        .status = r->status,
        .request_id = httpd_claim_request_id(r),
        .accept = apr_table_get(r->headers_in, "Accept"),
    };

    forget_body(r->headers_out);
    items_reply_error(reply, &error, r->pool);
    if (r->status == HTTP_UNAUTHORIZED)
        set_challenge(r, settings);
    apr_table_setn(r->headers_out, "X-Request-Id", error.request_id);
    httpd_cors_add(r->headers_out, settings);
    ap_set_content_type(r, reply->content_type);
    /* httpd's filter counts only what it sees first, which may have been the error itself. */
    ap_set_content_length(r, (apr_off_t)reply->body_len);
    apr_table_setn(r->subprocess_env, "ITEMS_REQUEST_ID", error.request_id);
    apr_table_setn(r->subprocess_env, "ITEMS_OUTCOME", httpd_log_outcome(reply));
    httpd_log_own(r, reply, settings);
}

apr_status_t httpd_errors_filter(ap_filter_t *filter, apr_bucket_brigade *brigade)
{
    request_rec *r = filter->r;
    const filter_ctx_t *ctx = filter->ctx;
    apr_bucket *bucket, *next, *eos = NULL;
    /* Neither an error nor a route: both are the handler's to fill in. */
    items_reply_t reply = {.headers = r->headers_out};

    for (bucket = APR_BRIGADE_FIRST(brigade); bucket != APR_BRIGADE_SENTINEL(brigade);
         bucket = next) {
        next = APR_BUCKET_NEXT(bucket);
        if (APR_BUCKET_IS_EOS(bucket))
            eos = bucket;
        else if (!APR_BUCKET_IS_METADATA(bucket) || APR_BUCKET_IS_FLUSH(bucket))
            apr_bucket_delete(bucket);
    }
    if (!eos) /* nothing to be sent yet */
        return APR_BRIGADE_EMPTY(brigade) ? APR_SUCCESS : ap_pass_brigade(filter->next, brigade);
    if (r->status != ctx->status) {
        r->status = ctx->status;
        r->status_line = NULL;
        apr_table_unset(r->headers_out, "WWW-Authenticate");
    }
    if (is_refused_preflight(r, ctx->settings))
        answer_preflight(&reply, r, ctx->settings);
    else
        answer(&reply, r, ctx->settings);
    /* For HEAD as well: httpd counts the length and drops the body. */
    if (reply.body_len)
        APR_BUCKET_INSERT_BEFORE(eos, apr_bucket_transient_create(reply.body, reply.body_len,
                                                                  r->connection->bucket_alloc));
    ap_remove_output_filter(filter);
    return ap_pass_brigade(filter->next, brigade);
}

int httpd_errors_own(request_rec *r)
{
    const core_dir_config *conf = ap_get_core_module_config(r->per_dir_config);
    const core_request_config *request = ap_get_core_module_config(r->request_config);
    int status;

    if (!conf->response_code_exprs || request->response_code_strings || !httpd_claim_settings(r))
        return DECLINED;
    for (status = HTTP_BAD_REQUEST; status < 600; status++) {
        if (status == HTTP_INTERNAL_SERVER_ERROR ||
            ap_index_of_response(status) != ap_index_of_response(HTTP_INTERNAL_SERVER_ERROR))
            ap_custom_response(r, status, " ");
    }
    return DECLINED;
}
