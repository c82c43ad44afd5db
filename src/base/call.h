/* SPDX-License-Identifier: Apache-2.0 */
/* One request's budget and trail.
 *
 * Made on the stack by whoever serves a request, passed down by pointer. The
 * deadline and the trace sink go in; attempts, the remote request id and the
 * remote time come out, written only by aws_client. One thread at a time.
 */
#ifndef BASE_CALL_H
#define BASE_CALL_H

#include <pthread.h>

#include <apr_time.h>

/* A sink for trace events; level 1: attempts and exchanges; 2: connections. */
typedef void base_call_trace_fn(void *sink, int level, const char *words);

typedef struct {
    apr_time_t begun;          /* when it was made, on base_call_clock(), not on the wall clock */
    apr_time_t deadline;       /* likewise */
    base_call_trace_fn *trace; /* NULL: nobody listens */
    void *sink;                /* handed to trace */
    int trace_level;           /* the highest level that the sink wants, 0 to 4 */
    int attempts;              /* out: exchanges started */
    char remote_id[80]; /* out: request id of the last answer, "" without one; printable ASCII */
    apr_interval_time_t remote_time; /* out: microseconds spent on exchanges, waits included */
} base_call_t;

/* The monotonic clock in microseconds; its zero means nothing. Any thread. */
apr_time_t base_call_clock(void);

/* A call without a sink whose deadline is budget from now. */
void base_call_init(base_call_t *call, apr_interval_time_t budget);

/* Microseconds until deadline (a point on base_call_clock()), 0 when it has passed. */
apr_interval_time_t base_call_left(apr_time_t deadline);

/* A condition variable whose waits are on the monotonic clock: 1, or 0 when the system refuses. */
int base_call_condition(pthread_cond_t *condition);

/* Wait for such a condition until limit (a point on base_call_clock()), with the lock held: 1 when
 * it was signalled or woke without cause, 0 when the limit has come. */
int base_call_wait(pthread_cond_t *condition, pthread_mutex_t *lock, apr_time_t limit);

/* Emit a trace event; without a sink, or above its level, this costs one test. */
void base_call_trace(const base_call_t *call, int level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
