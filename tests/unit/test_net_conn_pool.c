/* SPDX-License-Identifier: Apache-2.0 */
/* net/conn_pool: which connection is lent, when one is closed, and that no slot is ever lost. */
#include "many.h"
#include "peer.h"

#include <poll.h>
#include <sched.h>
#include <sys/wait.h>

#include "net/conn.h"

static net_conn_pool_t *conns;
static peer_t *peer;
static base_call_t call;

/* The trace, in one text. */
static char trail[65536];

static void trace(void *sink, int level, const char *words)
{
    size_t len = strlen(trail);

    (void)sink;
    if (level == 2)
        snprintf(trail + len, sizeof(trail) - len, "%s\n", words);
}

static void setup(void)
{
    ck_assert_ptr_null(net_conn_start(unit_pool));
    base_call_init(&call, 10000000);
    call.trace = trace;
    call.trace_level = 4;
    trail[0] = '\0';
}

static void teardown(void)
{
    net_conn_stop();
}

static int connect_ms = 1000, deadline_ms = 5000;

static void make(peer_script_fn *script, int connection_max, int idle_ms, int age_ms)
{
    net_conn_options_t options = {.host = "127.0.0.1",
                                  .connection_max = connection_max,
                                  .connect_timeout = connect_ms * 1000L,
                                  .idle_max = idle_ms * 1000L,
                                  .age_max = age_ms * 1000L};

    peer = peer_start(script, NULL);
    options.port = peer->port;
    ck_assert_ptr_null(net_conn_pool_make(&conns, &options, unit_pool));
}

static void done(void)
{
    net_conn_pool_close(conns);
    peer_stop(peer);
}

static base_err_t *take(net_conn_t **conn, int fresh)
{
    const net_conn_pool_want_t want = {.deadline = base_call_clock() + deadline_ms * 1000L,
                                       .fresh = fresh};

    return net_conn_pool_take(conn, conns, &want, &call, unit_pool);
}

static net_conn_t *take_good(int fresh)
{
    net_conn_t *conn;
    base_err_t *err = take(&conn, fresh);

    ck_assert_msg(!err, "%s", err ? err->words : "");
    ck_assert_ptr_nonnull(conn);
    return conn;
}

static void put(net_conn_t *conn, const char *why)
{
    net_conn_pool_put(conns, conn, why, &call);
}

static void counts(int taken, int kept)
{
    int now_taken, now_kept;

    net_conn_pool_count(conns, &now_taken, &now_kept);
    ck_assert_int_eq(now_taken, taken);
    ck_assert_int_eq(now_kept, kept);
}

/* connect() returns before accept() does. */
static void await_accepted(int count)
{
    int i;

    for (i = 0; i < 5000 && peer_accepted(peer) < count; i++)
        usleep(1000);
    ck_assert_int_eq(peer_accepted(peer), count);
}

START_TEST(the_last_put_is_the_first_taken)
{
    net_conn_t *a, *b;

    make(peer_drain, 3, 0, 0);
    a = take_good(0);
    b = take_good(0);
    ck_assert(!a->is_reused && !b->is_reused);
    counts(2, 0);
    put(a, NULL);
    put(b, NULL);
    counts(0, 2);
    ck_assert_ptr_eq(take_good(0), b);
    ck_assert(b->is_reused);
    ck_assert_ptr_eq(take_good(0), a);
    await_accepted(2);
    put(a, "the test says so");
    put(b, NULL);
    counts(0, 1);
    ck_assert_ptr_nonnull(strstr(trail, "closed: the test says so"));
    ck_assert_ptr_nonnull(strstr(trail, "opened"));
    ck_assert_ptr_nonnull(strstr(trail, "kept"));
    done();
}
END_TEST

START_TEST(a_full_pool_refuses_after_a_while)
{
    net_conn_t *conn, *none;
    base_err_t *err;

    make(peer_drain, 1, 0, 0);
    conn = take_good(0);
    err = take(&none, _i);
    ck_assert_ptr_nonnull(err);
    ck_assert_ptr_null(none);
    ck_assert_int_eq(err->kind, BASE_ERR_UNAVAILABLE);
    ck_assert_ptr_nonnull(strstr(err->words, "no free connection to 127.0.0.1:"));
    counts(1, 0);
    put(conn, NULL);
    put(take_good(0), NULL);
    counts(0, 1);
    done();
}
END_TEST

