/* SPDX-License-Identifier: Apache-2.0 */
/* From request to reply. The order of judgement is the same for all routes, and nothing that is
 * refused makes a call:
 *
 *     OPTIONS -> identity (401, 403) -> path and method (404, 405) -> query (400)
 *     -> page token (400) -> media type (415) -> announced length (413) -> body (400, 413)
 *     -> the store
 */
#include "items/api.h"

#include <string.h>

#include <apr_strings.h>

#include "items/check.h"
#include "items/header.h"
#include "items/item.h"
#include "items/query.h"
#include "items/route.h"
#include "items/store.h"

#define BODY_HINT 1024 /* bytes: most answers fit without growing */

struct items_api_t {
    items_api_options_t options;
    items_store_t store;
    items_page_keys_t *page_keys;
};

/* One request on its way. */
typedef struct {
    items_reply_t *reply;
    const items_api_t *api;
    const items_request_t *req;
    items_route_t route;
    items_query_t query;
    items_reply_error_t error;
    items_store_request_t store_req;
    base_text_t body;
    int strict;
    apr_pool_t *pool;
} exchange_t;

items_api_t *items_api_make(const items_api_options_t *options, apr_pool_t *pool)
{
    items_api_t *api = apr_pcalloc(pool, sizeof(*api));

    api->options = *options;
    api->page_keys = items_page_keys_make(options->page_keys, options->page_key_count, pool);
    api->store.table = options->table;
    api->store.consistent_read = options->consistent_read;
    return api;
}

/* Answer with the error that x->error has become. */
static void refuse(exchange_t *x)
{
    x->error.request_id = x->req->request_id;
    x->error.accept = x->req->accept;
    items_reply_error(x->reply, &x->error, x->pool);
}

static void refuse_as(exchange_t *x, items_problem_e problem)
{
    x->error.problem = problem;
    refuse(x);
}

/* Something behind us failed: the client gets its problem, the log the story. */
static void fail(exchange_t *x, const base_err_t *err)
{
    refuse_as(x, items_reply_problem(err));
    x->reply->err = err;
}

static void succeed(exchange_t *x, int status, int is_read)
{
    if (x->body.full) {
        fail(x, base_err_make(BASE_ERR_INTERNAL, 0, x->pool, "an answer is too large to send"));
        return;
    }
    items_reply_success(x->reply, status, &x->body, is_read, x->pool);
    if (x->strict)
        apr_table_setn(x->reply->headers, "Preference-Applied", "handling=strict");
}

static items_page_scope_t page_scope(const exchange_t *x)
{
    const items_api_options_t *options = &x->api->options;
    items_page_scope_t scope = {
        .keys = x->api->page_keys,
        .context = {dynamo_table_name(options->table), "", "", "", "", ""},
        .now = x->req->now,
        .age = options->page_age,
        .plain = options->plain_tokens,
    };

    return scope;
}

static void serve_list(exchange_t *x)
{
    const items_page_scope_t scope = page_scope(x);
    items_store_list_t list = {.limit = x->query.limit, .after = NULL};
    dynamo_table_bytes_t position;
    dynamo_table_page_t page;
    const char *next = NULL;
    base_err_t *err;
    int count = 0;

    if (x->query.token) {
        err = items_page_open(&position, &scope, x->query.token, x->query.token_len, x->pool);
        if (err && err->kind == BASE_ERR_INVALID) {
            refuse_as(x, ITEMS_PROBLEM_PAGE_TOKEN);
            return;
        }
        if (err) {
            fail(x, err);
            return;
        }
        list.after = &position;
    }
    items_reply_begin_list(&x->body);
    err = items_store_list(&page, &count, &x->body, &x->api->store, &list, &x->store_req);
    if (!err && page.more)
        err = items_page_seal(&next, &scope, &page.last, x->pool);
    if (err) {
        fail(x, err);
        return;
    }
    items_reply_end_list(&x->body, count, next);
    succeed(x, 200, 1);
}

