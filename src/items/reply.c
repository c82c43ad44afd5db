/* SPDX-License-Identifier: Apache-2.0 */
/* What clients see: one table for all failures, the envelopes, the headers of every answer.
 *
 * The bodies of successes are the original API's, byte for byte. Every error
 * body has `error` (the original handlers' member) and `message` (its gateway's)
 * with the same text, a stable `code` and the `requestId`; as problem+json it has
 * RFC 9457's members in front of them. Words for a failure behind us name neither
 * the store nor a host: section F2 of our threats, "no answer holds backend text".
 */
#include "items/reply.h"

#include <string.h>

#include <apr_strings.h>

#include "items/header.h"

#define ERROR_MAX 65536   /* bytes of an error body; details have a ceiling far below it */
#define DETAILS_MAX 32    /* faults named in one answer */
#define NAME_SHOWN_MAX 64 /* bytes of a client's name that is repeated to it */
#define RETRY_AFTER "1"   /* seconds; our own deadline has spread the clients already */

static const struct {
    int status;
    const char *code;
    const char *words;
} problems[] = {
    [ITEMS_PROBLEM_NONE] = {500, "internal_error", "Internal server error"},
    [ITEMS_PROBLEM_QUERY] = {400, "invalid_query", "Invalid query"},
    [ITEMS_PROBLEM_PAGE_TOKEN] = {400, "invalid_page_token", "invalid page token"},
    [ITEMS_PROBLEM_JSON] = {400, "invalid_json", "body is not valid JSON"},
    [ITEMS_PROBLEM_ITEM] = {400, "invalid_item", "Invalid item"},
    [ITEMS_PROBLEM_STRICT] = {400, "unknown_member", "Unknown member"},
    [ITEMS_PROBLEM_REQUEST] = {400, "bad_request", "Bad request"},
    [ITEMS_PROBLEM_UNAUTHORIZED] = {401, "unauthorized", "Unauthorized"},
    [ITEMS_PROBLEM_FORBIDDEN] = {403, "forbidden", "Forbidden"},
    [ITEMS_PROBLEM_SCOPE] = {403, "insufficient_scope", "Insufficient scope"},
    [ITEMS_PROBLEM_NO_ITEM] = {404, "item_not_found", "Item not found"},
    [ITEMS_PROBLEM_NO_ROUTE] = {404, "not_found", "Not found"},
    [ITEMS_PROBLEM_METHOD] = {405, "method_not_allowed", "Method not allowed"},
    [ITEMS_PROBLEM_BODY_TIMEOUT] = {408, "request_timeout", "Request timeout"},
    [ITEMS_PROBLEM_BODY_TOO_LARGE] = {413, "body_too_large", "Request body too large"},
    [ITEMS_PROBLEM_ITEM_TOO_LARGE] = {413, "item_too_large", "Item too large"},
    [ITEMS_PROBLEM_URI_TOO_LONG] = {414, "uri_too_long", "URI too long"},
    [ITEMS_PROBLEM_MEDIA_TYPE] = {415, "unsupported_media_type", "Unsupported media type"},
    [ITEMS_PROBLEM_EXPECTATION] = {417, "expectation_failed", "Expectation failed"},
    [ITEMS_PROBLEM_TOO_MANY] = {429, "too_many_requests", "Too many requests"},
    [ITEMS_PROBLEM_HEADERS] = {431, "headers_too_large", "Request header fields too large"},
    [ITEMS_PROBLEM_INTERNAL] = {500, "internal_error", "Internal server error"},
    [ITEMS_PROBLEM_NOT_IMPLEMENTED] = {501, "not_implemented", "Not implemented"},
    [ITEMS_PROBLEM_BAD_ANSWER] = {502, "bad_gateway", "Bad gateway"},
    [ITEMS_PROBLEM_UNAVAILABLE] = {503, "service_unavailable", "Service unavailable"},
    [ITEMS_PROBLEM_TIMEOUT] = {504, "gateway_timeout", "Gateway timeout"},
    [ITEMS_PROBLEM_ANSWERED] = {0, "", ""},
};