START_TEST(a_full_pool_refuses_at_the_deadline)
{
    net_conn_t *conn, *none;
    apr_time_t start;

    connect_ms = 4000;
    make(peer_drain, 1, 0, 0);
    connect_ms = 1000;
    conn = take_good(0);
    deadline_ms = 50;
    start = base_call_clock();
    ck_assert_ptr_nonnull(take(&none, 0));
    ck_assert_int_lt(base_call_clock() - start, 3000000);
    deadline_ms = 5000;
    put(conn, NULL);
    done();
}
END_TEST

static void *put_later(void *conn)
{
    usleep(20000);
    put(conn, NULL);
    return NULL;
}

START_TEST(who_waits_gets_what_is_put)
{
    pthread_t thread;
    net_conn_t *conn;
    apr_time_t start;

    connect_ms = 4000;
    make(peer_drain, 1, 0, 0);
    connect_ms = 1000;
    conn = take_good(0);
    start = base_call_clock();
    ck_assert_int_eq(pthread_create(&thread, NULL, put_later, conn), 0);
    ck_assert_ptr_eq(take_good(0), conn);
    ck_assert_int_lt(base_call_clock() - start, 3000000); /* woken, not timed out */
    pthread_join(thread, NULL);
    put(conn, NULL);
    done();
}
END_TEST

START_TEST(a_fresh_one_makes_room)
{
    net_conn_t *a, *b, *c;

    make(peer_drain, 2, 0, 0);
    a = take_good(0);
    put(a, NULL);
    b = take_good(1); /* room is left: a stays */
    ck_assert_ptr_ne(a, b);
    ck_assert(!b->is_reused);
    put(b, NULL);
    counts(0, 2);
    c = take_good(1); /* no room: a, unused longest, goes */
    ck_assert_ptr_eq(c, a);
    ck_assert(!c->is_reused);
    counts(1, 1);
    await_accepted(3);
    put(c, NULL);
    counts(0, 2);
    done();
}
END_TEST

START_TEST(unused_for_too_long_is_closed)
{
    net_conn_t *a, *b, *c;

    make(peer_drain, 4, 30, 0);
    a = take_good(0);
    b = take_good(0);
    c = take_good(0);
    put(a, NULL);
    put(b, NULL);
    counts(1, 2);
    usleep(40000);
    put(c, NULL); /* sweeps the others away */
    counts(0, 1);
    usleep(40000);
    ck_assert(!take_good(0)->is_reused);
    await_accepted(4);
    counts(1, 0);
    put(c, "end");
    done();
}
END_TEST

START_TEST(too_old_is_closed)
{
    net_conn_t *conn;
    int i;

    make(peer_drain, 1, 0, 50);
    for (i = 0; i < 7; i++) {
        conn = take_good(0);
        usleep(20000);
        put(conn, NULL);
    }
    ck_assert_int_ge(peer_accepted(peer), 2);
    ck_assert_ptr_nonnull(strstr(trail, "too old"));
    done();
}
END_TEST

static void close_when_told(peer_conn_t *peer_conn)
{
    char byte;

    (void)!peer_read(peer_conn, &byte, 1);
}

START_TEST(dead_ones_are_passed_over)
{
    net_conn_t *dead[3];
    apr_size_t sent;
    int i;

    make(close_when_told, 3, 0, 0);
    for (i = 0; i < 3; i++)
        dead[i] = take_good(0);
    for (i = 0; i < 3; i++)
        ck_assert_int_eq(net_conn_send(&sent, dead[i], "x", 1), NET_CONN_OK);
    for (i = 0; i < 3; i++) {
        ck_assert_int_gt(net_conn_wait(dead[i], POLLIN | POLLRDHUP, base_call_clock() + 5000000),
                         0);
        put(dead[i], NULL);
    }
    counts(0, 3);
    put(take_good(0), "end");
    counts(0, 0);
    ck_assert_ptr_nonnull(strstr(trail, "closed by the peer"));
    await_accepted(4);
    done();
}
END_TEST

