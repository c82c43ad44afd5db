/* SPDX-License-Identifier: Apache-2.0 */
/* net/conn against real sockets: who is let in, how a refusal is told, what a check sees. */
#include "peer.h"
#include "certs.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <apr_strings.h>

#include "net/conn.h"

static net_conn_t conn;
static net_conn_peer_t whom;
static char buffer[NET_CONN_CHUNK];
static char ca_file[64];

/* Stands before the system's for libcurl too: what SELinux would do. */
static int is_denied;

int connect(int number, const struct sockaddr *address, socklen_t len)
{
    if (is_denied) {
        errno = EACCES;
        return -1;
    }
    return (int)syscall(SYS_connect, number, address, len);
}

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

/* --- plain ----------------------------------------------------------------------------------- */

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

START_TEST(carries_bytes)
{
    peer_t *peer = peer_start(echo, NULL);

    aim(_i ? "db.test" : "127.0.0.1", peer->port, 0);
    ck_assert_ptr_null(open_within(5000));
    ck_assert_ptr_null(net_conn_check(&conn));
    exchange("hello");
    ck_assert_ptr_null(net_conn_check(&conn));
    exchange("world");
    ck_assert_int_eq(fcntl(conn.socket, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    ck_assert_int_eq(peer_accepted(peer), 1);
    done();
    peer_stop(peer);
}
END_TEST

START_TEST(no_proxy_from_the_environment)
{
    static const char *const names[] = {"http_proxy", "https_proxy", "all_proxy", "ALL_PROXY"};
    peer_t *peer = peer_start(echo, NULL);
    apr_size_t i;

    for (i = 0; i < sizeof(names) / sizeof(*names); i++)
        setenv(names[i], "http://127.0.0.1:1", 1);
    aim("db.test", peer->port, 0);
    ck_assert_ptr_null(open_within(5000));
    exchange("hello");
    done();
    for (i = 0; i < sizeof(names) / sizeof(*names); i++)
        unsetenv(names[i]);
    peer_stop(peer);
}
END_TEST

START_TEST(a_refusal_says_why)
{
    int port, closed = peer_listen(&port, 1);
    base_err_t *err;

    close(closed);
    aim("127.0.0.1", port, 0);
    err = open_within(5000);
    refused(err, BASE_ERR_UNAVAILABLE, "refused");
    ck_assert_int_eq(err->status, ECONNREFUSED);
    done();
}
END_TEST

START_TEST(a_denial_has_its_remedy)
{
    base_err_t *err;

    aim("127.0.0.1", 1, 0);
    is_denied = 1;
    err = open_within(5000);
    is_denied = 0;
    refused(err, BASE_ERR_UNAVAILABLE, "permission denied");
    ck_assert_int_eq(err->status, EACCES);
    ck_assert_ptr_nonnull(strstr(err->words, "setsebool -P httpd_can_network_connect 1"));
    done();
}
END_TEST

/* A listener whose backlog is full swallows what comes. */
START_TEST(a_black_hole_ends_in_a_timeout)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int port, listener = peer_listen(&port, 0), fillers[4], i;

    address.sin_port = htons((unsigned short)port);
    for (i = 0; i < 4; i++) {
        fillers[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        (void)!connect(fillers[i], (struct sockaddr *)&address, sizeof(address));
    }
    aim("127.0.0.1", port, 0);
    refused(open_within(150), BASE_ERR_TIMEOUT, "timeout");
    refused(open_within(0), BASE_ERR_TIMEOUT, "timeout");
    for (i = 0; i < 4; i++)
        close(fillers[i]);
    close(listener);
    done();
}
END_TEST

START_TEST(no_descriptors_is_told)
{
    peer_t *peer = peer_start(echo, NULL);
    struct rlimit limit, few;
    int taken[64], count = 0;
    base_err_t *err;

    aim("127.0.0.1", peer->port, 0);
    ck_assert_ptr_null(open_within(5000)); /* loads what loading takes */
    net_conn_close(&conn);
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
    few = limit;
    few.rlim_cur = 64;
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &few), 0);
    while (count < 64 && (taken[count] = dup(0)) >= 0)
        count++;
    err = open_within(1000);
    while (count > 0)
        close(taken[--count]);
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
    ck_assert_ptr_nonnull(err);
    ck_assert_int_ne(err->kind, BASE_ERR_TIMEOUT);
    ck_assert_ptr_null(open_within(5000));
    done();
    peer_stop(peer);
}
END_TEST

/* --- what a check sees ----------------------------------------------------------------------- */

static void close_at_once(peer_conn_t *peer_conn)
{
    (void)peer_conn;
}

static void reset_at_once(peer_conn_t *peer_conn)
{
    peer_reset(peer_conn);
}