/* Reason phrases (IANA's registry of status codes) for the title of a problem. */
static const struct {
    int status;
    const char *reason;
} reasons[] = {
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {411, "Length Required"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {417, "Expectation Failed"},
    {421, "Misdirected Request"},
    {422, "Unprocessable Content"},
    {426, "Upgrade Required"},
    {428, "Precondition Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
};

static const char *reason_of(int status)
{
    apr_size_t i;

    for (i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
        if (reasons[i].status == status)
            return reasons[i].reason;
    return status < 500 ? "Bad Request" : "Internal Server Error"; /* RFC 9110 section 15: x00 */
}

items_problem_e items_reply_problem(const base_err_t *err)
{
    switch (err->kind) {
    case BASE_ERR_TOO_LARGE:
        return ITEMS_PROBLEM_ITEM_TOO_LARGE;
    case BASE_ERR_THROTTLED:
    case BASE_ERR_UNAVAILABLE:
    case BASE_ERR_UNTRUSTED:
        return ITEMS_PROBLEM_UNAVAILABLE;
    case BASE_ERR_TIMEOUT:
        return ITEMS_PROBLEM_TIMEOUT;
    case BASE_ERR_NONSENSE:
        return ITEMS_PROBLEM_BAD_ANSWER;
    case BASE_ERR_INVALID:  /* the store found our request wrong: our fault, not the client's */
    case BASE_ERR_CONFLICT: /* one that no caller could explain */
    case BASE_ERR_DENIED:
    case BASE_ERR_INTERNAL:
        break;
    }
    return ITEMS_PROBLEM_INTERNAL;
}

items_problem_e items_reply_problem_of_status(int status)
{
    int problem;

    switch (status) { /* of several problems with one status, the one that httpd can mean */
    case 400:
        return ITEMS_PROBLEM_REQUEST;
    case 404:
        return ITEMS_PROBLEM_NO_ROUTE;
    case 413:
        return ITEMS_PROBLEM_BODY_TOO_LARGE;
    case 500:
        return ITEMS_PROBLEM_INTERNAL;
    default:
        break;
    }
    for (problem = ITEMS_PROBLEM_REQUEST; problem < ITEMS_PROBLEM_ANSWERED; problem++)
        if (problems[problem].status == status)
            return (items_problem_e)problem;
    return status < 500 ? ITEMS_PROBLEM_REQUEST : ITEMS_PROBLEM_INTERNAL;
}

/* The headers of every answer. What an answer depends on: who asks, from where, in which form. */
static void begin(items_reply_t *reply, int status, const char *cache, apr_pool_t *pool)
{
    reply->status = status;
    reply->content_type = NULL;
    reply->body = NULL;
    reply->body_len = 0;
    if (!reply->headers)
        reply->headers = apr_table_make(pool, 8);
    apr_table_setn(reply->headers, "X-Content-Type-Options", "nosniff");
    apr_table_setn(reply->headers, "Cache-Control", cache);
    apr_table_setn(reply->headers, "Vary", "Authorization, Origin, Accept");
}

static void put_member(base_text_t *body, const char *name, const char *value)
{
    if (body->len && body->data[body->len - 1] != '{')
        base_text_put_char(body, ',');
    base_text_put_json(body, name, strlen(name));
    base_text_put_char(body, ':');
    base_text_put_json(body, value, strlen(value));
}

static void put_details(base_text_t *body, const apr_array_header_t *details)
{
    int i;

    base_text_put_str(body, ",\"details\":[");
    for (i = 0; i < details->nelts; i++) {
        const items_reply_detail_t *detail = &APR_ARRAY_IDX(details, i, items_reply_detail_t);

        base_text_put_str(body, i ? ",{" : "{");
        put_member(body, "field", detail->field);
        put_member(body, "message", detail->words);
        base_text_put_char(body, '}');
    }
    base_text_put_char(body, ']');
}

/* The members that both forms share; in front of them stand error and message, or RFC 9457's. */
static void put_rest(base_text_t *body, const char *code, const items_reply_error_t *error)
{
    put_member(body, "code", code);
    if (error->request_id)
        put_member(body, "requestId", error->request_id);
    if (error->details && error->details->nelts)
        put_details(body, error->details);
}

void items_reply_error(items_reply_t *reply, const items_reply_error_t *error, apr_pool_t *pool)
{
    int status = error->status ? error->status : problems[error->problem].status;
    const char *code = problems[error->problem].code;
    const char *words = error->words ? error->words : problems[error->problem].words;
    base_text_t body;

    if (!error->words && status != problems[error->problem].status)
        words = reason_of(status); /* of httpd's own that has no problem to itself */
    reply->problem = error->problem;
    reply->words = words;
    if (error->problem == ITEMS_PROBLEM_ANSWERED)
        return;
    begin(reply, status, "no-store", pool);
    if (status == 503 || status == 504)
        apr_table_setn(reply->headers, "Retry-After", RETRY_AFTER);
    base_text_init(&body, 256, ERROR_MAX, pool);
    base_text_put_char(&body, '{');
    if (items_header_wants_problem(error->accept)) {
        reply->content_type = "application/problem+json";
        put_member(&body, "type", "about:blank");
        put_member(&body, "title", reason_of(status));
        base_text_put_str(&body, ",\"status\":");
        base_text_put_number(&body, status);
        put_member(&body, "detail", words);
        put_rest(&body, code, error);
        put_member(&body, "error", words);
        put_member(&body, "message", words);
    } else {
        reply->content_type = "application/json";
        put_member(&body, "error", words);
        put_member(&body, "message", words);
        put_rest(&body, code, error);
    }
    base_text_put_char(&body, '}');
    reply->body = body.data;
    reply->body_len = body.len;
}

void items_reply_add_fault(items_reply_error_t *error, items_problem_e problem, const char *field,
                           const char *words, apr_pool_t *pool)
{
    items_reply_detail_t *detail;

    if (!error->details) {
        error->problem = problem;
        error->words = words;
        error->details = apr_array_make(pool, 4, sizeof(items_reply_detail_t));
    }
    if (error->details->nelts == DETAILS_MAX)
        return;
    detail = &APR_ARRAY_PUSH(error->details, items_reply_detail_t);
    detail->field = field;
    detail->words = words;
}

const char *items_reply_shown_name(const char *bytes, apr_size_t len, apr_pool_t *pool)
{
    apr_size_t i;

    if (len < 1 || len > NAME_SHOWN_MAX)
        return "?";
    for (i = 0; i < len; i++)
        if (bytes[i] < ' ' || bytes[i] > '~')
            return "?";
    return apr_pstrmemdup(pool, bytes, len);
}

void items_reply_success(items_reply_t *reply, int status, const base_text_t *body, int is_read,
                         apr_pool_t *pool)
{
    reply->problem = ITEMS_PROBLEM_NONE;
    reply->words = NULL;
    reply->err = NULL;
    begin(reply, status, is_read ? "private, no-cache" : "no-store", pool);
    if (!body)
        return;
    reply->content_type = "application/json";
    reply->body = body->data;
    reply->body_len = body->len;
}

void items_reply_begin_item(base_text_t *body)
{
    base_text_put_str(body, "{\"data\":");
}

void items_reply_end_item(base_text_t *body)
{
    base_text_put_char(body, '}');
}

void items_reply_begin_list(base_text_t *body)
{
    base_text_put_str(body, "{\"data\":[");
}

void items_reply_end_list(base_text_t *body, int count, const char *next)
{
    base_text_put_str(body, "],\"count\":");
    base_text_put_number(body, count);
    if (next)
        put_member(body, "nextToken", next);
    base_text_put_char(body, '}');
}

void items_reply_removed(base_text_t *body)
{
    base_text_put_str(body, "{\"message\":\"Item deleted\"}");
}

char *items_reply_location(const char *mount, const char *id, apr_size_t len, apr_pool_t *pool)
{
    static const char digits[] = "0123456789ABCDEF";
    static const char is_unreserved[256] = {
        ['A' ... 'Z'] = 1, ['a' ... 'z'] = 1, ['0' ... '9'] = 1, ['-'] = 1,
        ['.'] = 1,         ['_'] = 1,         ['~'] = 1}; /* RFC 3986 section 2.3 */
    apr_size_t mount_len = strlen(mount), i;
    char *location = apr_palloc(pool, mount_len + 1 + 3 * len + 1);
    char *pos = location + mount_len;

    memcpy(location, mount, mount_len);
    *pos++ = '/';
    for (i = 0; i < len; i++) {
        unsigned char byte = (unsigned char)id[i];

        if (is_unreserved[byte]) {
            *pos++ = (char)byte;
        } else {
            *pos++ = '%';
            *pos++ = digits[byte >> 4];
            *pos++ = digits[byte & 15];
        }
    }
    *pos = '\0';
    return location;
}