static void serve_read(exchange_t *x)
{
    base_err_t *err;
    int found = 0;

    items_reply_begin_item(&x->body);
    err = items_store_read(&found, &x->body, &x->api->store, &x->route.id, &x->store_req);
    if (err) {
        fail(x, err);
        return;
    }
    if (!found) {
        refuse_as(x, ITEMS_PROBLEM_NO_ITEM);
        return;
    }
    items_reply_end_item(&x->body);
    succeed(x, 200, 1);
}

static void refuse_media(exchange_t *x, int is_new)
{
    refuse_as(x, ITEMS_PROBLEM_MEDIA_TYPE);
    apr_table_setn(x->reply->headers, is_new ? "Accept-Post" : "Accept", "application/json");
}

/* Read and judge the body of a POST or PUT: 1, or 0 and the request is answered. */
static int take_fields(items_item_fields_t *fields, exchange_t *x, int is_new)
{
    const items_check_rules_t rules = {.is_new = is_new, .strict = x->strict};
    const items_request_t *req = x->req;
    apr_size_t max = x->api->options.body_max;
    dynamo_table_bytes_t body = {NULL, 0};
    items_problem_e problem = ITEMS_PROBLEM_NONE;

    if (!items_header_is_json(req->content_type, req->ambient)) {
        refuse_media(x, is_new);
        return 0;
    }
    if (req->content_length > 0 && (apr_uint64_t)req->content_length > max)
        problem = ITEMS_PROBLEM_BODY_TOO_LARGE;
    if (!problem)
        problem = req->read_body(&body.bytes, &body.len, req->body_ctx, max);
    if (!problem && body.len > max)
        problem = ITEMS_PROBLEM_BODY_TOO_LARGE;
    if (problem) {
        refuse_as(x, problem);
        return 0;
    }
    if (!body.bytes)
        body.bytes = "";
    if (!items_check_body(fields, &x->error, &body, &rules, x->pool)) {
        refuse(x);
        return 0;
    }
    if (items_item_size(fields, is_new ? ITEMS_STORE_ID_LEN : x->route.id.len, is_new) >
        ITEMS_ITEM_MAX) {
        refuse_as(x, ITEMS_PROBLEM_ITEM_TOO_LARGE);
        return 0;
    }
    return 1;
}

static void serve_create(exchange_t *x)
{
    items_item_fields_t fields;
    dynamo_table_bytes_t id;
    base_err_t *err;

    if (!take_fields(&fields, x, 1))
        return;
    items_reply_begin_item(&x->body);
    err = items_store_create(&id, &x->body, &x->api->store, &fields, &x->store_req);
    if (err) {
        fail(x, err);
        return;
    }
    items_reply_end_item(&x->body);
    succeed(x, 201, 0);
    if (!x->reply->problem)
        apr_table_setn(x->reply->headers, "Location",
                       items_reply_location(x->api->options.mount, id.bytes, id.len, x->pool));
}

static void serve_replace(exchange_t *x)
{
    items_item_fields_t fields;
    base_err_t *err;
    int found = 0;

    if (!take_fields(&fields, x, 0))
        return;
    items_reply_begin_item(&x->body);
    err =
        items_store_replace(&found, &x->body, &x->api->store, &x->route.id, &fields, &x->store_req);
    if (err) {
        fail(x, err);
        return;
    }
    if (!found) {
        refuse_as(x, ITEMS_PROBLEM_NO_ITEM);
        return;
    }
    items_reply_end_item(&x->body);
    succeed(x, 200, 0);
}

static void serve_remove(exchange_t *x)
{
    base_err_t *err = items_store_remove(&x->api->store, &x->route.id, &x->store_req);

    if (err) {
        fail(x, err);
        return;
    }
    items_reply_removed(&x->body);
    succeed(x, 200, 0);
}

