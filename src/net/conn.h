/* SPDX-License-Identifier: Apache-2.0 */
/* Connections to one host, TCP and TLS, and the bounded pool that lends them.
 *
 * A pool belongs to the process that made it: it refuses to work after a fork, and nothing of it is
 * freed or closed when the process ends, because a child's clean-ups may run in a signal handler in
 * the midst of a request. Any thread may take and put; a taken connection is the taker's alone.
 */
#ifndef NET_CONN_H
#define NET_CONN_H

#include "base/call.h"
#include "base/err.h"
#include "net/resolve.h"

/* libcurl's start and end, once per process while it has one thread. BASE_ERR_INTERNAL when the
 * library refuses or is not built with OpenSSL. */
base_err_t *net_conn_start(apr_pool_t *pool) BASE_ERR_CHECKED;
void net_conn_stop(void);

/* --- the pool: conn_pool.c -------------------------------------------------------------------- */

typedef struct net_conn_pool_t net_conn_pool_t;
typedef struct net_conn_t net_conn_t;

typedef struct {
    const char *host; /* name or address, an IPv6 address without brackets */
    int port;
    int tls;
    const char *ca_file;                 /* PEM; NULL: the system's */
    int connection_max;                  /* open at once, at least 1 */
    apr_interval_time_t connect_timeout; /* DNS, TCP and TLS together; also the wait for a slot */
    apr_interval_time_t idle_max;        /* unused longer: closed; 0: 50 s */
    apr_interval_time_t age_max;         /* older: closed, +-20 % at random; 0: 300 s */
    net_resolve_lookup_fn *lookup;       /* NULL: getaddrinfo() */
} net_conn_options_t;

/* A pool without connections; options are copied. Single-threaded, after the last fork, after
 * net_conn_start(). Reads the CA file: BASE_ERR_INVALID when that has no certificates. Errors are
 * made in pool, the pool of connections lives until it is closed. */
base_err_t *net_conn_pool_make(net_conn_pool_t **conns, const net_conn_options_t *options,
                               apr_pool_t *pool) BASE_ERR_CHECKED;

/* Close all and free everything, once nothing is taken any more; waits for a look-up that runs. For
 * programs that must leave nothing behind; a server never calls it. */
void net_conn_pool_close(net_conn_pool_t *conns);

/* "host:port", as errors name it. */
const char *net_conn_pool_name(const net_conn_pool_t *conns);

/* How many are taken and how many are kept, at this moment. */
void net_conn_pool_count(net_conn_pool_t *conns, int *taken, int *kept);

typedef struct {
    apr_time_t deadline; /* on base_call_clock() */
    int fresh;           /* a new connection, even if a kept one is free */
} net_conn_pool_want_t;

/* A connection that was good a moment ago: the one kept last, else a new one. BASE_ERR_TIMEOUT,
 * BASE_ERR_UNAVAILABLE (DNS, refused, TLS, no free connection, a peer that speaks before it was
 * asked), BASE_ERR_UNTRUSTED (certificate), BASE_ERR_INTERNAL (a fork, no memory). Errors are made
 * in pool and name the host. */
base_err_t *net_conn_pool_take(net_conn_t **conn, net_conn_pool_t *conns,
                               const net_conn_pool_want_t *want, const base_call_t *call,
                               apr_pool_t *pool) BASE_ERR_CHECKED;

/* Give it back. close_why NULL: it may be used again; else it is closed, the words are traced. */
void net_conn_pool_put(net_conn_pool_t *conns, net_conn_t *conn, const char *close_why,
                       const base_call_t *call);

/* --- one connection: conn.c ----------------------------------------------------------------- */

#define NET_CONN_CHUNK (16 * 1024) /* bytes of one send or receive: a TLS record */
#define NET_CONN_WORDS_SIZE 256

/* Whom connections go to. Read-only once it is made: threads share it. */
typedef struct {
    const char *host; /* name or address, an IPv6 address without brackets */
    int port;
    int tls;
    const char *name; /* "host:port", as errors have it */
    const char *url;  /* scheme, name, "/" */
    net_resolve_t *resolver;
    void *store; /* the certificates that count; net_conn_trust() */
} net_conn_peer_t;

/* A connection, or room for one: zeroed but for peer and buffer. */
struct net_conn_t {
    net_conn_peer_t *peer;
    char *buffer; /* NET_CONN_CHUNK bytes for whoever uses the connection */
    void *easy;   /* NULL: not open */
    struct curl_slist *addresses;
    int socket;
    int sockets[2];  /* open ones, of which opening tries one per family; -1: none */
    int may_block;   /* the next receive, see net_conn_wait() */
    int is_shaking;  /* opening has come as far as TLS */
    int handshakes;  /* TLS handshake messages that the peer has sent */
    int open_errno;  /* of socket() */
    int verdict;     /* OpenSSL's on the peer's certificate, when opening failed by it */
    const char *why; /* why the last send or receive failed */
    char words[NET_CONN_WORDS_SIZE];
    /* ---- the pool's */
    int is_reused;
    apr_time_t idle_at;
    apr_time_t old_at;
};

/* Load the CA certificates that a TLS peer is judged by; file NULL: the system's. Single-threaded.
 * BASE_ERR_INVALID when there are none in it. */
base_err_t *net_conn_trust(net_conn_peer_t *peer, const char *file,
                           apr_pool_t *pool) BASE_ERR_CHECKED;
void net_conn_distrust(net_conn_peer_t *peer);

/* Open before limit (on base_call_clock()): names, TCP, TLS. BASE_ERR_TIMEOUT, BASE_ERR_UNAVAILABLE
 * (DNS, refused, TLS), BASE_ERR_UNTRUSTED (certificate), BASE_ERR_INTERNAL (no memory); the words
 * name the peer; nothing is left open. */
base_err_t *net_conn_open(net_conn_t *conn, apr_time_t limit, apr_pool_t *pool) BASE_ERR_CHECKED;
void net_conn_close(net_conn_t *conn);

/* Is a connection without an exchange still good? NULL, or why not. */
const char *net_conn_check(net_conn_t *conn);

typedef enum {
    NET_CONN_OK,
    NET_CONN_AGAIN, /* would block: net_conn_wait() */
    NET_CONN_ENDED, /* the peer sends no more */
    NET_CONN_FAILED /* conn->why */
} net_conn_io_e;

/* Some of the bytes. After AGAIN repeat with the same pointer and no fewer bytes. */
net_conn_io_e net_conn_send(apr_size_t *sent, net_conn_t *conn, const char *bytes, apr_size_t len);

/* At least one byte when OK. Receive until AGAIN before waiting: TLS holds bytes that poll() does
 * not see. */
net_conn_io_e net_conn_receive(apr_size_t *got, net_conn_t *conn, char *bytes, apr_size_t len);

/* Wait for events of poll(): what happened, 0 when the deadline came first, -1 with errno. For a
 * plain connection POLLIN may come at once and the next receive wait instead, for a part of a
 * second, until it has bytes or says AGAIN. */
int net_conn_wait(net_conn_t *conn, short events, apr_time_t deadline);

#endif