static void speak_unasked(peer_conn_t *peer_conn)
{
    peer_write(peer_conn, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    peer_drain(peer_conn);
}

static peer_script_fn *const unwell[] = {close_at_once, reset_at_once, speak_unasked};
static int which;

/* Not before the connection is open for both. */
static void turn_unwell(peer_conn_t *peer_conn)
{
    char byte;

    if (peer_read(peer_conn, &byte, 1) == 1)
        unwell[which](peer_conn);
}

START_TEST(a_check_sees_what_is_unwell)
{
    apr_time_t until = base_call_clock() + 5000000;
    apr_size_t sent;
    peer_t *peer;

    which = _i;
    peer = peer_start(turn_unwell, NULL);
    aim("127.0.0.1", peer->port, 0);
    ck_assert_ptr_null(open_within(5000));
    ck_assert_int_eq(net_conn_send(&sent, &conn, "x", 1), NET_CONN_OK);
    ck_assert_int_gt(net_conn_wait(&conn, POLLIN, until), 0);
    ck_assert_ptr_nonnull(net_conn_check(&conn));
    done();
    peer_stop(peer);
}
END_TEST

/* --- TLS ------------------------------------------------------------------------------------- */

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
        refused(err, BASE_ERR_UNAVAILABLE, "certificate");
        refused(err, BASE_ERR_UNAVAILABLE, guest->words);
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
        refused(err, BASE_ERR_UNAVAILABLE, "certificate");
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
    refused(open_within(10000), BASE_ERR_UNAVAILABLE, "certificate");
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

START_TEST(old_tls_is_refused)
{
    certs_pair_t self = certs_make(&good_leaf, NULL);
    SSL_CTX *tls = certs_server(&self, NULL);
    peer_t *peer;

    SSL_CTX_set_security_level(tls, 0);
    SSL_CTX_set_min_proto_version(tls, TLS1_VERSION);
    SSL_CTX_set_max_proto_version(tls, TLS1_1_VERSION);
    peer = peer_start(echo, tls);
    certs_write(&self, ca_file);
    aim("db.test", peer->port, 1);
    refused(open_within(10000), BASE_ERR_UNAVAILABLE, "TLS");
    done();
    peer_stop(peer);
    certs_free(&self);
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

    certs_write(&self, ca_file);
    aim("db.test", peer->port, 1);
    refused(open_within(10000), BASE_ERR_UNAVAILABLE, "TLS");
    done();
    peer_stop(peer);
    certs_free(&self);
}
END_TEST

START_TEST(a_silent_handshake_ends_in_a_timeout)
{
    certs_pair_t self = certs_make(&good_leaf, NULL);
    peer_t *peer = peer_start(peer_drain, NULL);

    certs_write(&self, ca_file);
    aim("db.test", peer->port, 1);
    refused(open_within(150), BASE_ERR_TIMEOUT, "timeout");
    done();
    peer_stop(peer);
    certs_free(&self);
}
END_TEST

static void end_politely(peer_conn_t *peer_conn)
{
    SSL_shutdown(peer_conn->ssl);
    peer_drain(peer_conn);
    usleep(50000);
}

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
    err = net_conn_trust(&peer, "/no/such/file", unit_pool);
    ck_assert_ptr_nonnull(err);
    ck_assert_int_eq(err->kind, BASE_ERR_INVALID);
    net_conn_distrust(&peer);
    ck_assert_ptr_null(net_conn_trust(&peer, NULL, unit_pool)); /* the system has some */
    net_conn_distrust(&peer);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("net/conn");
    TCase *tcase = unit_case(suite, "plain");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(tcase, carries_bytes, 0, 2);
    tcase_add_test(tcase, no_proxy_from_the_environment);
    tcase_add_test(tcase, a_refusal_says_why);
    tcase_add_test(tcase, a_denial_has_its_remedy);
    tcase_add_test(tcase, a_black_hole_ends_in_a_timeout);
    tcase_add_test(tcase, no_descriptors_is_told);
    tcase_add_loop_test(tcase, a_check_sees_what_is_unwell, 0, sizeof(unwell) / sizeof(*unwell));
    tcase = unit_case(suite, "tls");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(tcase, only_the_right_certificate_is_let_in, 0,
                        sizeof(guests) / sizeof(*guests));
    tcase_add_loop_test(tcase, a_chain_ends_in_what_is_trusted, 0,
                        sizeof(chains) / sizeof(*chains));
    tcase_add_test(tcase, a_self_signed_server_is_refused_unless_it_is_the_one);
    tcase_add_loop_test(tcase, a_server_without_tls_is_told, 0, 2);
    tcase_add_test(tcase, a_silent_handshake_ends_in_a_timeout);
    tcase_add_test(tcase, a_check_sees_a_close_notify);
    tcase_add_test(tcase, keys_are_not_logged);
    tcase_add_test(tcase, a_ca_file_must_have_certificates);
    tcase = unit_case(suite, "old tls");
    tcase_add_checked_fixture(tcase, setup_lenient, teardown);
    tcase_add_test(tcase, old_tls_is_refused);
    return suite;
}
