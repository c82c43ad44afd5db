/* SPDX-License-Identifier: Apache-2.0 */
/* net/http against real servers: what comes back, the three facts, what becomes of the connection,
 * and that nothing is left behind. */
#include "exchange.h"

#include <dirent.h>
#include <sys/time.h>

#include <apr_strings.h>

/* --- good ------------------------------------------------------------------------------------ */

static char seen[4096]; /* the last request's head; read when its answer is there */

static void serve_hello(peer_conn_t *conn)
{
    char head[4096];

    while (peer_read_request(conn, head)) {
        if (conn->number == 1)
            memcpy(seen, head, sizeof(seen));
        if (!peer_write(conn, HELLO))
            return;
    }
}

START_TEST(an_exchange_and_another_over_the_same_connection)
{
    make_either(serve_hello, _i);
    good("hello");
    facts(0, 1, 1);
    kept(1);
    ck_assert_str_eq(seen, "POST / HTTP/1.1\r\nHost: db.test\r\nX-Amz-Target: T.GetItem\r\n"
                           "Content-Length: 2\r\n\r\n");
    ck_assert_int_eq(response.header_count, 2);
    ck_assert_str_eq(net_http_header(&response, "x-TEST"), "1");
    ck_assert_ptr_null(net_http_header(&response, "x-tes"));
    good("hello");
    facts(1, 1, 1);
    kept(1);
    request.fresh = 1;
    good("hello");
    facts(0, 1, 1);
    kept(2);
    ck_assert_int_eq(peer_accepted(peer), 2);
    ck_assert_int_eq(peer_requests(peer), 3);
    ck_assert_ptr_nonnull(strstr(trail, "1 exchange with db.test:"));
    ck_assert_ptr_nonnull(strstr(trail, "status 200"));
    ck_assert_ptr_nonnull(strstr(trail, "2 connection to db.test:"));
    done();
}
END_TEST

START_TEST(a_get_has_no_body)
{
    make(serve_hello, NULL);
    request.method = "GET";
    request.body_len = 0;
    request.header_count = 0;
    good("hello");
    ck_assert_str_eq(seen, "GET / HTTP/1.1\r\nHost: db.test\r\n\r\n");
    request.method = "PUT";
    good("hello");
    ck_assert_ptr_nonnull(strstr(seen, "\r\nContent-Length: 0\r\n"));
    done();
}
END_TEST

START_TEST(a_header_that_ends_a_line_is_not_sent)
{
    const net_http_header_t header = {"X", "a\r\nY: b"};
    base_err_t *err;

    make(serve_hello, NULL);
    request.headers = &header;
    err = send_within(5000);
    ck_assert_ptr_nonnull(err);
    ck_assert_int_eq(err->kind, BASE_ERR_INVALID);
    facts(0, 0, 0);
    ck_assert_int_eq(peer_accepted(peer), 0);
    done();
}
END_TEST

START_TEST(a_deadline_in_the_past_sends_nothing)
{
    base_err_t *err;

    make(serve_hello, NULL);
    good("hello");
    err = send_within(0);
    ck_assert_ptr_nonnull(err);
    ck_assert_int_eq(err->kind, BASE_ERR_TIMEOUT);
    facts(0, 0, 0);
    kept(1);
    ck_assert_int_eq(peer_requests(peer), 1);
    done();
}
END_TEST

static void serve_megabytes(peer_conn_t *conn)
{
    char head[4096], *body = malloc(4 * MEGABYTE);

    memset(body, 'x', 4 * MEGABYTE);
    while (peer_read_request(conn, head))
        if (!peer_write(conn, OK "Content-Length: 4194304\r\n\r\n") ||
            !peer_write_bytes(conn, body, 4 * MEGABYTE))
            break;
    free(body);
}

START_TEST(large_bodies_both_ways)
{
    char *body = apr_palloc(unit_pool, 4 * MEGABYTE);

    memset(body, 'y', 4 * MEGABYTE);
    make_either(serve_megabytes, _i);
    request.body = body;
    request.body_len = 4 * MEGABYTE;
    ck_assert_ptr_null(send_within(20000));
    facts(0, 1, 1);
    ck_assert_uint_eq(response.body_len, 4 * MEGABYTE);
    ck_assert_int_eq(response.body[0], 'x');
    ck_assert_int_eq(response.body[4 * MEGABYTE - 1], 'x');
    ck_assert_int_eq(response.body[4 * MEGABYTE], '\0');
    ck_assert_ptr_nonnull(response.map);
    net_http_forget(&response);
    ck_assert_ptr_null(response.map);
    ck_assert_str_eq(response.body, "");
    kept(1);
    request.body_len = 2;
    request.answer_max = 4 * MEGABYTE - 1;
    bad(send_within(20000), BASE_ERR_NONSENSE, "too large");
    facts(1, 1, 1);
    done();
}
END_TEST

