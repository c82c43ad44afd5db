/* SPDX-License-Identifier: Apache-2.0 */
/* One request in, one reply out: what /items promises, free of httpd.
 *
 * An api object belongs to one virtual host's settings; made in child-init,
 * read-only afterwards, any thread.
 */
#ifndef ITEMS_API_H
#define ITEMS_API_H

#include "base/call.h"
#include "dynamo/table.h"
#include "items/page.h"
#include "items/reply.h"

/* Reads the request's body, at most `max` bytes; called at most once and only when a body is
 * wanted. NONE, or what is wrong with it. *body lives as long as the request. */
typedef items_problem_e items_api_body_fn(const char **body, apr_size_t *len, void *ctx,
                                          apr_size_t max);

/* What is known of whoever asks. */
typedef enum {
    ITEMS_API_NOBODY,    /* 401: no proof was brought; 403 if there is no challenge */
    ITEMS_API_REFUSED,   /* 401 invalid_token: one was brought that is none */
    ITEMS_API_UNSCOPED,  /* 403 insufficient_scope: known, but not allowed this method */
    ITEMS_API_IDENTIFIED /* somebody proved who they are, or the host is public */
} items_api_identity_e;

/* A view of the request; everything is borrowed from the server. Absent headers are NULL. */
typedef struct {
    const char *method;
    const char *path;     /* decoded by the server, its %2F as the server left them; with mount */
    const char *raw_path; /* as on the wire up to '?', or NULL when it is not known */
    const char *query;    /* raw, or NULL */
    const char *accept;
    const char *prefer;
    const char *content_type;
    apr_int64_t content_length; /* announced, -1 when unknown */
    int ambient;           /* the browser adds the credentials: form and absent types are 415 */
    const char *challenge; /* of ambient NOBODY; NULL: nothing could be sent that would help */
    items_api_identity_e identity;
    const char *scopes; /* of UNSCOPED: what would do, separated by blanks; NULL: nothing would */
    const char *request_id;
    apr_time_t now; /* the wall clock */
    items_api_body_fn *read_body;
    void *body_ctx;
} items_request_t;

typedef struct {
    const char *mount; /* "/items" */
    dynamo_table_t *table;
    int consistent_read;
    int page_default; /* items */
    int page_max;
    apr_size_t body_max;               /* bytes */
    const items_page_key_t *page_keys; /* the first seals, all open */
    int page_key_count;
    apr_interval_time_t page_age; /* tokens older than this are refused */
    int plain_tokens;             /* take the original's base64 tokens as well */
} items_api_options_t;

typedef struct items_api_t items_api_t;

/* What options points to must outlive pool. */
items_api_t *items_api_make(const items_api_options_t *options, apr_pool_t *pool);

/* Serve the request into *reply, which comes zeroed but for its headers and is always filled; the
 * reply lives in pool. Unless it is OPTIONS, a request of somebody who is not IDENTIFIED is
 * answered 401 or 403. A refused request makes no call. */
void items_api_serve(items_reply_t *reply, const items_api_t *api, const items_request_t *req,
                     base_call_t *call, apr_pool_t *pool);

#endif
