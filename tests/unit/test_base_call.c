/* SPDX-License-Identifier: Apache-2.0 */
/* A request's budget and trail: the clock, what is left, which trace events reach the sink. */
#include "unit.h"

#include "base/call.h"

#include <string.h>
#include <time.h>

#include <apr_strings.h>

typedef struct {
    int events;
    int level;
    char words[2048];
} heard_t;

static void hear(void *sink, int level, const char *words)
{
    heard_t *heard = sink;

    heard->events++;
    heard->level = level;
    apr_cpystrn(heard->words, words, sizeof heard->words);
}

static base_call_t listening(heard_t *heard, int level)
{
    base_call_t call;

    base_call_init(&call, apr_time_from_sec(1));
    memset(heard, 0, sizeof *heard);
    call.trace = hear;
    call.sink = heard;
    call.trace_level = level;
    return call;
}

START_TEST(the_clock_is_the_monotonic_one_in_microseconds)
{
    struct timespec before, after;
    apr_time_t now;

    clock_gettime(CLOCK_MONOTONIC, &before);
    now = base_call_clock();
    clock_gettime(CLOCK_MONOTONIC, &after);
    ck_assert_int_ge(now, before.tv_sec * 1000000 + before.tv_nsec / 1000);
    ck_assert_int_le(now, after.tv_sec * 1000000 + after.tv_nsec / 1000);
}
END_TEST

START_TEST(init_makes_a_silent_call_with_its_budget)
{
    base_call_t call;
    apr_time_t before = base_call_clock();

    memset(&call, 0x5A, sizeof call);
    base_call_init(&call, 250000);
    ck_assert_int_ge(call.deadline, before + 250000);
    ck_assert_int_le(call.deadline, base_call_clock() + 250000);
    ck_assert(!call.trace);
    ck_assert_ptr_null(call.sink);
    ck_assert_int_eq(call.trace_level, 0);
    ck_assert_int_eq(call.attempts, 0);
    ck_assert_str_eq(call.remote_id, "");
    ck_assert_int_eq(call.remote_time, 0);
}
END_TEST

START_TEST(left_counts_down_to_zero_and_stays_there)
{
    apr_time_t now = base_call_clock();

    ck_assert_int_gt(base_call_left(now + apr_time_from_sec(10)), apr_time_from_sec(9));
    ck_assert_int_le(base_call_left(now + apr_time_from_sec(10)), apr_time_from_sec(10));
    ck_assert_int_eq(base_call_left(now), 0);
    ck_assert_int_eq(base_call_left(now - apr_time_from_sec(10)), 0);
}
END_TEST

/* A limit that has passed, and one that passes: each is told, and a wait never ends before it. */
START_TEST(a_wait_ends_at_its_limit)
{
    pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    pthread_cond_t never;
    apr_time_t limit = base_call_clock() + 20000;

    ck_assert(base_call_condition(&never));
    pthread_mutex_lock(&lock);
    ck_assert(!base_call_wait(&never, &lock, base_call_clock() - 1));
    while (base_call_wait(&never, &lock, limit))
        ; /* woke without cause */
    ck_assert_int_ge(base_call_clock(), limit);
    pthread_mutex_unlock(&lock);
    pthread_cond_destroy(&never);
}
END_TEST

typedef struct {
    pthread_mutex_t lock;
    pthread_cond_t soon;
} meeting_t;

static void *signal_under_the_lock(void *data)
{
    meeting_t *meeting = data;

    pthread_mutex_lock(&meeting->lock); /* had only once the other one waits */
    pthread_cond_signal(&meeting->soon);
    pthread_mutex_unlock(&meeting->lock);
    return NULL;
}

START_TEST(a_signal_ends_a_wait)
{
    meeting_t meeting = {.lock = PTHREAD_MUTEX_INITIALIZER};
    pthread_t thread;

    ck_assert(base_call_condition(&meeting.soon));
    pthread_mutex_lock(&meeting.lock);
    ck_assert_int_eq(pthread_create(&thread, NULL, signal_under_the_lock, &meeting), 0);
    ck_assert(base_call_wait(&meeting.soon, &meeting.lock, base_call_clock() + 30000000));
    pthread_mutex_unlock(&meeting.lock);
    pthread_join(thread, NULL);
    pthread_cond_destroy(&meeting.soon);
}
END_TEST

START_TEST(trace_reaches_the_sink_up_to_its_level)
{
    heard_t heard;
    base_call_t call = listening(&heard, 2);

    base_call_trace(&call, 3, "bytes");
    ck_assert_int_eq(heard.events, 0);
    base_call_trace(&call, 2, "attempt %d in %s", 2, "40 ms");
    ck_assert_int_eq(heard.events, 1);
    ck_assert_int_eq(heard.level, 2);
    ck_assert_str_eq(heard.words, "attempt 2 in 40 ms");
    base_call_trace(&call, 1, "exchange");
    ck_assert_int_eq(heard.events, 2);
}
END_TEST

START_TEST(trace_without_a_sink_is_nothing)
{
    base_call_t call;

    base_call_init(&call, 0);
    call.trace_level = 4;
    base_call_trace(&call, 1, "nobody listens");
    ck_assert_int_eq(call.attempts, 0);
}
END_TEST

START_TEST(long_words_are_cut_not_overrun)
{
    heard_t heard;
    base_call_t call = listening(&heard, 4);
    char *words = apr_pcalloc(unit_pool, 5001);

    memset(words, 'w', 5000);
    base_call_trace(&call, 4, "%s", words);
    ck_assert_int_eq(heard.events, 1);
    ck_assert_uint_eq(strlen(heard.words), 1023);
    ck_assert_int_eq(strncmp(heard.words, words, 1023), 0);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("base/call");
    TCase *tcase = unit_case(suite, "budget");

    tcase_add_test(tcase, the_clock_is_the_monotonic_one_in_microseconds);
    tcase_add_test(tcase, init_makes_a_silent_call_with_its_budget);
    tcase_add_test(tcase, left_counts_down_to_zero_and_stays_there);
    tcase_add_test(tcase, a_wait_ends_at_its_limit);
    tcase_add_test(tcase, a_signal_ends_a_wait);
    tcase = unit_case(suite, "trail");
    tcase_add_test(tcase, trace_reaches_the_sink_up_to_its_level);
    tcase_add_test(tcase, trace_without_a_sink_is_nothing);
    tcase_add_test(tcase, long_words_are_cut_not_overrun);
    return suite;
}