/* Without identity and without a call: whoever asks what is allowed may know it. */
static void serve_options(exchange_t *x)
{
    if (x->route.problem) {
        refuse_as(x, x->route.problem);
        return;
    }
    items_reply_success(x->reply, 204, NULL, 0, x->pool);
    apr_table_setn(x->reply->headers, "Allow", x->route.allow);
}

/* The challenge of RFC 6750 section 3: without a token no error is named, and of a bad one no more
 * than that it is bad. Other schemes have none for somebody who is known. */
static const char *challenge(const items_request_t *req, apr_pool_t *pool)
{
    if (req->ambient)
        return req->identity == ITEMS_API_NOBODY ? req->challenge : NULL;
    if (req->identity == ITEMS_API_NOBODY)
        return "Bearer";
    if (req->identity == ITEMS_API_REFUSED)
        return "Bearer error=\"invalid_token\"";
    return apr_pstrcat(pool, "Bearer error=\"insufficient_scope\"",
                       req->scopes ? ", scope=\"" : NULL, req->scopes, "\"", NULL);
}

static void refuse_identity(exchange_t *x)
{
    const char *wanted = challenge(x->req, x->pool);

    if (x->req->identity == ITEMS_API_UNSCOPED)
        refuse_as(x, ITEMS_PROBLEM_SCOPE);
    else /* RFC 9110 section 15.5.2: no 401 without a challenge */
        refuse_as(x, wanted ? ITEMS_PROBLEM_UNAUTHORIZED : ITEMS_PROBLEM_FORBIDDEN);
    if (wanted)
        apr_table_setn(x->reply->headers, "WWW-Authenticate", wanted);
}

/* Identity, then path and method: 1, or 0 and the request is answered. */
static int is_admitted(exchange_t *x)
{
    if (x->req->identity != ITEMS_API_IDENTIFIED) {
        refuse_identity(x);
        return 0;
    }
    if (x->route.problem) {
        refuse_as(x, x->route.problem);
        if (x->route.problem == ITEMS_PROBLEM_METHOD)
            apr_table_setn(x->reply->headers, "Allow", x->route.allow);
        return 0;
    }
    return 1;
}

static void dispatch(exchange_t *x)
{
    const items_query_rules_t rules = {.is_list = x->route.action == ITEMS_ROUTE_LIST,
                                       .strict = x->strict,
                                       .limit_default = x->api->options.page_default,
                                       .limit_max = x->api->options.page_max};

    if (!items_query_read(&x->query, &x->error, x->req->query, &rules, x->pool)) {
        refuse(x);
        return;
    }
    switch (x->route.action) {
    case ITEMS_ROUTE_LIST:
        serve_list(x);
        break;
    case ITEMS_ROUTE_CREATE:
        serve_create(x);
        break;
    case ITEMS_ROUTE_READ:
        serve_read(x);
        break;
    case ITEMS_ROUTE_REPLACE:
        serve_replace(x);
        break;
    case ITEMS_ROUTE_REMOVE:
        serve_remove(x);
        break;
    case ITEMS_ROUTE_OPTIONS:
        serve_options(x);
        break;
    }
}

void items_api_serve(items_reply_t *reply, const items_api_t *api, const items_request_t *req,
                     base_call_t *call, apr_pool_t *pool)
{
    exchange_t x;

    memset(&x, 0, sizeof(x));
    x.reply = reply;
    x.api = api;
    x.req = req;
    x.store_req = (items_store_request_t){.now = req->now, .call = call, .pool = pool};
    x.strict = items_header_is_strict(req->prefer);
    x.pool = pool;
    base_text_init(&x.body, BODY_HINT, ITEMS_ITEM_JSON_MAX, pool);
    items_route_match(&x.route, api->options.mount, req->method, req->path, req->raw_path, pool);
    reply->route = x.route.name;
    if (strcmp(req->method, "OPTIONS") == 0)
        serve_options(&x);
    else if (is_admitted(&x))
        dispatch(&x);
}
