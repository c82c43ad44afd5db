/* SPDX-License-Identifier: Apache-2.0 */
/* The lines themselves. One per request, because an operator who has a request id wants the whole
 * story in one place; a client's mistake stands at debug, because it needs nobody's attention.
 */
#include "httpd/log.h"

#include <http_config.h>
#include <http_log.h>
#include <apr_strings.h>

#include "httpd/claim.h"

APLOG_USE_MODULE(items);

#define METHOD_SHOWN 32 /* characters; a client may send thousands */

/* The tag of each kind of failure behind us. What the store calls invalid, too large or a conflict
 * although the request had passed our checks is a fault of ours. */
static const char *tag_of(base_err_kind_e kind)
{
    switch (kind) {
    case BASE_ERR_DENIED:
        return HTTPD_LOG_DENIED;
    case BASE_ERR_UNAVAILABLE:
        return HTTPD_LOG_UNAVAILABLE;
    case BASE_ERR_UNTRUSTED:
        return HTTPD_LOG_UNTRUSTED;
    case BASE_ERR_TIMEOUT:
        return HTTPD_LOG_TIMEOUT;
    case BASE_ERR_THROTTLED:
        return HTTPD_LOG_THROTTLED;
    case BASE_ERR_NONSENSE:
        return HTTPD_LOG_NONSENSE;
    case BASE_ERR_INVALID:
    case BASE_ERR_CONFLICT:
    case BASE_ERR_TOO_LARGE:
    case BASE_ERR_INTERNAL:
        break;
    }
    return HTTPD_LOG_INTERNAL;
}

/* A failure of ours, as opposed to an answer that the client can do something about. */
static int is_failure(const items_reply_t *reply)
{
    return reply->status >= HTTP_INTERNAL_SERVER_ERROR;
}

static base_err_kind_e kind_of(const items_reply_t *reply)
{
    if (reply->err)
        return reply->err->kind;
    return reply->status == HTTP_SERVICE_UNAVAILABLE ? BASE_ERR_UNAVAILABLE : BASE_ERR_INTERNAL;
}

const char *httpd_log_outcome(const items_reply_t *reply)
{
    if (is_failure(reply))
        return base_err_kind_name(kind_of(reply));
    return reply->problem == ITEMS_PROBLEM_NONE ? "ok" : "refused";
}

/* What was asked, as far as it is known: a request line that is too long has no method yet. */
static const char *name_of(const request_rec *r, const items_reply_t *reply)
{
    if (reply->route)
        return reply->route;
    return r->method ? apr_pstrndup(r->pool, r->method, METHOD_SHOWN) : "-";
}

/* The story behind a failure, or what a refused client was told. */
static const char *story_of(const request_rec *r, const items_reply_t *reply)
{
    if (reply->err)
        return base_err_format(reply->err, r->pool);
    return reply->words ? reply->words : "";
}

void httpd_log_request(request_rec *r, const items_reply_t *reply, const base_call_t *call,
                       const httpd_settings_t *settings)
{
    int level = is_failure(reply) ? APLOG_ERR : APLOG_DEBUG;
    const char *tag, *story;

    if (!APLOG_R_IS_LEVEL(r, level))
        return;
    if (is_failure(reply))
        tag = tag_of(kind_of(reply));
    else
        tag = reply->problem == ITEMS_PROBLEM_NONE ? HTTPD_LOG_SERVED : HTTPD_LOG_REFUSED;
    story = story_of(r, reply);
    ap_log_rerror(
        APLOG_MARK, level, 0, r,
        "%s: %s: %d %s, table=%s attempts=%d dynamodb_request_id=%s elapsed=%" APR_TIME_T_FMT
        "ms request_id=%s%s%s",
        tag, name_of(r, reply), reply->status, httpd_log_outcome(reply), settings->collection.table,
        call->attempts, call->remote_id[0] ? call->remote_id : "-",
        apr_time_as_msec(base_call_clock() - call->begun), httpd_claim_request_id(r),
        story[0] ? ": " : "", story);
}

void httpd_log_own(request_rec *r, const items_reply_t *reply, const httpd_settings_t *settings)
{
    ap_log_rerror(APLOG_MARK, APLOG_DEBUG, 0, r,
                  "%s: %s: %d by httpd itself, table=%s request_id=%s: %s", HTTPD_LOG_REFUSED,
                  name_of(r, reply), reply->status, settings->collection.table,
                  httpd_claim_request_id(r), story_of(r, reply));
}

static void take_trace(void *sink, int level, const char *words)
{
    request_rec *r = sink;

    ap_log_rerror(APLOG_MARK, APLOG_DEBUG + level, 0, r, "%s, request_id=%s", words,
                  httpd_claim_request_id(r));
}

void httpd_log_listen(base_call_t *call, request_rec *r)
{
    int level = ap_get_request_module_loglevel(r, APLOG_MODULE_INDEX) - APLOG_DEBUG;

    if (level < 1)
        return;
    call->trace = take_trace;
    call->sink = r;
    call->trace_level = level < 4 ? level : 4; /* trace5 and beyond are httpd's own */
}
