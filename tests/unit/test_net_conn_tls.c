/* SPDX-License-Identifier: Apache-2.0 */
/* net/conn over TLS: who is let in, and what a peer may do in a handshake and behind it. */
#include "opening.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>

/* A system that lets everything through: what is refused then is refused by us. OpenSSL reads this
 * once per process. */
static void setup_lenient(void)
{
    const char *path = apr_psprintf(unit_pool, "/tmp/unit_net_conn.%d.cnf", (int)getpid());
    FILE *file = fopen(path, "w");

    ck_assert_ptr_nonnull(file);
    fputs("openssl_conf = a\n[a]\nssl_conf = b\n[b]\nsystem_default = c\n"
          "[c]\nMinProtocol = TLSv1\nCipherString = DEFAULT:@SECLEVEL=0\n",
          file);
    fclose(file);
    setenv("OPENSSL_CONF", path, 1);
    setup();
    unsetenv("OPENSSL_CONF");
    unlink(path);
}

#define HOUR 3600
static const certs_wish_t root_wish = {"root", NULL, NULL, 1, -HOUR, HOUR};

typedef struct {
    const char *host;
    certs_wish_t leaf;
    const char *words; /* NULL: let in */
} guest_t;

static const guest_t guests[] = {
    {"db.test", {"x", "DNS:db.test", NULL, 0, -HOUR, HOUR}, NULL},
    {"db.test", {"x", "DNS:db.test", "serverAuth", 0, -HOUR, HOUR}, NULL},
    {"db.x.test", {"x", "DNS:*.x.test", NULL, 0, -HOUR, HOUR}, NULL},
    {"127.0.0.1", {"x", "IP:127.0.0.1", NULL, 0, -HOUR, HOUR}, NULL},
    {"db.test", {"x", "DNS:other.test", NULL, 0, -HOUR, HOUR}, "certificate"},
    {"db.test", {"db.test", NULL, NULL, 0, -HOUR, HOUR}, "certificate"},
    {"db.test", {"db.test", "DNS:other.test", NULL, 0, -HOUR, HOUR}, "certificate"},
    {"127.0.0.1", {"x", "DNS:127.0.0.1", NULL, 0, -HOUR, HOUR}, "certificate"},
    {"127.0.0.1", {"127.0.0.1", "IP:127.0.0.2", NULL, 0, -HOUR, HOUR}, "certificate"},
    {"db.test", {"x", "DNS:db.test", NULL, 0, -2 * HOUR, -HOUR}, "expired"},
    {"db.test", {"x", "DNS:db.test", NULL, 0, HOUR, 2 * HOUR}, "not yet valid"},
    {"db.test", {"x", "DNS:db.test", "clientAuth", 0, -HOUR, HOUR}, "purpose"},
};

START_TEST(only_the_right_certificate_is_let_in)
{
    const guest_t *guest = &guests[_i];
    certs_pair_t root = certs_make(&root_wish, NULL), leaf = certs_make(&guest->leaf, &root);
    peer_t *peer = peer_start(echo, certs_server(&leaf, NULL));
    base_err_t *err;

    certs_write(&root, ca_file);
    aim(guest->host, peer->port, 1);
    err = open_within(10000);
    if (guest->words) {
        refused(err, BASE_ERR_UNTRUSTED, "certificate");
        refused(err, BASE_ERR_UNTRUSTED, guest->words);
    } else {
        ck_assert_msg(!err, "%s", err ? err->words : "");
        exchange("hello");
        ck_assert_ptr_null(net_conn_check(&conn));
        exchange("world");
    }
    done();
    peer_stop(peer);
    certs_free(&root);
    certs_free(&leaf);
}
END_TEST

static const certs_wish_t good_leaf = {"x", "DNS:db.test", NULL, 0, -HOUR, HOUR};
static const certs_wish_t between = {"between", NULL, NULL, 1, -HOUR, HOUR};

/* What the file has (0 the root, 1 the intermediate, 2 a stranger), whether the server shows the
 * intermediate, and whether that suffices. */
static const int chains[][3] = {{0, 1, 1}, {1, 0, 1}, {1, 1, 1}, {0, 0, 0}, {2, 1, 0}};

START_TEST(a_chain_ends_in_what_is_trusted)
{
    certs_pair_t pairs[4];
    peer_t *peer;
    base_err_t *err;
    int i;

    pairs[0] = certs_make(&root_wish, NULL);
    pairs[1] = certs_make(&between, &pairs[0]);
    pairs[2] = certs_make(&root_wish, NULL);
    pairs[3] = certs_make(&good_leaf, &pairs[1]);
    peer = peer_start(echo, certs_server(&pairs[3], chains[_i][1] ? &pairs[1] : NULL));
    certs_write(&pairs[chains[_i][0]], ca_file);
    aim("db.test", peer->port, 1);
    err = open_within(10000);
    if (chains[_i][2])
        ck_assert_msg(!err, "%s", err ? err->words : "");
    else
        refused(err, BASE_ERR_UNTRUSTED, "certificate");
    done();
    peer_stop(peer);
    for (i = 0; i < 4; i++)
        certs_free(&pairs[i]);
}
END_TEST

