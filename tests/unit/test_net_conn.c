/* SPDX-License-Identifier: Apache-2.0 */
/* net/conn against real sockets: how a refusal is told, what a check sees. */
#include "opening.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>

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

/* --- plain ----------------------------------------------------------------------------------- */

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

/* Far from the deadline the receive waits, and not for ever; near it, poll() does. */
START_TEST(a_receive_waits_for_a_part_of_a_second)
{
    peer_t *peer = peer_start(echo, NULL);
    apr_size_t got;

    aim("127.0.0.1", peer->port, 0);
    ck_assert_ptr_null(open_within(5000));
    ck_assert_int_eq(net_conn_wait(&conn, POLLIN, base_call_clock() + 60000000), POLLIN);
    ck_assert_int_eq(net_conn_receive(&got, &conn, buffer, sizeof(buffer)), NET_CONN_AGAIN);
    ck_assert_int_eq(net_conn_wait(&conn, POLLIN, base_call_clock() + 100000), 0);
    ck_assert_int_eq(net_conn_receive(&got, &conn, buffer, sizeof(buffer)), NET_CONN_AGAIN);
    ck_assert_ptr_null(net_conn_check(&conn));
    exchange("hello");
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
    refused(open_within(150), BASE_ERR_TIMEOUT, "timeout connecting to");
    refused(open_within(0), BASE_ERR_TIMEOUT, "timeout connecting to");
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
    int taken[64], count = 0, tries = 0;
    base_err_t *err;

    aim("127.0.0.1", peer->port, 0);
    ck_assert_ptr_null(open_within(5000)); /* loads what loading takes */
    net_conn_close(&conn);
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
    few = limit;
    few.rlim_cur = 64;
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &few), 0);
    do { /* the peer, of this process, gives back what a connection took of its own in its time */
        while (count < 64 && (taken[count] = dup(0)) >= 0)
            count++;
        err = open_within(1000);
        if (!err)
            net_conn_close(&conn);
        usleep(10000);
    } while (!err && ++tries < 50);
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
    /* with a second event it is poll() that waits, never the check */
    ck_assert_int_gt(net_conn_wait(&conn, POLLIN | POLLRDHUP, until), 0);
    ck_assert_ptr_nonnull(net_conn_check(&conn));
    done();
    peer_stop(peer);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("net/conn");
    TCase *tcase = unit_case(suite, "plain");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(tcase, carries_bytes, 0, 2);
    tcase_add_test(tcase, a_receive_waits_for_a_part_of_a_second);
    tcase_add_test(tcase, no_proxy_from_the_environment);
    tcase_add_test(tcase, a_refusal_says_why);
    tcase_add_test(tcase, a_denial_has_its_remedy);
    tcase_add_test(tcase, a_black_hole_ends_in_a_timeout);
    tcase_add_test(tcase, no_descriptors_is_told);
    tcase_add_loop_test(tcase, a_check_sees_what_is_unwell, 0, sizeof(unwell) / sizeof(*unwell));
    return suite;
}
