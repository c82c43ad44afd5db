/* SPDX-License-Identifier: Apache-2.0 */
/* net/resolve with look-ups of our own: one that counts, fails or hangs as the test says. */
#include "many.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include <apr_strings.h>

#include "base/call.h"
#include "net/resolve.h"

/* What the look-up does; set() begins anew. */
static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    const char *addresses[24];
    int strange; /* entries of a family that is none of the Internet's come first */
    int failure;
    int is_hung;
    int calls;
    int has_open_signal;
} dns = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

static int lookup(const char *host, const char *service, const struct addrinfo *hints,
                  struct addrinfo **addresses)
{
    const struct addrinfo numeric = {.ai_flags = AI_NUMERICHOST, .ai_socktype = SOCK_STREAM};
    struct addrinfo **tail = addresses;
    sigset_t blocked;
    int failure, i;

    (void)hints;
    ck_assert_str_eq(host, "db.test");
    ck_assert_ptr_null(service);
    pthread_sigmask(SIG_SETMASK, NULL, &blocked);
    pthread_mutex_lock(&dns.lock);
    dns.calls++;
    if (!sigismember(&blocked, SIGTERM) || !sigismember(&blocked, SIGHUP))
        dns.has_open_signal = 1;
    pthread_cond_broadcast(&dns.changed);
    while (dns.is_hung)
        pthread_cond_wait(&dns.changed, &dns.lock);
    failure = dns.failure;
    if (failure == EAI_SYSTEM)
        errno = EMFILE;
    for (i = 0; !failure && dns.addresses[i]; i++) {
        ck_assert_int_eq(getaddrinfo(dns.addresses[i], NULL, &numeric, tail), 0);
        if (i < dns.strange)
            (*tail)->ai_family = AF_UNIX;
        tail = &(*tail)->ai_next;
    }
    pthread_mutex_unlock(&dns.lock);
    return failure;
}

static void set(const char *first, const char *second, int failure, int is_hung)
{
    pthread_mutex_lock(&dns.lock);
    memset(dns.addresses, 0, sizeof(dns.addresses));
    dns.addresses[0] = first;
    dns.addresses[1] = second;
    dns.strange = 0;
    dns.failure = failure;
    dns.is_hung = is_hung;
    pthread_cond_broadcast(&dns.changed);
    pthread_mutex_unlock(&dns.lock);
}

static int calls(void)
{
    int count;

    pthread_mutex_lock(&dns.lock);
    count = dns.calls;
    pthread_mutex_unlock(&dns.lock);
    return count;
}

/* A look-up behind our back has begun. */
static void await_calls(int count)
{
    pthread_mutex_lock(&dns.lock);
    while (dns.calls < count)
        pthread_cond_wait(&dns.changed, &dns.lock);
    pthread_mutex_unlock(&dns.lock);
}

static net_resolve_t *make(const char *host, apr_interval_time_t fresh)
{
    net_resolve_t *resolver = net_resolve_make(host, lookup, fresh, 50000);

    dns.calls = 0;
    ck_assert_ptr_nonnull(resolver);
    return resolver;
}

static base_err_t *get(net_resolve_answer_t *answer, net_resolve_t *resolver, int ms)
{
    return net_resolve_get(answer, resolver, base_call_clock() + ms * 1000L, unit_pool);
}

START_TEST(an_address_is_its_own_answer)
{
    static const char *const addresses[] = {"127.0.0.1", "::1", "2001:db8::5"};
    net_resolve_answer_t answer;
    net_resolve_t *resolver;
    apr_size_t i;

    for (i = 0; i < sizeof(addresses) / sizeof(*addresses); i++) {
        resolver = make(addresses[i], 0);
        ck_assert(net_resolve_is_literal(resolver));
        ck_assert_ptr_null(get(&answer, resolver, 0));
        ck_assert_int_eq(answer.count, 1);
        ck_assert_str_eq(answer.address[0], addresses[i]);
        net_resolve_doubt(resolver);
        net_resolve_close(resolver);
    }
    ck_assert_int_eq(calls(), 0);
}
END_TEST

START_TEST(a_name_is_asked_for_once)
{
    net_resolve_t *resolver = make("db.test", 0);
    net_resolve_answer_t answer;
    int i;

    ck_assert(!net_resolve_is_literal(resolver));
    ck_assert_int_eq(calls(), 0);
    set("192.0.2.1", NULL, 0, 0);
    for (i = 0; i < 5; i++) {
        ck_assert_ptr_null(get(&answer, resolver, 5000));
        ck_assert_int_eq(answer.count, 1);
        ck_assert_str_eq(answer.address[0], "192.0.2.1");
    }
    ck_assert_int_eq(calls(), 1);
    ck_assert(!dns.has_open_signal);
    net_resolve_close(resolver);
}
END_TEST

