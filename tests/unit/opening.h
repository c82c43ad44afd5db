/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of net/conn share: one connection, whom it goes to, and a peer that echoes. */
#ifndef OPENING_H
#define OPENING_H

#include "peer.h"
#include "certs.h"

#include <poll.h>

#include <apr_strings.h>

#include "net/conn.h"

static net_conn_t conn;
static net_conn_peer_t whom;
static char buffer[NET_CONN_CHUNK];
static char ca_file[64];

static int lookup(const char *host, const char *service, const struct addrinfo *hints,
                  struct addrinfo **addresses)
{
    (void)host;
    (void)hints;
    return getaddrinfo("127.0.0.1", service, NULL, addresses);
}

static void setup(void)
{
    ck_assert_ptr_null(net_conn_start(unit_pool));
    snprintf(ca_file, sizeof(ca_file), "/tmp/unit_net_conn.%d.pem", (int)getpid());
}

static void teardown(void)
{
    net_conn_stop();
    unlink(ca_file);
}

static void aim(const char *host, int port, int tls)
{
    memset(&conn, 0, sizeof(conn));
    memset(&whom, 0, sizeof(whom));
    conn.peer = &whom;
    conn.buffer = buffer;
    whom.host = host;
    whom.port = port;
    whom.tls = tls;
    whom.name = apr_psprintf(unit_pool, "%s:%d", host, port);
    whom.url = apr_psprintf(unit_pool, "%s://%s/", tls ? "https" : "http", whom.name);
    whom.resolver = net_resolve_make(host, lookup, 0, 0);
    ck_assert_ptr_nonnull(whom.resolver);
    if (tls)
        ck_assert_ptr_null(net_conn_trust(&whom, ca_file, unit_pool));
}

static void done(void)
{
    if (conn.easy)
        net_conn_close(&conn);
    net_resolve_close(whom.resolver);
    net_conn_distrust(&whom);
}

static base_err_t *open_within(int ms)
{
    return net_conn_open(&conn, base_call_clock() + ms * 1000L, unit_pool);
}

/* The error's kind and, without regard to case, words. */
static void refused(const base_err_t *err, base_err_kind_e kind, const char *words)
{
    ck_assert_ptr_nonnull(err);
    ck_assert_ptr_null(conn.easy);
    ck_assert_msg(err->kind == kind, "%s: %s", base_err_kind_name(err->kind), err->words);
    ck_assert_msg(strcasestr(base_err_format(err, unit_pool), words), "%s",
                  base_err_format(err, unit_pool));
    ck_assert_ptr_nonnull(strstr(err->words, whom.name));
}

static void echo(peer_conn_t *peer_conn)
{
    char bytes[8192];
    ssize_t got;

    while ((got = peer_read(peer_conn, bytes, sizeof(bytes))) > 0)
        if (!peer_write_bytes(peer_conn, bytes, (size_t)got))
            return;
}

static void exchange(const char *word)
{
    apr_size_t sent, got;
    net_conn_io_e io;

    ck_assert_int_eq(net_conn_send(&sent, &conn, word, strlen(word)), NET_CONN_OK);
    ck_assert_uint_eq(sent, strlen(word));
    do {
        ck_assert_int_gt(net_conn_wait(&conn, POLLIN, base_call_clock() + 5000000), 0);
        io = net_conn_receive(&got, &conn, buffer, sizeof(buffer));
    } while (io == NET_CONN_AGAIN);
    ck_assert_int_eq(io, NET_CONN_OK);
    ck_assert_uint_eq(got, strlen(word));
    ck_assert_mem_eq(buffer, word, got);
}

static void close_at_once(peer_conn_t *peer_conn)
{
    (void)peer_conn;
}

#endif