START_TEST(a_failed_opening_loses_no_slot)
{
    net_conn_t *conn;
    int i;

    make(peer_drain, 2, 0, 0);
    peer_stop(peer);
    for (i = 0; i < 20; i++) {
        base_err_t *err = take(&conn, i & 1);

        ck_assert_ptr_nonnull(err);
        ck_assert_int_eq(err->kind, BASE_ERR_UNAVAILABLE);
        counts(0, 0);
    }
    net_conn_pool_close(conns);
}
END_TEST

/* Speaks in the thread that accepts, for the sake of speed. */
static void *speak_first(void *listener)
{
    static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
    int accepted;

    while ((accepted = accept(*(int *)listener, NULL, NULL)) >= 0) {
        (void)!send(accepted, answer, sizeof(answer) - 1, MSG_NOSIGNAL);
        (void)!recv(accepted, (char[1]){0}, 1, 0); /* until we have closed */
        close(accepted);
    }
    return NULL;
}

/* Who is faster, that thread or we, is for the scheduler to say: until it was the thread. */
START_TEST(an_answer_before_the_request_is_refused)
{
    net_conn_options_t options = {
        .host = "127.0.0.1", .connection_max = 1, .connect_timeout = 5000000};
    int listener = peer_listen(&options.port, 64), i;
    net_conn_t *conn = NULL;
    base_err_t *err = NULL;
    pthread_t thread;

    ck_assert_int_eq(pthread_create(&thread, NULL, speak_first, &listener), 0);
    ck_assert_ptr_null(net_conn_pool_make(&conns, &options, unit_pool));
    for (i = 0; i < 10000 && !err; i++) {
        err = take(&conn, 1);
        if (!err)
            put(conn, "another try");
        counts(0, 0);
    }
    ck_assert_ptr_nonnull(err);
    ck_assert_int_eq(err->kind, BASE_ERR_UNAVAILABLE);
    ck_assert_ptr_nonnull(strstr(err->words, "bytes that nobody asked for"));
    net_conn_pool_close(conns);
    shutdown(listener, SHUT_RDWR);
    pthread_join(thread, NULL);
    close(listener);
}
END_TEST

START_TEST(another_process_is_refused)
{
    net_conn_t *conn;
    int status;
    pid_t child;

    make(peer_drain, 1, 0, 0);
    put(take_good(0), NULL);
    child = fork();
    if (child == 0)
        _exit(take(&conn, 0) ? 0 : 1);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    put(take_good(0), NULL);
    await_accepted(1);
    done();
}
END_TEST

#define THREADS 8
#define TURNS 50

static void *take_and_put(void *data)
{
    const net_conn_pool_want_t want = {.deadline = base_call_clock() + 30000000};
    unsigned seed = (unsigned)(size_t)data;
    base_call_t mine;
    apr_pool_t *pool;
    net_conn_t *conn;
    int i;

    base_call_init(&mine, 30000000);
    ck_assert_int_eq(apr_pool_create(&pool, NULL), APR_SUCCESS);
    for (i = 0; i < TURNS; i++) {
        net_conn_pool_want_t now = want;

        now.fresh = rand_r(&seed) % 4 == 0;
        if (net_conn_pool_take(&conn, conns, &now, &mine, pool))
            continue; /* a full pool */
        if (conn->buffer[0] == 'x')
            abort(); /* somebody else's */
        conn->buffer[0] = 'x';
        usleep((useconds_t)rand_r(&seed) % 200);
        conn->buffer[0] = '\0';
        net_conn_pool_put(conns, conn, rand_r(&seed) % 8 ? NULL : "at random", &mine);
    }
    apr_pool_destroy(pool);
    return NULL;
}

START_TEST(many_threads_lose_no_slot)
{
    pthread_t threads[THREADS];
    net_conn_t *all[3];
    int taken, kept;
    size_t i;

    make(peer_drain, 3, 0, 0);
    for (i = 0; i < 3; i++) {
        all[i] = take_good(0);
        all[i]->buffer[0] = '\0';
    }
    for (i = 0; i < 3; i++)
        put(all[i], NULL);
    for (i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, take_and_put, (void *)(i + 1)), 0);
    for (i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    net_conn_pool_count(conns, &taken, &kept);
    ck_assert_int_eq(taken, 0);
    ck_assert_int_le(kept, 3);
    put(take_good(0), NULL);
    put(take_good(1), NULL);
    done();
}
END_TEST

