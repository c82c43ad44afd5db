/* SPDX-License-Identifier: Apache-2.0 */
/* One request through the api. The answer is always sent here, errors included, with OK as the
 * hook's result: ErrorDocument never interferes and the headers stay what they are.
 *
 * A worker is held while DynamoDB is asked; httpd 2.4 has no sound way to let go of it.
 * What bounds that is ItemsTimeout.
 */
#include "httpd/handler.h"

#include <string.h>

#include <http_config.h>
#include <http_log.h>
#include <http_protocol.h>
#include <util_filter.h>
#include <apr_strings.h>

#include "httpd/ambient.h"
#include "httpd/body.h"
#include "httpd/child.h"
#include "httpd/claim.h"
#include "httpd/cors.h"
#include "httpd/directives.h"
#include "httpd/identity.h"
#include "httpd/log.h"

APLOG_USE_MODULE(items);

/* One exchange. */
typedef struct {
    request_rec *r;
    const httpd_settings_t *settings;
    const char *id; /* of the request */
    base_call_t call;
    items_reply_t reply; /* its headers are r's own */
} exchange_t;

/* The body, and then the whole of ItemsTimeout for the store: how fast the client sends is
 * mod_reqtimeout's business. */
static items_problem_e read_body(const char **body, apr_size_t *len, void *ctx, apr_size_t max)
{
    exchange_t *x = ctx;
    items_problem_e problem = httpd_body_read(body, len, x->r, max);

    x->call.deadline = base_call_clock() + x->settings->timeout;
    return problem;
}

static void serve(exchange_t *x, const items_api_t *api)
{
    request_rec *r = x->r;
    items_request_t req = {
        .method = r->method,
        .path = r->uri,
        .raw_path = r->unparsed_uri ? httpd_claim_path(r->unparsed_uri, "?#", r->pool) : NULL,
        .query = r->args,
        .accept = apr_table_get(r->headers_in, "Accept"),
        .prefer = apr_table_get(r->headers_in, "Prefer"),
        .content_type = apr_table_get(r->headers_in, "Content-Type"),
        .content_length = httpd_body_length(r),
        .ambient = httpd_settings_is_ambient(x->settings) ||
                   (x->settings->is_public && !httpd_identity_has_bearer(r) &&
                    httpd_ambient_is_carried(r)),
        .request_id = x->id,
        .now = apr_time_now(),
        .read_body = read_body,
        .body_ctx = x,
    };

    req.identity = httpd_identity_get(&req.scopes, r, x->settings);
    if (req.ambient && req.identity == ITEMS_API_NOBODY)
        req.challenge = httpd_ambient_challenge(r);
    items_api_serve(&x->reply, api, &req, &x->call, r->pool);
}

/* The child could not build what serves this table; the log has said so. */
static void serve_nothing(exchange_t *x)
{
    items_reply_error_t error = {
        .problem = ITEMS_PROBLEM_UNAVAILABLE,
        .request_id = x->id,
        .accept = apr_table_get(x->r->headers_in, "Accept"),
    };

    items_reply_error(&x->reply, &error, x->r->pool);
    x->reply.err =
        base_err_make(BASE_ERR_UNAVAILABLE, 0, x->r->pool,
                      "this child has nothing that serves the table, see %s", HTTPD_LOG_CHILD);
}

/* With three decimals. */
static const char *milliseconds(apr_interval_time_t time, apr_pool_t *pool)
{
    base_text_t text;
    apr_size_t point;

    base_text_init(&text, 24, 24, pool);
    base_text_put_number(&text, time / 1000);
    point = text.len;
    base_text_put_number(&text, 1000 + time % 1000);
    text.data[point] = '.'; /* over the 1 */
    return text.data;
}

/* For LogFormat and whoever else reads the environment. Added, not set: our names are alike in what
 * a table looks at first, and setting would compare each with all before it. */