/* Chunks of one byte, faster than we can read them: there is always more, so nobody ever waits. */
static void serve_flood(peer_conn_t *conn)
{
    static const char chunk[] = "0000000000000001\r\nx\r\n";
    char head[4096], *block = malloc(4096 * (sizeof(chunk) - 1));
    int i;

    for (i = 0; i < 4096; i++)
        memcpy(block + (size_t)i * (sizeof(chunk) - 1), chunk, sizeof(chunk) - 1);
    if (peer_read_request(conn, head) && peer_write(conn, HELLO) && peer_read_request(conn, head) &&
        peer_write(conn, OK "Transfer-Encoding: chunked\r\n\r\n"))
        while (peer_write_bytes(conn, block, 4096 * (sizeof(chunk) - 1)))
            ;
    free(block);
}

START_TEST(a_flood_ends_at_the_deadline)
{
    make_either(serve_flood, _i);
    good("hello"); /* opens; what is timed is the exchange alone */
    bad(send_within(50), BASE_ERR_TIMEOUT, "timeout");
    facts(1, 1, 1);
    ck_assert_int_lt(base_call_clock() - request.deadline, 400000);
    done();
}
END_TEST

/* --- answers as scripts ------------------------------------------------------------------------
 */

typedef struct {
    const char *answer; /* sent to the second request, then closed unless `stays` */
    int stays;
    const char *body;  /* of the answer, NULL: an error */
    const char *words; /* of the error */
    base_err_kind_e kind;
    int begun;
    int kept;
} play_t;

static const play_t plays[] = {
    {HELLO, 1, "hello", NULL, 0, 1, 1},
    {HELLO "HTTP/1.1", 1, "hello", NULL, 0, 1, 0}, /* more than the answer */
    {OK "Connection: close\r\nContent-Length: 5\r\n\r\nhello", 1, "hello", NULL, 0, 1, 0},
    {"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello", 1, "hello", NULL, 0, 1, 0},
    {"HTTP/1.1 100 Continue\r\n\r\n" HELLO, 1, "hello", NULL, 0, 1, 1},
    {OK "Transfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n", 1, "hello", NULL, 0,
     1, 1},
    {"<html>hello</html>", 1, NULL, "not HTTP", BASE_ERR_NONSENSE, 1, 0},
    {OK "\r\nhello", 1, NULL, "no length", BASE_ERR_NONSENSE, 1, 0},
    {"", 0, NULL, "no answer", BASE_ERR_UNAVAILABLE, 0, 0},
    {"", 1, NULL, "timeout", BASE_ERR_TIMEOUT, 0, 0},
    {OK "Content-Le", 0, NULL, "truncated", BASE_ERR_UNAVAILABLE, 1, 0},
    {OK "Content-Le", 1, NULL, "timeout", BASE_ERR_TIMEOUT, 1, 0},
    {OK "Content-Length: 6\r\n\r\nhello", 0, NULL, "truncated", BASE_ERR_UNAVAILABLE, 1, 0},
    {OK "Content-Length: 6\r\n\r\nhello", 1, NULL, "timeout", BASE_ERR_TIMEOUT, 1, 0},
    {OK "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", 0, NULL, "truncated",
     BASE_ERR_UNAVAILABLE, 1, 0},
};

static const play_t *play;

static void serve_play(peer_conn_t *conn)
{
    char head[4096];

    if (peer_read_request(conn, head) && peer_write(conn, HELLO) && peer_read_request(conn, head) &&
        peer_write(conn, play->answer) && play->stays)
        peer_drain(conn);
}

START_TEST(every_answer_has_its_end)
{
    int is_tls = _i & 1;
    base_err_t *err;

    play = &plays[_i / 2];
    make_either(serve_play, is_tls);
    good("hello"); /* opens; what is timed is the exchange alone */
    if (play->body) {
        good(play->body);
        kept(play->kept);
    } else {
        err = send_within(play->kind == BASE_ERR_TIMEOUT ? 150 : 10000);
        bad(err, play->kind, play->words);
    }
    facts(1, 1, play->begun);
    ck_assert_int_eq(peer_requests(peer), 2);
    done();
}
END_TEST

static int is_bad_news(void *judge, const net_http_response_t *answer)
{
    ck_assert_ptr_eq(judge, &call);
    ck_assert_int_eq(answer->status, 200);
    ck_assert_str_eq(answer->body, "hello");
    return 0;
}

