/* SPDX-License-Identifier: Apache-2.0 */
/* A server on 127.0.0.1 for tests of net: every connection is served by a script in a thread of its
 * own, plain or TLS. */
#ifndef PEER_H
#define PEER_H

#include "unit.h"

#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/ssl.h>

#define PEER_CONNS_MAX 256

typedef struct peer_t peer_t;

/* One accepted connection. */
typedef struct {
    peer_t *peer;
    int number; /* 1 for the first */
    int socket;
    SSL *ssl;
    pthread_t thread;
} peer_conn_t;

typedef void peer_script_fn(peer_conn_t *conn);

struct peer_t {
    peer_script_fn *script;
    SSL_CTX *tls; /* NULL: plain */
    int socket;
    int port;
    pthread_t thread;
    pthread_mutex_t lock; /* guards what follows */
    int accepted;
    int requests; /* read whole */
    int is_stopping;
    peer_conn_t conns[PEER_CONNS_MAX];
};

static inline int peer_listen(int *port, int backlog)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(address);
    int made = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    ck_assert_int_ge(made, 0);
    ck_assert_int_eq(bind(made, (struct sockaddr *)&address, sizeof(address)), 0);
    ck_assert_int_eq(listen(made, backlog), 0);
    ck_assert_int_eq(getsockname(made, (struct sockaddr *)&address, &len), 0);
    *port = ntohs(address.sin_port);
    return made;
}

static inline ssize_t peer_read(peer_conn_t *conn, char *bytes, size_t len)
{
    return conn->ssl ? SSL_read(conn->ssl, bytes, (int)len) : read(conn->socket, bytes, len);
}

/* 0 when the client has gone. */
static inline int peer_write_bytes(peer_conn_t *conn, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t written = conn->ssl ? SSL_write(conn->ssl, bytes, (int)len)
                                    : send(conn->socket, bytes, len, MSG_NOSIGNAL);

        if (written <= 0)
            return 0;
        bytes += written;
        len -= (size_t)written;
    }
    return 1;
}

static inline int peer_write(peer_conn_t *conn, const char *text)
{
    return peer_write_bytes(conn, text, strlen(text));
}

/* A whole request, of which the head's first 4 KB are kept; 0 when there is none. */
static inline int peer_read_request(peer_conn_t *conn, char head[4096])
{
    size_t len = 0, left = 0;
    const char *length;
    char bytes[8192];
    ssize_t got;

    head[0] = '\0';
    while (!strstr(head, "\r\n\r\n")) {
        if (len == 4095 || peer_read(conn, head + len, 1) != 1)
            return 0;
        head[++len] = '\0';
    }
    length = strstr(head, "\r\nContent-Length: ");
    if (length)
        left = strtoul(length + 18, NULL, 10);
    for (; left > 0; left -= (size_t)got) {
        got = peer_read(conn, bytes, left < sizeof(bytes) ? left : sizeof(bytes));
        if (got <= 0)
            return 0;
    }
    pthread_mutex_lock(&conn->peer->lock);
    conn->peer->requests++;
    pthread_mutex_unlock(&conn->peer->lock);
    return 1;
}

/* Until the client closes. */
static inline void peer_drain(peer_conn_t *conn)
{
    char bytes[8192];

    while (peer_read(conn, bytes, sizeof(bytes)) > 0)
        ;
}

/* Close with a reset instead of a FIN. */
static inline void peer_reset(peer_conn_t *conn)
{
    const struct linger linger = {.l_onoff = 1, .l_linger = 0};

    setsockopt(conn->socket, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
}

static inline void *peer_serve(void *data)
{
    peer_conn_t *conn = data;

    if (conn->peer->tls) {
        conn->ssl = SSL_new(conn->peer->tls);
        SSL_set_fd(conn->ssl, conn->socket);
        if (SSL_accept(conn->ssl) == 1)
            conn->peer->script(conn);
        SSL_shutdown(conn->ssl);
        SSL_free(conn->ssl);
    } else {
        conn->peer->script(conn);
    }
    pthread_mutex_lock(&conn->peer->lock);
    close(conn->socket);
    conn->socket = -1;
    pthread_mutex_unlock(&conn->peer->lock);
    return NULL;
}

static inline void *peer_accept(void *data)
{
    peer_t *peer = data;

    for (;;) {
        int accepted = accept4(peer->socket, NULL, NULL, SOCK_CLOEXEC);
        peer_conn_t *conn;

        pthread_mutex_lock(&peer->lock);
        if (accepted < 0 || peer->is_stopping || peer->accepted == PEER_CONNS_MAX) {
            if (accepted >= 0)
                close(accepted);
            pthread_mutex_unlock(&peer->lock);
            return NULL;
        }
        conn = &peer->conns[peer->accepted++];
        conn->peer = peer;
        conn->number = peer->accepted;
        conn->socket = accepted;
        if (pthread_create(&conn->thread, NULL, peer_serve, conn))
            abort();
        pthread_mutex_unlock(&peer->lock);
    }
}

/* A server that serves; tls NULL for a plain one. */
static inline peer_t *peer_start(peer_script_fn *script, SSL_CTX *tls)
{
    peer_t *peer = apr_pcalloc(unit_pool, sizeof(*peer));
    sigset_t all, before;

    peer->script = script;
    peer->tls = tls;
    peer->socket = peer_listen(&peer->port, 64);
    pthread_mutex_init(&peer->lock, NULL);
    sigfillset(&all); /* signals are for the thread that is tested */
    pthread_sigmask(SIG_SETMASK, &all, &before);
    ck_assert_int_eq(pthread_create(&peer->thread, NULL, peer_accept, peer), 0);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return peer;
}

static inline int peer_accepted(peer_t *peer)
{
    int count;

    pthread_mutex_lock(&peer->lock);
    count = peer->accepted;
    pthread_mutex_unlock(&peer->lock);
    return count;
}

static inline int peer_requests(peer_t *peer)
{
    int count;

    pthread_mutex_lock(&peer->lock);
    count = peer->requests;
    pthread_mutex_unlock(&peer->lock);
    return count;
}

/* Cut all connections and wait for the scripts. */
static inline void peer_stop(peer_t *peer)
{
    int i;

    pthread_mutex_lock(&peer->lock);
    peer->is_stopping = 1;
    for (i = 0; i < peer->accepted; i++)
        if (peer->conns[i].socket >= 0)
            shutdown(peer->conns[i].socket, SHUT_RDWR);
    pthread_mutex_unlock(&peer->lock);
    shutdown(peer->socket, SHUT_RDWR);
    pthread_join(peer->thread, NULL);
    for (i = 0; i < peer->accepted; i++)
        pthread_join(peer->conns[i].thread, NULL);
    close(peer->socket);
    SSL_CTX_free(peer->tls);
    pthread_mutex_destroy(&peer->lock);
}

#endif