static void set_environment(const exchange_t *x)
{
    apr_table_t *env = x->r->subprocess_env;
    apr_pool_t *pool = x->r->pool;

    if (x->reply.route)
        apr_table_addn(env, "ITEMS_ROUTE", x->reply.route);
    apr_table_addn(env, "ITEMS_OUTCOME", httpd_log_outcome(&x->reply));
    apr_table_addn(env, "ITEMS_ATTEMPTS", apr_itoa(pool, x->call.attempts));
    apr_table_addn(env, "ITEMS_DYNAMODB_MS", milliseconds(x->call.remote_time, pool));
    if (x->call.remote_id[0])
        apr_table_addn(env, "ITEMS_DYNAMODB_REQUEST_ID", apr_pstrdup(pool, x->call.remote_id));
    apr_table_addn(env, "ITEMS_REQUEST_ID", x->id);
}

/* Status, headers, and the body in one brigade. */
static int respond(const exchange_t *x)
{
    const items_reply_t *reply = &x->reply;
    request_rec *r = x->r;
    apr_bucket_alloc_t *alloc = r->connection->bucket_alloc;
    apr_bucket_brigade *brigade = apr_brigade_create(r->pool, alloc);
    apr_status_t status;

    r->status = reply->status;
    apr_table_setn(r->headers_out, "X-Request-Id", x->id);
    httpd_cors_add(r->headers_out, x->settings);
    if (reply->content_type)
        ap_set_content_type(r, reply->content_type);
    /* Ranges of a document that is made for each request mean nothing (RFC 9110 section 14.2 lets a
     * server ignore them), but httpd's filter would answer 206. */
    apr_table_unset(r->headers_in, "Range");
    apr_table_unset(r->headers_in, "Request-Range");
    apr_table_unset(r->headers_in, "If-Range");
    /* Transient: a filter that keeps it beyond this call copies, and HTTP/2 hands it to another
     * thread. For HEAD as well: httpd counts the length and drops the body. */
    if (reply->body_len)
        APR_BRIGADE_INSERT_TAIL(brigade,
                                apr_bucket_transient_create(reply->body, reply->body_len, alloc));
    APR_BRIGADE_INSERT_TAIL(brigade, apr_bucket_eos_create(alloc));
    status = ap_pass_brigade(r->output_filters, brigade);
    if (status != APR_SUCCESS)
        ap_log_rerror(APLOG_MARK, APLOG_TRACE1, status, r,
                      "the answer was not taken, request_id=%s", x->id);
    return status == AP_FILTER_ERROR ? AP_FILTER_ERROR : OK;
}

int httpd_handler_run(request_rec *r)
{
    const httpd_settings_t *settings = httpd_directives_settings(r->server);
    exchange_t x = {.r = r, .settings = settings};
    const items_api_t *api;

    if (!r->handler || strcmp(r->handler, HTTPD_CLAIM_HANDLER) || !settings->collection.table)
        return DECLINED;
    /* An ErrorDocument is not something to ask DynamoDB for, and nobody may see an item because
     * they were refused something. httpd then sends its own text for the first status. */
    if (r->prev && ap_is_HTTP_ERROR(r->prev->status))
        return HTTP_NOT_FOUND;
    x.id = httpd_claim_request_id(r);
    x.reply.headers = r->headers_out;
    base_call_init(&x.call, settings->timeout);
    httpd_log_listen(&x.call, r);
    api = httpd_child_api(settings);
    if (httpd_cors_is_preflight(r, settings))
        httpd_cors_preflight(&x.reply, r->pool);
    else if (api)
        serve(&x, api);
    else
        serve_nothing(&x);
    if (x.reply.problem == ITEMS_PROBLEM_ANSWERED)
        x.reply.status = r->status;
    set_environment(&x);
    if (x.reply.problem == ITEMS_PROBLEM_ANSWERED) /* and its line is written, see errors.c */
        return AP_FILTER_ERROR;
    httpd_log_request(r, &x.reply, &x.call, settings);
    return respond(&x);
}
