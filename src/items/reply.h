/* SPDX-License-Identifier: Apache-2.0 */
/* Status, headers, body; errors as JSON or problem+json (RFC 9457).
 *
 * The one place that knows which failure has which status, code and words for
 * clients. Nothing of an error's own words ever gets here.
 */
#ifndef ITEMS_REPLY_H
#define ITEMS_REPLY_H

#include <apr_tables.h>

#include "base/err.h"
#include "base/text.h"

/* What can be wrong, as clients see it. The table in reply.c has status, code and words of each. */
typedef enum {
    ITEMS_PROBLEM_NONE,
    ITEMS_PROBLEM_QUERY,           /* 400 invalid_query */
    ITEMS_PROBLEM_PAGE_TOKEN,      /* 400 invalid_page_token */
    ITEMS_PROBLEM_JSON,            /* 400 invalid_json */
    ITEMS_PROBLEM_ITEM,            /* 400 invalid_item, with details */
    ITEMS_PROBLEM_STRICT,          /* 400 unknown_member: Prefer: handling=strict */
    ITEMS_PROBLEM_REQUEST,         /* 400 bad_request: framing, a cut body, httpd's own */
    ITEMS_PROBLEM_UNAUTHORIZED,    /* 401 unauthorized */
    ITEMS_PROBLEM_FORBIDDEN,       /* 403 forbidden: httpd's own */
    ITEMS_PROBLEM_SCOPE,           /* 403 insufficient_scope */
    ITEMS_PROBLEM_NO_ITEM,         /* 404 item_not_found */
    ITEMS_PROBLEM_NO_ROUTE,        /* 404 not_found */
    ITEMS_PROBLEM_METHOD,          /* 405 method_not_allowed */
    ITEMS_PROBLEM_BODY_TIMEOUT,    /* 408 request_timeout */
    ITEMS_PROBLEM_BODY_TOO_LARGE,  /* 413 body_too_large */
    ITEMS_PROBLEM_ITEM_TOO_LARGE,  /* 413 item_too_large */
    ITEMS_PROBLEM_URI_TOO_LONG,    /* 414 uri_too_long: httpd's own */
    ITEMS_PROBLEM_MEDIA_TYPE,      /* 415 unsupported_media_type */
    ITEMS_PROBLEM_EXPECTATION,     /* 417 expectation_failed: httpd's own */
    ITEMS_PROBLEM_TOO_MANY,        /* 429 too_many_requests */
    ITEMS_PROBLEM_HEADERS,         /* 431 headers_too_large: httpd's own */
    ITEMS_PROBLEM_INTERNAL,        /* 500 internal_error */
    ITEMS_PROBLEM_NOT_IMPLEMENTED, /* 501 not_implemented: httpd's own */
    ITEMS_PROBLEM_BAD_ANSWER,      /* 502 bad_gateway */
    ITEMS_PROBLEM_UNAVAILABLE,     /* 503 service_unavailable, Retry-After */
    ITEMS_PROBLEM_TIMEOUT,         /* 504 gateway_timeout, Retry-After */
    ITEMS_PROBLEM_ANSWERED         /* the server has answered by itself; nothing to send */
} items_problem_e;

typedef struct {
    int status;
    const char *content_type;
    apr_table_t *headers; /* where they are set, NULL: in a new table; complete but for
                             Content-Type, Content-Length, CORS, X-Request-Id */
    const char *body;
    apr_size_t body_len;
    items_problem_e problem; /* NONE for a success */
    const char *words;       /* what the client is told is wrong; NULL for a success */
    const base_err_t *err;   /* what failed behind us, for the log; NULL: the client's fault */
    const char *route;       /* "GET /items/{id}" with the mount point's path, or NULL */
} items_reply_t;

/* One of several faults of an item. */
typedef struct {
    const char *field; /* "name" */
    const char *words; /* "Name is required" */
} items_reply_detail_t;

/* The problem that an error of the floors below is for a client. */
items_problem_e items_reply_problem(const base_err_t *err);

/* The problem that httpd's own status (400 to 599) is. With that as its status as well, an error
 * keeps it. */
items_problem_e items_reply_problem_of_status(int status);

/* Make reply an error. words NULL: the table's own; they must be fixed words of ours or name a
 * parameter, never hold text of the backend. status 0: the table's own. details: an array of
 * items_reply_detail_t, or NULL. request_id stands in the body. accept: the request's Accept or
 * NULL; problem+json only if it ranks strictly above application/json (RFC 9110 section 12.5.1). */
typedef struct {
    items_problem_e problem;
    int status;
    const char *words;
    apr_array_header_t *details;
    const char *request_id;
    const char *accept;
} items_reply_error_t;

void items_reply_error(items_reply_t *reply, const items_reply_error_t *error, apr_pool_t *pool);

/* Add a fault to error: the first one gives it its problem and words, all of them stand in its
 * details, up to a ceiling. field and words are borrowed. */
void items_reply_add_fault(items_reply_error_t *error, items_problem_e problem, const char *field,
                           const char *words, apr_pool_t *pool);

/* A name that a client sent as it may be shown: itself, or "?" when it is not 1 to 64 printable
 * ASCII characters. */
const char *items_reply_shown_name(const char *bytes, apr_size_t len, apr_pool_t *pool);

/* Make reply a success: status 200, 201 or 204; body is borrowed, NULL for none. A read may be kept
 * by the client's own cache as long as it asks again; anything else by nobody. */
void items_reply_success(items_reply_t *reply, int status, const base_text_t *body, int is_read,
                         apr_pool_t *pool);

/* The envelopes. Item: begin, the item, end. List: begin, the items with commas, end with their
 * count and the token of the next page, NULL on the last one. */
void items_reply_begin_item(base_text_t *body);
void items_reply_end_item(base_text_t *body);
void items_reply_begin_list(base_text_t *body);
void items_reply_end_list(base_text_t *body, int count, const char *next);

/* The answer to a DELETE. */
void items_reply_removed(base_text_t *body);

/* Where an item is: a relative reference, the id percent-encoded, from pool. */
char *items_reply_location(const char *mount, const char *id, apr_size_t len, apr_pool_t *pool);

#endif