START_TEST(an_unsound_answer_ends_the_connection)
{
    make(serve_hello, NULL);
    request.is_sound = is_bad_news;
    request.judge = &call;
    good("hello");
    kept(0);
    ck_assert_ptr_nonnull(strstr(trail, "closed: the answer is not of this peer's kind"));
    request.is_sound = NULL;
    good("hello");
    facts(0, 1, 1);
    kept(1);
    done();
}
END_TEST

/* --- the machine -------------------------------------------------------------------------------
 */

static void on_alarm(int number)
{
    (void)number;
}

static void serve_late(peer_conn_t *conn)
{
    char head[4096];

    while (peer_read_request(conn, head)) {
        usleep(100000);
        if (!peer_write(conn, HELLO))
            return;
    }
}

START_TEST(signals_do_not_matter)
{
    const struct itimerval often = {{0, 3000}, {0, 3000}}, never = {{0, 0}, {0, 0}};
    struct sigaction action = {.sa_handler = on_alarm};

    make(serve_late, NULL);
    sigaction(SIGALRM, &action, NULL); /* without SA_RESTART */
    setitimer(ITIMER_REAL, &often, NULL);
    good("hello");
    good("hello");
    setitimer(ITIMER_REAL, &never, NULL);
    done();
}
END_TEST

static int count_descriptors(void)
{
    DIR *dir = opendir("/proc/self/fd");
    int count = 0;

    ck_assert_ptr_nonnull(dir);
    while (readdir(dir)) /* NOLINT(concurrency-mt-unsafe) */
        count++;
    closedir(dir);
    return count;
}

/* By number: good, closed before the answer, cut, garbage, reset. */
static void serve_anything(peer_conn_t *conn)
{
    static const char *const answers[] = {HELLO, "", OK "Content-Length: 9\r\n\r\nx",
                                          "garbage\r\n"};
    char head[4096];

    if (!peer_read_request(conn, head))
        return;
    if (conn->number % 5 == 4)
        peer_reset(conn);
    else
        peer_write(conn, answers[conn->number % 5]);
}

START_TEST(nothing_is_left_behind)
{
    int before, i;

    make_either(serve_anything, _i);
    request.fresh = 1;
    for (i = 0; i < 5; i++)
        (void)!send_within(5000);
    usleep(20000);
    before = count_descriptors();
    for (i = 0; i < 100; i++)
        (void)!send_within(5000);
    before += 3 * 8; /* what the pool keeps */
    for (i = 0; i < 1000 && count_descriptors() > before; i++)
        usleep(1000); /* the server's ends */
    ck_assert_int_le(count_descriptors(), before);
    done();
}
END_TEST

static void *exchange_many(void *data)
{
    net_http_request_t mine = request;
    net_http_response_t answer;
    apr_pool_t *pool;
    int i;

    (void)data;
    ck_assert_int_eq(apr_pool_create(&pool, NULL), APR_SUCCESS);
    for (i = 0; i < 100; i++) {
        base_call_t own;
        base_err_t *err;

        base_call_init(&own, 10000000);
        mine.deadline = own.deadline;
        err = net_http_send(&answer, conns, &mine, &own, pool);
        if (err || strcmp(answer.body, "hello") != 0) {
            fprintf(stderr, "%s\n", err ? base_err_format(err, pool) : answer.body);
            abort();
        }
        apr_pool_clear(pool);
    }
    apr_pool_destroy(pool);
    return NULL;
}

START_TEST(many_threads_share_the_connections)
{
    pthread_t threads[12];
    int i;

    make_either(serve_hello, _i);
    for (i = 0; i < 12; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, exchange_many, NULL), 0);
    for (i = 0; i < 12; i++)
        pthread_join(threads[i], NULL);
    ck_assert_int_le(peer_accepted(peer), 8);
    ck_assert_int_eq(peer_requests(peer), 1200);
    done();
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("net/http");
    TCase *tcase = unit_case(suite, "exchange");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(tcase, an_exchange_and_another_over_the_same_connection, 0, 2);
    tcase_add_test(tcase, a_get_has_no_body);
    tcase_add_test(tcase, a_deadline_in_the_past_sends_nothing);
    tcase_add_loop_test(tcase, a_flood_ends_at_the_deadline, 0, 2);
    tcase_add_test(tcase, a_header_that_ends_a_line_is_not_sent);
    tcase_add_loop_test(tcase, large_bodies_both_ways, 0, 2);
    tcase_add_test(tcase, an_unsound_answer_ends_the_connection);
    tcase_add_loop_test(tcase, every_answer_has_its_end, 0, 2 * sizeof(plays) / sizeof(*plays));
    tcase_add_test(tcase, signals_do_not_matter);
    tcase_add_loop_test(tcase, nothing_is_left_behind, 0, 2);
    tcase_add_loop_test(tcase, many_threads_share_the_connections, 0, 2);
    return suite;
}