/* The taker of each connection: the number of the thread, 0 when nobody has it. */
static int takers[MANY_THREADS];

static int take_turn(void *unused, int thread, int turn, apr_pool_t *pool)
{
    /* Sixty-four times in all a new one is wanted, as often a kept one is put back as broken.
     */
    const int when = turn % (MANY_TURNS / 4), mine_at = MANY_TURNS / 100 * thread;
    const net_conn_pool_want_t want = {.deadline = base_call_clock() + 60000000,
                                       .fresh = when == mine_at};
    const char *why = when == mine_at + 1 ? "as if broken" : NULL;
    net_conn_t *lent;
    base_call_t mine;
    int *taker, right;

    (void)unused;
    base_call_init(&mine, 60000000);
    if (net_conn_pool_take(&lent, conns, &want, &mine, pool))
        return 0;
    memcpy(&taker, lent->buffer, sizeof(taker));
    right = *taker == 0;
    *taker = thread + 1;
    if (turn % 64 == 0)
        sched_yield();
    right = right && *taker == thread + 1;
    *taker = 0;
    if (when == mine_at + 2)
        shutdown(lent->socket, SHUT_RDWR);
    net_conn_pool_put(conns, lent, why, &mine);
    return right;
}

/* Half as many slots as threads: most find one at once, some wait. What a connection's taker
 * writes needs no lock of its own, which is what ThreadSanitizer judges here. */
START_TEST(each_has_a_connection_alone)
{
    net_conn_t *all[MANY_THREADS / 2];
    int taken, kept, i;

    connect_ms = 60000; /* how long who waits for a slot waits, too */
    make(peer_drain, MANY_THREADS / 2, 0, 0);
    for (i = 0; i < MANY_THREADS / 2; i++) {
        int *taker = &takers[i];

        all[i] = take_good(0);
        memcpy(all[i]->buffer, &taker, sizeof(taker));
    }
    for (i = 0; i < MANY_THREADS / 2; i++)
        put(all[i], NULL);
    many_run(take_turn, NULL, MANY_TURNS);
    net_conn_pool_count(conns, &taken, &kept);
    ck_assert_int_eq(taken, 0);
    ck_assert_int_le(kept, MANY_THREADS / 2);
    done();
}
END_TEST

START_TEST(options_are_judged)
{
    net_conn_options_t options = {.host = "::1", .port = 80, .connection_max = 0};
    base_err_t *err = net_conn_pool_make(&conns, &options, unit_pool);

    ck_assert_ptr_nonnull(err);
    ck_assert_int_eq(err->kind, BASE_ERR_INVALID);
    options.connection_max = 1;
    options.tls = 1;
    options.ca_file = "/no/such/file";
    err = net_conn_pool_make(&conns, &options, unit_pool);
    ck_assert_ptr_nonnull(err);
    ck_assert_int_eq(err->kind, BASE_ERR_INVALID);
    ck_assert_ptr_null(conns);
    options.tls = 0;
    ck_assert_ptr_null(net_conn_pool_make(&conns, &options, unit_pool));
    ck_assert_str_eq(net_conn_pool_name(conns), "[::1]:80");
    net_conn_pool_close(conns);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("net/conn_pool");
    TCase *tcase = unit_case(suite, "pool");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, the_last_put_is_the_first_taken);
    tcase_add_loop_test(tcase, a_full_pool_refuses_after_a_while, 0, 2);
    tcase_add_test(tcase, a_full_pool_refuses_at_the_deadline);
    tcase_add_test(tcase, who_waits_gets_what_is_put);
    tcase_add_test(tcase, a_fresh_one_makes_room);
    tcase_add_test(tcase, unused_for_too_long_is_closed);
    tcase_add_test(tcase, too_old_is_closed);
    tcase_add_test(tcase, dead_ones_are_passed_over);
    tcase_add_test(tcase, a_failed_opening_loses_no_slot);
    tcase_add_test(tcase, an_answer_before_the_request_is_refused);
    tcase_add_test(tcase, another_process_is_refused);
    tcase_add_test(tcase, many_threads_lose_no_slot);
    tcase_add_test(tcase, options_are_judged);
    tcase = unit_case(suite, "threads");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_set_timeout(tcase, MANY_SECONDS);
    tcase_add_test(tcase, each_has_a_connection_alone);
    return suite;
}
