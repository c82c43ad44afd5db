/* SPDX-License-Identifier: Apache-2.0 */
/* What tests of net/http share: one pool of connections to one peer, one request, and what is asked
 * of the response. */
#ifndef EXCHANGE_H
#define EXCHANGE_H

#include "peer.h"
#include "certs.h"

#include <signal.h>

#include "net/conn.h"
#include "net/http.h"

#define OK "HTTP/1.1 200 OK\r\n"
#define HELLO OK "X-Test: 1\r\nContent-Length: 5\r\n\r\nhello"
#define MEGABYTE (1024 * 1024)

static net_conn_pool_t *conns;
static peer_t *peer;
static base_call_t call;
static net_http_request_t request;
static net_http_response_t response;
static char trail[65536]; /* the trace */
static char ca_file[64];

static inline void trace(void *sink, int level, const char *words)
{
    size_t len = strlen(trail);

    (void)sink;
    snprintf(trail + len, sizeof(trail) - len, "%d %s\n", level, words);
}

static inline int lookup(const char *host, const char *service, const struct addrinfo *hints,
                         struct addrinfo **addresses)
{
    (void)host;
    (void)hints;
    return getaddrinfo("127.0.0.1", service, NULL, addresses);
}

static inline void setup(void)
{
    static const net_http_header_t headers[] = {{"X-Amz-Target", "T.GetItem"}};

    signal(SIGPIPE, SIG_IGN);
    ck_assert_ptr_null(net_conn_start(unit_pool));
    base_call_init(&call, 10000000);
    call.trace = trace;
    call.trace_level = 4;
    trail[0] = '\0';
    snprintf(ca_file, sizeof(ca_file), "/tmp/unit_net_http.%d.pem", (int)getpid());
    request = (net_http_request_t){.method = "POST",
                                   .target = "/",
                                   .host = "db.test",
                                   .headers = headers,
                                   .header_count = 1,
                                   .body = "{}",
                                   .body_len = 2,
                                   .answer_max = 16 * 1024 * 1024};
}

static inline void teardown(void)
{
    net_conn_stop();
    unlink(ca_file);
}

static inline void make(peer_script_fn *script, SSL_CTX *tls)
{
    net_conn_options_t options = {.host = "db.test",
                                  .tls = tls != NULL,
                                  .ca_file = ca_file,
                                  .connection_max = 8,
                                  .connect_timeout = 5000000,
                                  .lookup = lookup};

    peer = peer_start(script, tls);
    options.port = peer->port;
    ck_assert_ptr_null(net_conn_pool_make(&conns, &options, unit_pool));
}

/* Plain for 0, TLS for 1: what a loop test is about. */
static inline void make_either(peer_script_fn *script, int is_tls)
{
    static const certs_wish_t root_wish = {"root", NULL, NULL, 1, -3600, 3600};
    static const certs_wish_t leaf_wish = {"x", "DNS:db.test", NULL, 0, -3600, 3600};
    certs_pair_t root, leaf;

    if (!is_tls) {
        make(script, NULL);
        return;
    }
    root = certs_make(&root_wish, NULL);
    leaf = certs_make(&leaf_wish, &root);
    certs_write(&root, ca_file);
    make(script, certs_server(&leaf, NULL));
    certs_free(&root);
    certs_free(&leaf);
}

static inline void done(void)
{
    int taken, kept;

    net_conn_pool_count(conns, &taken, &kept);
    ck_assert_int_eq(taken, 0);
    net_conn_pool_close(conns);
    peer_stop(peer);
}

static inline base_err_t *send_within(int ms)
{
    request.deadline = base_call_clock() + ms * 1000L;
    return net_http_send(&response, conns, &request, &call, unit_pool);
}

static inline void facts(int reused, int delivered, int begun)
{
    ck_assert_int_eq(response.reused, reused);
    ck_assert_int_eq(response.delivered, delivered);
    ck_assert_int_eq(response.begun, begun);
}

static inline void kept(int count)
{
    int taken, now_kept;

    net_conn_pool_count(conns, &taken, &now_kept);
    ck_assert_int_eq(taken, 0);
    ck_assert_int_eq(now_kept, count);
}

/* A 200 with that body. */
static inline void good(const char *body)
{
    base_err_t *err = send_within(10000);

    ck_assert_msg(!err, "%s", err ? base_err_format(err, unit_pool) : "");
    ck_assert_int_eq(response.status, 200);
    ck_assert_str_eq(response.body, body);
    ck_assert_uint_eq(response.body_len, strlen(body));
}

static inline void bad(base_err_t *err, base_err_kind_e kind, const char *words)
{
    ck_assert_ptr_nonnull(err);
    ck_assert_msg(err->kind == kind, "%s: %s", base_err_kind_name(err->kind), err->words);
    ck_assert_msg(strstr(base_err_format(err, unit_pool), words), "%s", err->words);
    ck_assert_ptr_nonnull(strstr(err->words, "db.test:"));
    kept(0);
}

#endif
