/* SPDX-License-Identifier: Apache-2.0 */
/* A DynamoDB-shaped server that answers from memory: what a front end costs shows only before a
 * backend that costs next to nothing and does the same in every run.
 *
 *     backend CERTIFICATE KEY DELAY_MS
 *
 * listens on four ports of 127.0.0.1 and prints them: plain and TLS, each at once and late, where
 * every answer waits DELAY_MS. One thread, level-triggered epoll. It is no DynamoDB: it looks at
 * X-Amz-Target, at the id and at Limit, and never at a signature. Requests without X-Amz-Target
 * (GET, POST, PUT, DELETE of /items, as mod_proxy_http hands them on) get the same bytes.
 *
 *     read_some -> take_request -> choose -> reply at once -----------> write_some
 *                                     +----> late: a queue, one timer ------^
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <apr_general.h>

#include "answers.h"

#define REQUEST_MAX (64 * 1024)
#define EVENTS_MAX 256

typedef struct conn_t conn_t;
struct conn_t {
    int fd;
    int is_listener;
    int is_tls;
    int is_late;
    SSL *ssl;
    char *in;
    size_t in_len;
    const answers_t *out; /* being sent, or waiting for its time */
    size_t out_pos;
    int wants_write;   /* what epoll is asked for beside reading */
    int is_waiting;    /* in the queue of late answers */
    int is_gone;       /* closed; freed behind the events that may still name it */
    long long due;     /* ns on the monotonic clock */
    conn_t *next_late; /* every answer waits equally long, so a queue is in order */
    conn_t *next_gone;
};

static struct {
    int epoll;
    int timer;
    SSL_CTX *tls;
    long long delay; /* ns */
    conn_t *late_first, *late_last;
    conn_t *gone;
    apr_pool_t *pool;
    answers_t get, nothing, update;
    answers_t *scans[ANSWERS_SCAN_MAX + 1];
} server;

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static long long now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

/* --- which answer ---------------------------------------------------------------------------- */

static const answers_t *scan_of(const char *at, const char *end)
{
    long count = 0;

    for (; at < end && *at >= '0' && *at <= '9' && count <= ANSWERS_SCAN_MAX; at++)
        count = count * 10 + (*at - '0');
    if (count < 1 || count > ANSWERS_SCAN_MAX)
        count = 20;
    if (!server.scans[count]) {
        server.scans[count] = apr_palloc(server.pool, sizeof(answers_t));
        *server.scans[count] = answers_make(ANSWERS_SCAN, (int)count, server.pool);
    }
    return server.scans[count];
}

static int has(const char *text, size_t len, const char *what)
{
    return memmem(text, len, what, strlen(what)) != NULL;
}

static const answers_t *choose_operation(const char *name, const char *body, size_t len)
{
    const char *limit;

    if (!strncmp(name, "GetItem", 7))
        return has(body, len, ANSWERS_ID) ? &server.get : &server.nothing;
    if (!strncmp(name, "UpdateItem", 10))
        return &server.update;
    if (!strncmp(name, "Scan", 4)) {
        limit = memmem(body, len, "\"Limit\":", 8);
        return scan_of(limit ? limit + 8 : body, limit ? body + len : body);
    }
    return &server.nothing; /* PutItem, DeleteItem */
}

static const answers_t *choose_method(const char *line, size_t len)
{
    const char *limit = memmem(line, len, "limit=", 6);

    if (!strncmp(line, "PUT ", 4))
        return &server.update;
    if (strncmp(line, "GET ", 4) != 0)
        return &server.nothing;
    if (limit)
        return scan_of(limit + 6, line + len);
    return has(line, len, ANSWERS_ID) ? &server.get : &server.nothing;
}

/* The value of a header, NULL without it. head ends with an empty line. */
static const char *header(const char *head, const char *end, const char *name)
{
    size_t len = strlen(name);
    const char *line;

    for (line = head; line && line + len < end; line = memchr(line, '\n', (size_t)(end - line))) {
        if (*line == '\n')
            line++;
        if (!strncasecmp(line, name, len) && line[len] == ':')
            return line + len + 1 + strspn(line + len + 1, " ");
    }
    return NULL;
}

/* A whole request at the buffer's start: its answer, and the request is taken out. NULL: more is to
 * come. */