START_TEST(one_address_of_each_family_in_turn)
{
    net_resolve_t *resolver = make("db.test", 0);
    net_resolve_answer_t answer;

    set("2001:db8::1", "192.0.2.1", 0, 0);
    dns.addresses[2] = "192.0.2.2";
    ck_assert_ptr_null(get(&answer, resolver, 5000));
    ck_assert_int_eq(answer.count, 2);
    ck_assert_str_eq(answer.address[0], "2001:db8::1");
    ck_assert_str_eq(answer.address[1], "192.0.2.1");
    ck_assert_ptr_null(get(&answer, resolver, 5000));
    ck_assert_str_eq(answer.address[0], "2001:db8::1");
    ck_assert_str_eq(answer.address[1], "192.0.2.2");
    ck_assert_ptr_null(get(&answer, resolver, 5000));
    ck_assert_str_eq(answer.address[1], "192.0.2.1");
    net_resolve_close(resolver);
}
END_TEST

START_TEST(of_many_addresses_the_first_are_kept)
{
    net_resolve_t *resolver = make("db.test", 0);
    net_resolve_answer_t answer;
    int i, turns = 0;

    set("192.0.2.1", NULL, 0, 0);
    for (i = 1; i < 20; i++)
        dns.addresses[i] = apr_psprintf(unit_pool, "192.0.2.%d", i + 1);
    do {
        ck_assert_ptr_null(get(&answer, resolver, 5000));
        ck_assert_int_eq(answer.count, 1);
        ck_assert_int_lt(++turns, 20);
    } while (turns == 1 || strcmp(answer.address[0], "192.0.2.1") != 0);
    ck_assert_int_eq(turns, 1 + 16);
    net_resolve_close(resolver);
}
END_TEST

START_TEST(families_that_are_none_of_ours_are_passed_over)
{
    net_resolve_t *resolver = make("db.test", 0);
    net_resolve_answer_t answer;

    set("192.0.2.1", "192.0.2.2", 0, 0);
    dns.strange = 1;
    ck_assert_ptr_null(get(&answer, resolver, 5000));
    ck_assert_int_eq(answer.count, 1);
    ck_assert_str_eq(answer.address[0], "192.0.2.2");
    net_resolve_close(resolver);
    resolver = make("db.test", 0);
    set("192.0.2.1", "192.0.2.2", 0, 0);
    dns.strange = 2;
    ck_assert_ptr_nonnull(get(&answer, resolver, 5000));
    net_resolve_close(resolver);
}
END_TEST

static base_err_t *failed(net_resolve_t *resolver, int failure)
{
    net_resolve_answer_t answer;
    base_err_t *err;

    set(NULL, NULL, failure, 0);
    err = get(&answer, resolver, 5000);
    ck_assert_ptr_nonnull(err);
    ck_assert_int_eq(err->kind, BASE_ERR_UNAVAILABLE);
    return err;
}

/* Why the system failed stands in errno of the thread that asked it. */
START_TEST(a_failure_of_the_system_keeps_its_number)
{
    net_resolve_t *resolver = make("db.test", 0);

    ck_assert_int_eq(failed(resolver, EAI_SYSTEM)->status, EMFILE);
    net_resolve_close(resolver);
}
END_TEST

START_TEST(a_failure_is_told_and_remembered)
{
    net_resolve_t *resolver = make("db.test", 0);
    net_resolve_answer_t answer;
    base_err_t *err = failed(resolver, EAI_NONAME);

    ck_assert_ptr_nonnull(strstr(err->words, "DNS"));
    ck_assert_ptr_nonnull(strstr(err->words, "db.test"));
    ck_assert_ptr_nonnull(get(&answer, resolver, 5000));
    ck_assert_int_eq(calls(), 1);
    set("192.0.2.1", NULL, 0, 0);
    usleep(60 * 1000);
    ck_assert_ptr_null(get(&answer, resolver, 5000));
    ck_assert_int_eq(calls(), 2);
    net_resolve_close(resolver);
}
END_TEST

START_TEST(no_address_is_a_failure)
{
    net_resolve_t *resolver = make("db.test", 0);
    net_resolve_answer_t answer;

    set(NULL, NULL, 0, 0);
    ck_assert_ptr_nonnull(get(&answer, resolver, 5000));
    net_resolve_close(resolver);
}
END_TEST

START_TEST(a_silent_dns_holds_nobody_beyond_the_deadline)
{
    net_resolve_t *resolver = make("db.test", 0);
    net_resolve_answer_t answer;
    base_err_t *err;
    int i;

    set("192.0.2.1", NULL, 0, 1);
    for (i = 0; i < 3; i++) {
        err = get(&answer, resolver, 50);
        ck_assert_ptr_nonnull(err);
        ck_assert_int_eq(err->kind, BASE_ERR_TIMEOUT);
        ck_assert_ptr_nonnull(strstr(err->words, "timeout"));
    }
    ck_assert_int_eq(calls(), 1); /* one thread hangs, not three */
    set("192.0.2.1", NULL, 0, 0);
    ck_assert_ptr_null(get(&answer, resolver, 5000));
    net_resolve_close(resolver);
}
END_TEST

