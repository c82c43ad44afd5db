/* SPDX-License-Identifier: Apache-2.0 */
/* One HTTP/1.1 exchange over a pooled connection before a deadline; and the seam: whoever speaks
 * HTTP above this floor is handed a send function, net_http_send here, a tape in tests.
 *
 * Never sends a request twice: what to do after a failure is decided above, from the facts in the
 * response. Any thread.
 */
#ifndef NET_HTTP_H
#define NET_HTTP_H

#include <apr_pools.h>
#include <apr_time.h>

#include "base/call.h"
#include "base/err.h"
#include "net/wire.h"

typedef net_wire_header_t net_http_header_t;

typedef struct net_http_response_t net_http_response_t;

/* Is a complete answer one that this peer gives to this request, whatever it says? Yes/no. A
 * connection that brought another may bring more of them. */
typedef int net_http_sound_fn(void *judge, const net_http_response_t *response);

/* What to send; borrowed for the length of the call. */
typedef struct {
    const char *method;
    const char *target; /* origin form: "/" */
    const char *host;   /* the Host header, with the port where it is not the scheme's default */
    const net_http_header_t *headers; /* without Host and Content-Length, which are written here */
    int header_count;
    const char *body;
    apr_size_t body_len;
    apr_size_t answer_max;       /* ceiling of the answer's body in bytes */
    apr_time_t deadline;         /* of this attempt, on base_call_clock() */
    int fresh;                   /* open a new connection, even if a kept one is free */
    net_http_sound_fn *is_sound; /* asked before the connection is given back; NULL: all are */
    void *judge;
} net_http_request_t;

/* What came back. After an error only the three facts mean something. */
struct net_http_response_t {
    int status;
    const net_http_header_t *headers;
    int header_count;
    const char *body; /* decoded from its framing, NUL-terminated behind body_len */
    apr_size_t body_len;
    int reused;                 /* fact: went over a kept connection */
    int delivered;              /* fact: sent whole, so the peer may have carried it out */
    int begun;                  /* fact: at least one byte of an answer was read */
    struct net_body_map_t *map; /* of a large body: net_http_forget() */
};

/* One exchange. The response lives in pool. BASE_ERR_TIMEOUT (deadline), BASE_ERR_UNAVAILABLE
 * (DNS, refused, reset, TLS, no free slot), BASE_ERR_UNTRUSTED (certificate), BASE_ERR_NONSENSE
 * (not HTTP/1.1 as we allow it, too large), BASE_ERR_INVALID (a request that can't be written),
 * BASE_ERR_INTERNAL (no memory, a fork). The words name the host and the cause. Emits trace events
 * through call. */
typedef base_err_t *net_http_send_fn(net_http_response_t *response, void *sender,
                                     const net_http_request_t *request, const base_call_t *call,
                                     apr_pool_t *pool);

/* The production's send function; sender is a net_conn_pool_t. */
base_err_t *net_http_send(net_http_response_t *response, void *sender,
                          const net_http_request_t *request, const base_call_t *call,
                          apr_pool_t *pool) BASE_ERR_CHECKED;

/* Give the memory of a large body back before its pool ends; there is no body any more. */
void net_http_forget(net_http_response_t *response);

/* The value of the first header of that name (case does not matter), or NULL. */
const char *net_http_header(const net_http_response_t *response, const char *name);

#endif
