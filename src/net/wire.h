/* SPDX-License-Identifier: Apache-2.0 */
/* Request bytes out, response bytes in: HTTP/1.1 for short calls (RFC 9112), the subset that
 * net/http.h promises.
 *
 * Pure: no sockets, no clock. The parser is fed with pieces of any size, and the pieces' borders
 * never change its verdict. Everything that an answer can make grow has a ceiling here.
 */
#ifndef NET_WIRE_H
#define NET_WIRE_H

#include <apr_pools.h>

#include "base/text.h"
#include "net/body.h"

#define NET_WIRE_HEAD_MAX (16 * 1024) /* bytes of an answer's head, its 1xx heads included */
#define NET_WIRE_HEADERS_MAX 64       /* header lines of one head */
#define NET_WIRE_INTERIM_MAX 8        /* 1xx answers that are skipped */
#define NET_WIRE_REQUEST_HEAD_MAX (32 * 1024) /* bytes of our own head */

/* --- requests ---------------------------------------------------------------------------- */

/* Request line and Host. Like the two below: NULL, or static words when that can't be written. HEAD
 * and CONNECT are refused, their answers are framed by rules of their own. */
const char *net_wire_put_line(base_text_t *text, const char *method, const char *target,
                              const char *host) __attribute__((warn_unused_result));

/* One header. CR, LF, NUL and other control characters are refused. */
const char *net_wire_put_header(base_text_t *text, const char *name, const char *value)
    __attribute__((warn_unused_result));

/* Content-Length, the end of the head, the body. body NULL: a request without one, no length. */
const char *net_wire_put_body(base_text_t *text, const char *body, apr_size_t len)
    __attribute__((warn_unused_result));

/* --- responses --------------------------------------------------------------------------- */

typedef enum {
    NET_WIRE_NEED_MORE,
    NET_WIRE_COMPLETE,
    NET_WIRE_BROKEN /* not HTTP/1.1 as we allow it, or over a ceiling; for good */
} net_wire_verdict_e;

typedef struct {
    const char *name;
    const char *value; /* without white space around it */
} net_wire_header_t;

/* An answer while it arrives. What stands above the line may be read once it is complete. */
typedef struct {
    int status;
    net_wire_header_t *headers; /* of the final head, in the answer's pool */
    int header_count;
    const char *body; /* decoded from its framing, NUL-terminated behind body_len; never NULL */
    apr_size_t body_len;
    int keep_alive;  /* the peer lets the connection be used again */
    const char *why; /* static words when broken */
    /* ---- the parser's own */
    net_wire_verdict_e verdict;
    int step;
    apr_pool_t *pool;
    base_text_t line; /* the start of a line whose end has not arrived */
    net_body_t content;
    int is_starved; /* broken because the system has no memory */
    apr_size_t body_max;
    apr_size_t head_left; /* bytes that heads may still take, later extensions and trailers */
    apr_size_t left;      /* bytes missing in the body, or in the chunk */
    apr_size_t length;    /* Content-Length */
    int has_length;
    int is_chunked;
    int is_http10;
    int interim_count;
    int trailer_count;
} net_wire_answer_t;

/* Ready for the first byte. The body may have at most body_max bytes. */
void net_wire_init(net_wire_answer_t *answer, apr_size_t body_max, apr_pool_t *pool);

/* Feed the next bytes; *consumed says how many of them belong to the answer. Less than len on
 * COMPLETE means that the peer sent more than it announced. */
net_wire_verdict_e net_wire_feed(net_wire_answer_t *answer, apr_size_t *consumed, const char *bytes,
                                 apr_size_t len);

#endif