static const answers_t *take_request(conn_t *conn)
{
    const char *end = memmem(conn->in, conn->in_len, "\r\n\r\n", 4);
    const char *value, *body;
    const answers_t *answer;
    size_t body_len, used;

    if (!end)
        return NULL;
    body = end + 4;
    value = header(conn->in, body, "Content-Length");
    body_len = value ? strtoul(value, NULL, 10) : 0;
    used = (size_t)(body - conn->in) + body_len;
    if (used > conn->in_len)
        return NULL;
    value = header(conn->in, body, "X-Amz-Target");
    value = value ? memchr(value, '.', (size_t)(body - value)) : NULL;
    if (value)
        answer = choose_operation(value + 1, body, body_len);
    else
        answer = choose_method(conn->in, strcspn(conn->in, "\r"));
    memmove(conn->in, conn->in + used, conn->in_len - used);
    conn->in_len -= used;
    return answer;
}

/* --- connections ----------------------------------------------------------------------------- */

static void watch(conn_t *conn, int how, int wants_write)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = conn};

    if (wants_write)
        event.events |= EPOLLOUT;
    conn->wants_write = wants_write;
    if (epoll_ctl(server.epoll, how, conn->fd, &event))
        die("epoll_ctl");
}

static void bury(conn_t *conn)
{
    conn->next_gone = server.gone;
    server.gone = conn;
}

static void drop(conn_t *conn)
{
    SSL_free(conn->ssl);
    close(conn->fd);
    conn->is_gone = 1;
    if (!conn->is_waiting)
        bury(conn);
}

static void free_gone(void)
{
    while (server.gone) {
        conn_t *conn = server.gone;

        server.gone = conn->next_gone;
        free(conn->in);
        free(conn);
    }
}

/* What a failed call of OpenSSL's means: 0 come again, -1 the end. */
static ssize_t tls_verdict(SSL *ssl, int result)
{
    int error = SSL_get_error(ssl, result);

    ERR_clear_error();
    return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE ? 0 : -1;
}

/* Bytes, 0 when it would block, -1 at the end. */
static ssize_t receive(conn_t *conn, char *bytes, size_t room)
{
    ssize_t got;

    if (conn->ssl) {
        got = SSL_read(conn->ssl, bytes, (int)room);
        return got > 0 ? got : tls_verdict(conn->ssl, (int)got);
    }
    got = recv(conn->fd, bytes, room, 0);
    if (got > 0)
        return got;
    return got < 0 && errno == EAGAIN ? 0 : -1;
}

static ssize_t transmit(conn_t *conn, const char *bytes, size_t len)
{
    ssize_t sent;

    if (conn->ssl) {
        sent = SSL_write(conn->ssl, bytes, (int)len);
        return sent > 0 ? sent : tls_verdict(conn->ssl, (int)sent);
    }
    sent = send(conn->fd, bytes, len, MSG_NOSIGNAL);
    if (sent >= 0)
        return sent;
    return errno == EAGAIN ? 0 : -1;
}

/* 1: the answer is out, 0: later, -1: the connection was dropped. */
static int write_some(conn_t *conn)
{
    while (conn->out_pos < conn->out->len) {
        ssize_t sent =
            transmit(conn, conn->out->bytes + conn->out_pos, conn->out->len - conn->out_pos);

        if (sent < 0) {
            drop(conn);
            return -1;
        }
        if (sent == 0) {
            if (!conn->wants_write)
                watch(conn, EPOLL_CTL_MOD, 1);
            return 0;
        }
        conn->out_pos += (size_t)sent;
    }
    if (conn->wants_write)
        watch(conn, EPOLL_CTL_MOD, 0);
    conn->out = NULL;
    return 1;
}

static void set_timer(long long due)
{
    struct itimerspec when = {.it_value = {due / 1000000000LL, due % 1000000000LL}};

    if (timerfd_settime(server.timer, TFD_TIMER_ABSTIME, &when, NULL))
        die("timerfd_settime");
}

static void queue(conn_t *conn)
{
    conn->due = now_ns() + server.delay;
    conn->is_waiting = 1;
    conn->next_late = NULL;
    if (server.late_last) {
        server.late_last->next_late = conn;
    } else {
        server.late_first = conn;
        set_timer(conn->due);
    }
    server.late_last = conn;
}

/* Answer what is there, one request after the other. */
static void advance(conn_t *conn)
{
    while (!conn->out && (conn->out = take_request(conn)) != NULL) {
        conn->out_pos = 0;
        if (conn->is_late) {
            queue(conn);
            return;
        }
        if (write_some(conn) != 1)
            return;
    }
}

static void answer_late(void)
{
    long long now = now_ns();
    unsigned long long count;

    if (read(server.timer, &count, sizeof(count)) < 0 && errno != EAGAIN)
        die("read of the timer");
    while (server.late_first && server.late_first->due <= now) {
        conn_t *conn = server.late_first;

        server.late_first = conn->next_late;
        if (!server.late_first)
            server.late_last = NULL;
        conn->is_waiting = 0;
        if (conn->is_gone)
            bury(conn);
        else if (write_some(conn) == 1)
            advance(conn);
    }
    if (server.late_first)
        set_timer(server.late_first->due);
}

