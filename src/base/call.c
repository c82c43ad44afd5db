/* SPDX-License-Identifier: Apache-2.0 */
/* One request's budget and trail. Deadlines live on CLOCK_MONOTONIC (POSIX clock_gettime), so that
 * a step of the wall clock neither ends a wait early nor makes it endless. */
#include "base/call.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>

#include <apr_strings.h>

apr_time_t base_call_clock(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now); /* cannot fail: the clock exists, the pointer is good */
    return apr_time_from_sec(now.tv_sec) + now.tv_nsec / 1000;
}

void base_call_init(base_call_t *call, apr_interval_time_t budget)
{
    memset(call, 0, sizeof *call);
    call->begun = base_call_clock();
    call->deadline = call->begun + budget;
}

apr_interval_time_t base_call_left(apr_time_t deadline)
{
    apr_interval_time_t left = deadline - base_call_clock();

    return left > 0 ? left : 0;
}

int base_call_condition(pthread_cond_t *condition)
{
    pthread_condattr_t attr;
    int failed;

    if (pthread_condattr_init(&attr))
        return 0;
    failed =
        pthread_condattr_setclock(&attr, CLOCK_MONOTONIC) || pthread_cond_init(condition, &attr);
    pthread_condattr_destroy(&attr);
    return !failed;
}

int base_call_wait(pthread_cond_t *condition, pthread_mutex_t *lock, apr_time_t limit)
{
    struct timespec until;

    if (base_call_left(limit) <= 0)
        return 0;
    until.tv_sec = (time_t)apr_time_sec(limit);
    until.tv_nsec = (long)apr_time_usec(limit) * 1000;
    return pthread_cond_timedwait(condition, lock, &until) != ETIMEDOUT;
}

/* Apart from the test, which most calls end with: this needs room. */
static void __attribute__((format(printf, 3, 0), noinline))
emit(const base_call_t *call, int level, const char *format, va_list args)
{
    char words[1024]; /* longer words are cut: a trace line, not a record */

    apr_vsnprintf(words, sizeof words, format, args);
    call->trace(call->sink, level, words);
}

void base_call_trace(const base_call_t *call, int level, const char *format, ...)
{
    va_list args;

    if (!call->trace || level > call->trace_level)
        return;
    va_start(args, format);
    emit(call, level, format, args);
    va_end(args);
}