START_TEST(stale_answers_serve_while_dns_is_away)
{
    net_resolve_t *resolver = make("db.test", 1000);
    net_resolve_answer_t answer;

    set("192.0.2.1", NULL, 0, 0);
    ck_assert_ptr_null(get(&answer, resolver, 5000));
    set("192.0.2.2", NULL, 0, 1); /* hangs */
    usleep(5000);
    ck_assert_ptr_null(get(&answer, resolver, 0));
    ck_assert_str_eq(answer.address[0], "192.0.2.1");
    await_calls(2);
    ck_assert_ptr_null(get(&answer, resolver, 0));
    ck_assert_int_eq(calls(), 2);
    set(NULL, NULL, EAI_AGAIN, 0); /* fails */
    usleep(20000);
    ck_assert_ptr_null(get(&answer, resolver, 0));
    ck_assert_str_eq(answer.address[0], "192.0.2.1");
    set("192.0.2.2", NULL, 0, 0); /* is back, asked again some time after the failure */
    usleep(60 * 1000);
    ck_assert_ptr_null(get(&answer, resolver, 0));
    await_calls(3);
    do {
        usleep(1000);
        ck_assert_ptr_null(get(&answer, resolver, 0));
    } while (strcmp(answer.address[0], "192.0.2.2") != 0);
    net_resolve_close(resolver);
}
END_TEST

START_TEST(doubts_ask_again_once_in_a_while)
{
    net_resolve_t *resolver = make("db.test", 0);
    net_resolve_answer_t answer;
    int i;

    set("192.0.2.1", NULL, 0, 0);
    for (i = 0; i < 5; i++) {
        ck_assert_ptr_null(get(&answer, resolver, 5000));
        net_resolve_doubt(resolver);
    }
    ck_assert_int_eq(calls(), 1);
    usleep(60 * 1000);
    ck_assert_ptr_null(get(&answer, resolver, 5000));
    await_calls(2);
    net_resolve_close(resolver);
    ck_assert_int_eq(calls(), 2);
}
END_TEST

static void *ask(void *resolver)
{
    net_resolve_answer_t answer;

    ck_assert_ptr_null(net_resolve_get(&answer, resolver, base_call_clock() + 5000000, unit_pool));
    return NULL;
}

START_TEST(many_ask_at_once)
{
    net_resolve_t *resolver = make("db.test", 0);
    pthread_t threads[8];
    int i;

    set("192.0.2.1", NULL, 0, 1);
    for (i = 0; i < 8; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, ask, resolver), 0);
    await_calls(1);
    usleep(20000);
    set("192.0.2.1", NULL, 0, 0);
    for (i = 0; i < 8; i++)
        pthread_join(threads[i], NULL);
    ck_assert_int_eq(calls(), 1);
    net_resolve_close(resolver);
}
END_TEST

static int get_turn(void *resolver, int thread, int turn, apr_pool_t *pool)
{
    net_resolve_answer_t answer;
    base_err_t *err = net_resolve_get(&answer, resolver, base_call_clock() + 60000000, pool);

    if (turn % 1000 == thread)
        net_resolve_doubt(resolver);
    return !err && answer.count == 2 && strncmp(answer.address[0], "2001:db8::", 10) == 0 &&
           strncmp(answer.address[1], "192.0.2.", 8) == 0;
}

/* While the answer is renewed again and again. */
START_TEST(many_threads_get_whole_addresses)
{
    net_resolve_t *resolver = make("db.test", 1000);

    set("2001:db8::1", "192.0.2.1", 0, 0);
    dns.addresses[2] = "192.0.2.22";
    dns.addresses[3] = "2001:db8::2:2";
    do { /* on a busy machine the resolver's own thread may not have had its turn */
        many_run(get_turn, resolver, MANY_TURNS);
    } while (calls() == 1);
    net_resolve_close(resolver);
}
END_TEST

START_TEST(the_system_is_asked)
{
    net_resolve_t *resolver = net_resolve_make("localhost", NULL, 0, 0);
    net_resolve_answer_t answer;

    ck_assert_ptr_null(get(&answer, resolver, 10000));
    ck_assert_int_ge(answer.count, 1);
    net_resolve_close(resolver);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("net/resolve");
    TCase *tcase = unit_case(suite, "resolve");

    tcase_add_test(tcase, an_address_is_its_own_answer);
    tcase_add_test(tcase, a_name_is_asked_for_once);
    tcase_add_test(tcase, one_address_of_each_family_in_turn);
    tcase_add_test(tcase, of_many_addresses_the_first_are_kept);
    tcase_add_test(tcase, families_that_are_none_of_ours_are_passed_over);
    tcase_add_test(tcase, a_failure_of_the_system_keeps_its_number);
    tcase_add_test(tcase, a_failure_is_told_and_remembered);
    tcase_add_test(tcase, no_address_is_a_failure);
    tcase_add_test(tcase, a_silent_dns_holds_nobody_beyond_the_deadline);
    tcase_add_test(tcase, stale_answers_serve_while_dns_is_away);
    tcase_add_test(tcase, doubts_ask_again_once_in_a_while);
    tcase_add_test(tcase, many_ask_at_once);
    tcase_add_test(tcase, the_system_is_asked);
    tcase = unit_case(suite, "threads");
    tcase_set_timeout(tcase, MANY_SECONDS);
    tcase_add_test(tcase, many_threads_get_whole_addresses);
    return suite;
}