static void read_some(conn_t *conn)
{
    ssize_t got;

    do {
        if (conn->in_len == REQUEST_MAX) {
            drop(conn);
            return;
        }
        got = receive(conn, conn->in + conn->in_len, REQUEST_MAX - conn->in_len);
        if (got < 0) {
            drop(conn);
            return;
        }
        conn->in_len += (size_t)got;
    } while (got > 0 && conn->ssl && SSL_pending(conn->ssl));
    if (got > 0)
        advance(conn);
}

static void admit(const conn_t *listener)
{
    conn_t *conn;
    int fd, on = 1;

    while ((fd = accept4(listener->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        conn = calloc(1, sizeof(*conn));
        if (!conn || !(conn->in = malloc(REQUEST_MAX + 1)))
            die("malloc");
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
        conn->fd = fd;
        conn->is_late = listener->is_late;
        if (listener->is_tls) {
            conn->ssl = SSL_new(server.tls);
            if (!conn->ssl || !SSL_set_fd(conn->ssl, fd))
                die("SSL_new");
            SSL_set_accept_state(conn->ssl);
        }
        watch(conn, EPOLL_CTL_ADD, 0);
    }
}

/* --- start ----------------------------------------------------------------------------------- */

static int listen_at(int is_tls, int is_late)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof(address);
    conn_t *listener = calloc(1, sizeof(*listener));

    if (!listener)
        die("calloc");
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    listener->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (listener->fd < 0 || bind(listener->fd, (struct sockaddr *)&address, size) ||
        listen(listener->fd, 1024) || getsockname(listener->fd, (struct sockaddr *)&address, &size))
        die("listen");
    listener->is_listener = 1;
    listener->is_tls = is_tls;
    listener->is_late = is_late;
    watch(listener, EPOLL_CTL_ADD, 0);
    return ntohs(address.sin_port);
}

static void set_up(const char *certificate, const char *key, const char *delay)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};

    signal(SIGPIPE, SIG_IGN); /* OpenSSL writes without MSG_NOSIGNAL */
    if (apr_initialize() || apr_pool_create(&server.pool, NULL))
        die("apr");
    server.delay = strtol(delay, NULL, 10) * 1000000LL;
    server.get = answers_make(ANSWERS_GET, 0, server.pool);
    server.nothing = answers_make(ANSWERS_NOTHING, 0, server.pool);
    server.update = answers_make(ANSWERS_UPDATE, 0, server.pool);
    server.tls = SSL_CTX_new(TLS_server_method());
    if (!server.tls || SSL_CTX_use_certificate_chain_file(server.tls, certificate) != 1 ||
        SSL_CTX_use_PrivateKey_file(server.tls, key, SSL_FILETYPE_PEM) != 1) {
        ERR_print_errors_fp(stderr);
        exit(1);
    }
    SSL_CTX_set_mode(server.tls,
                     SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    server.epoll = epoll_create1(EPOLL_CLOEXEC);
    server.timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (server.epoll < 0 || server.timer < 0 ||
        epoll_ctl(server.epoll, EPOLL_CTL_ADD, server.timer, &event))
        die("epoll");
}

static void handle(const struct epoll_event *event)
{
    conn_t *conn = event->data.ptr;

    if (!conn) {
        answer_late();
    } else if (conn->is_listener) {
        admit(conn);
    } else if (conn->is_gone) {
        return;
    } else if (conn->wants_write && event->events & EPOLLOUT) {
        if (write_some(conn) == 1)
            advance(conn);
    } else {
        read_some(conn);
    }
}

int main(int count, char **words)
{
    struct epoll_event events[EVENTS_MAX];
    int plain, tls, plain_late, tls_late, ready, i;

    if (count != 4) {
        fprintf(stderr, "usage: backend CERTIFICATE KEY DELAY_MS\n");
        return 2;
    }
    set_up(words[1], words[2], words[3]);
    plain = listen_at(0, 0);
    tls = listen_at(1, 0);
    plain_late = listen_at(0, 1);
    tls_late = listen_at(1, 1);
    printf("plain=%d tls=%d plain-late=%d tls-late=%d\n", plain, tls, plain_late, tls_late);
    fflush(stdout);
    for (;;) {
        ready = epoll_wait(server.epoll, events, EVENTS_MAX, -1);
        if (ready < 0 && errno != EINTR)
            die("epoll_wait");
        for (i = 0; i < ready; i++)
            handle(&events[i]);
        free_gone();
    }
}