START_TEST(a_self_signed_server_is_refused_unless_it_is_the_one)
{
    certs_pair_t self = certs_make(&good_leaf, NULL), other = certs_make(&good_leaf, NULL);
    peer_t *peer = peer_start(echo, certs_server(&self, NULL));

    certs_write(&other, ca_file);
    aim("db.test", peer->port, 1);
    refused(open_within(10000), BASE_ERR_UNTRUSTED, "certificate");
    done();
    certs_write(&self, ca_file);
    aim("db.test", peer->port, 1);
    ck_assert_ptr_null(open_within(10000));
    done();
    peer_stop(peer);
    certs_free(&self);
    certs_free(&other);
}
END_TEST

/* What the peer shows would be trusted, but it does not come to that. */
static void no_handshake(certs_pair_t *trusted, peer_t *peer, int ms, base_err_kind_e kind,
                         const char *words)
{
    certs_write(trusted, ca_file);
    aim("db.test", peer->port, 1);
    refused(open_within(ms), kind, words);
    done();
    peer_stop(peer);
    certs_free(trusted);
}

START_TEST(old_tls_is_refused)
{
    certs_pair_t self = certs_make(&good_leaf, NULL);
    SSL_CTX *tls = certs_server(&self, NULL);
    peer_t *peer;

    SSL_CTX_set_security_level(tls, 0);
    SSL_CTX_set_min_proto_version(tls, TLS1_VERSION);
    SSL_CTX_set_max_proto_version(tls, TLS1_1_VERSION);
    peer = peer_start(echo, tls);
    no_handshake(&self, peer, 10000, BASE_ERR_UNAVAILABLE, "TLS");
}
END_TEST

