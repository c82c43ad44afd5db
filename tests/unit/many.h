/* SPDX-License-Identifier: Apache-2.0 */
/* What the threads of a child share, in the hands of sixteen at once. Under ThreadSanitizer, which
 * finds what the clock hides, they take as many turns as it needs; elsewhere a few show that the
 * results are right. */
#ifndef MANY_H
#define MANY_H

#include "unit.h"

#include <pthread.h>

#define MANY_THREADS 16

#if defined(__SANITIZE_THREAD__)
#define MANY_TURNS 100000
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define MANY_TURNS 100000
#endif
#endif
#ifndef MANY_TURNS
#define MANY_TURNS 200
#endif

/* Under ThreadSanitizer these turns take a minute or two. */
#define MANY_SECONDS 300

/* One turn; pool is the thread's own and empty. 1 when all was right. */
typedef int many_turn_fn(void *shared, int thread, int turn, apr_pool_t *pool);

typedef struct {
    pthread_t thread;
    many_turn_fn *take_turn;
    void *shared;
    int number;
    int turns;
    int right;
} many_thread_t;

/* Returns, as a thread of httpd does: the exit that APR offers leaves AddressSanitizer with the
 * marks of frames that are no more. */
static inline void *many_turns(void *data)
{
    many_thread_t *mine = data;
    apr_pool_t *pool;
    int i;

    if (apr_pool_create_unmanaged_ex(&pool, NULL, NULL) != APR_SUCCESS)
        return NULL;
    for (i = 0; i < mine->turns; i++) {
        mine->right += mine->take_turn(mine->shared, mine->number, i, pool);
        apr_pool_clear(pool);
    }
    apr_pool_destroy(pool);
    return NULL;
}

/* All threads take all their turns, and every one was right. */
static inline void many_run(many_turn_fn *take_turn, void *shared, int turns)
{
    many_thread_t threads[MANY_THREADS];
    int i;

    for (i = 0; i < MANY_THREADS; i++) {
        threads[i] =
            (many_thread_t){.take_turn = take_turn, .shared = shared, .number = i, .turns = turns};
        ck_assert_int_eq(pthread_create(&threads[i].thread, NULL, many_turns, &threads[i]), 0);
    }
    for (i = 0; i < MANY_THREADS; i++) {
        ck_assert_int_eq(pthread_join(threads[i].thread, NULL), 0);
        ck_assert_int_eq(threads[i].right, turns);
    }
}

#endif