static void talk_plainly(peer_conn_t *peer_conn)
{
    peer_write(peer_conn, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
    peer_drain(peer_conn);
}

START_TEST(a_server_without_tls_is_told)
{
    certs_pair_t self = certs_make(&good_leaf, NULL);
    peer_t *peer = peer_start(_i ? close_at_once : talk_plainly, NULL);

    no_handshake(&self, peer, 10000, BASE_ERR_UNAVAILABLE, "TLS");
}
END_TEST

START_TEST(a_silent_handshake_ends_in_a_timeout)
{
    certs_pair_t self = certs_make(&good_leaf, NULL);
    peer_t *peer = peer_start(peer_drain, NULL);

    no_handshake(&self, peer, 150, BASE_ERR_TIMEOUT, "timeout in the TLS handshake with");
}
END_TEST

static void end_politely(peer_conn_t *peer_conn)
{
    SSL_shutdown(peer_conn->ssl);
    peer_drain(peer_conn);
    usleep(50000);
}

/* Needs no certificate: OpenSSL skips a HelloRequest wherever it waits for something else. */
static void serve_hello_requests(peer_conn_t *served)
{
    static const char header[] = {0x16, 3, 3, 0x40,
                                  0}; /* a record of 16 KB of zeros: 4,096 of them */
    char *records = calloc(8, sizeof(header) + 16384);
    int i;

    for (i = 0; i < 8; i++)
        memcpy(records + (size_t)i * (sizeof(header) + 16384), header, sizeof(header));
    while (peer_write_bytes(served, records, 8 * (sizeof(header) + 16384)))
        ;
    free(records);
}

START_TEST(a_flood_in_the_handshake_ends_it)
{
    certs_pair_t self = certs_make(&good_leaf, NULL);
    peer_t *peer = peer_start(serve_hello_requests, NULL);
    apr_time_t begun = base_call_clock();

    certs_write(&self, ca_file);
    aim("db.test", peer->port, 1);
    refused(open_within(500), BASE_ERR_UNAVAILABLE, "too many TLS handshake messages");
    ck_assert_int_lt(base_call_clock() - begun, 2000000);
    done();
    peer_stop(peer);
    certs_free(&self);
}
END_TEST

/* 0: new keys, 1: tickets; each is an answer to nothing that SSL_read() deals with by itself. */
static int flood;

static void serve_handshakes(peer_conn_t *served)
{
    int i, asked = 1;

    for (i = 0; i < 1000 && asked == 1; i++) {
        asked = flood ? SSL_new_session_ticket(served->ssl)
                      : SSL_key_update(served->ssl, SSL_KEY_UPDATE_NOT_REQUESTED);
        if (SSL_do_handshake(served->ssl) != 1)
            return;
    }
    peer_drain(served);
}

START_TEST(a_flood_behind_the_handshake_ends_the_connection)
{
    certs_pair_t self = certs_make(&good_leaf, NULL);
    net_conn_io_e io;
    apr_size_t got;
    peer_t *peer;
    char byte;

    flood = _i;
    certs_write(&self, ca_file);
    peer = peer_start(serve_handshakes, certs_server(&self, NULL));
    aim("db.test", peer->port, 1);
    ck_assert_ptr_null(open_within(5000));
    do
        io = net_conn_receive(&got, &conn, &byte, 1);
    while (io == NET_CONN_AGAIN && net_conn_wait(&conn, POLLIN, base_call_clock() + 1000000));
    ck_assert_int_eq(io, NET_CONN_FAILED);
    ck_assert_str_eq(conn.why, "too many TLS handshake messages");
    done();
    peer_stop(peer);
    certs_free(&self);
}
END_TEST

START_TEST(a_check_sees_a_close_notify)
{
    certs_pair_t self = certs_make(&good_leaf, NULL);
    peer_t *peer = peer_start(end_politely, certs_server(&self, NULL));
    int i;

    certs_write(&self, ca_file);
    aim("db.test", peer->port, 1);
    ck_assert_ptr_null(open_within(10000));
    for (i = 0; i < 5000 && !net_conn_check(&conn); i++)
        usleep(1000);
    ck_assert_ptr_nonnull(net_conn_check(&conn));
    done();
    peer_stop(peer);
    certs_free(&self);
}
END_TEST

/* The library opened the file when it started; nothing of ours may be in it. */
START_TEST(keys_are_not_logged)
{
    certs_pair_t self = certs_make(&good_leaf, NULL);
    peer_t *peer = peer_start(echo, certs_server(&self, NULL));
    const char *path = apr_pstrcat(unit_pool, ca_file, ".keys", NULL);
    struct stat info = {.st_size = 0};

    net_conn_stop();
    setenv("SSLKEYLOGFILE", path, 1);
    ck_assert_ptr_null(net_conn_start(unit_pool));
    certs_write(&self, ca_file);
    aim("db.test", peer->port, 1);
    ck_assert_ptr_null(open_within(10000));
    exchange("hello");
    done();
    unsetenv("SSLKEYLOGFILE");
    (void)stat(path, &info);
    ck_assert_int_eq(info.st_size, 0);
    unlink(path);
    peer_stop(peer);
    certs_free(&self);
}
END_TEST

START_TEST(a_ca_file_must_have_certificates)
{
    net_conn_peer_t peer = {.store = NULL};
    FILE *file = fopen(ca_file, "w");
    base_err_t *err;

    ck_assert_ptr_nonnull(file);
    fputs("nothing\n", file);
    fclose(file);
    err = net_conn_trust(&peer, ca_file, unit_pool);
    ck_assert_ptr_nonnull(err);
    ck_assert_int_eq(err->kind, BASE_ERR_INVALID);
    ck_assert_ptr_nonnull(strstr(err->words, ca_file));
    net_conn_distrust(&peer);
    ck_assert_int_eq(err->status, 0);
    err = net_conn_trust(&peer, "/no/such/file", unit_pool);
    ck_assert_ptr_nonnull(err);
    ck_assert_int_eq(err->kind, BASE_ERR_INVALID);
    ck_assert_int_eq(err->status, ENOENT);
    net_conn_distrust(&peer);
    ck_assert_ptr_null(net_conn_trust(&peer, NULL, unit_pool)); /* the system has some */
    net_conn_distrust(&peer);
}
END_TEST

/* A child is not root. */
START_TEST(a_ca_file_that_may_not_be_read_is_told)
{
    net_conn_peer_t peer = {.store = NULL};
    base_err_t *err;

    fclose(fopen(ca_file, "w"));
    ck_assert_int_eq(chmod(ca_file, 0), 0);
    if (geteuid() == 0)
        ck_assert_int_eq(seteuid(65534), 0);
    err = net_conn_trust(&peer, ca_file, unit_pool);
    ck_assert_int_eq(seteuid(getuid()), 0);
    ck_assert_ptr_nonnull(err);
    ck_assert_int_eq(err->kind, BASE_ERR_INVALID);
    ck_assert_ptr_nonnull(strstr(base_err_format(err, unit_pool), "Permission denied"));
    net_conn_distrust(&peer);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("net/conn tls");
    TCase *tcase = unit_case(suite, "tls");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(tcase, only_the_right_certificate_is_let_in, 0,
                        sizeof(guests) / sizeof(*guests));
    tcase_add_loop_test(tcase, a_chain_ends_in_what_is_trusted, 0,
                        sizeof(chains) / sizeof(*chains));
    tcase_add_test(tcase, a_self_signed_server_is_refused_unless_it_is_the_one);
    tcase_add_loop_test(tcase, a_server_without_tls_is_told, 0, 2);
    tcase_add_test(tcase, a_silent_handshake_ends_in_a_timeout);
    tcase_add_test(tcase, a_ca_file_that_may_not_be_read_is_told);
    tcase_add_test(tcase, a_flood_in_the_handshake_ends_it);
    tcase_add_loop_test(tcase, a_flood_behind_the_handshake_ends_the_connection, 0, 2);
    tcase_add_test(tcase, a_check_sees_a_close_notify);
    tcase_add_test(tcase, keys_are_not_logged);
    tcase_add_test(tcase, a_ca_file_must_have_certificates);
    tcase = unit_case(suite, "old tls");
    tcase_add_checked_fixture(tcase, setup_lenient, teardown);
    tcase_add_test(tcase, old_tls_is_refused);
    return suite;
}
