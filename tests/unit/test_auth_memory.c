/* SPDX-License-Identifier: Apache-2.0 */
/* What is kept and for how long, what pushes out what, and threads that write over each other: what
 * is found is always a whole entry. */
#include "auth/memory.h"

#include <pthread.h>
#include <string.h>

#include <apr_strings.h>

#include "unit.h"

#define BYTES BASE_DIGEST_BYTES
#define SECOND APR_USEC_PER_SEC

static auth_memory_t *make(void)
{
    return apr_pcalloc(unit_pool, sizeof(auth_memory_t));
}

/* A digest that falls into a set. */
static const unsigned char *sum_of(apr_uint64_t set, apr_uint64_t number)
{
    apr_uint64_t *words = apr_pcalloc(unit_pool, BYTES);

    words[0] = set + AUTH_MEMORY_SETS * number;
    words[3] = number;
    return (const unsigned char *)words;
}

static const char *find(auth_memory_t *memory, const unsigned char *sum, apr_time_t now)
{
    char *user = apr_palloc(unit_pool, AUTH_MEMORY_USER_MAX + 1);

    return auth_memory_find(user, memory, sum, now) ? user : NULL;
}

START_TEST(kept_until_then)
{
    auth_memory_t *memory = make();
    const unsigned char *sum = sum_of(3, 1);

    ck_assert_ptr_null(find(memory, sum, 0));
    ck_assert_ptr_null(find(memory, sum_of(0, 0), 0)); /* the digest of an empty slot */
    ck_assert(auth_memory_keep(memory, sum, "user-1", 10 * SECOND));
    ck_assert_str_eq(find(memory, sum, 1), "user-1");
    ck_assert_str_eq(find(memory, sum, 10 * SECOND - 1), "user-1");
    ck_assert_ptr_null(find(memory, sum, 10 * SECOND));
    ck_assert_ptr_null(find(memory, sum, 11 * SECOND));
    ck_assert(auth_memory_keep(memory, sum, "user-1", 20 * SECOND));
    ck_assert_str_eq(find(memory, sum, 11 * SECOND), "user-1");
}
END_TEST

START_TEST(every_byte_of_the_digest_counts)
{
    auth_memory_t *memory = make();
    unsigned char sum[BYTES];
    int i;

    memset(sum, 0xa5, sizeof(sum));
    ck_assert(auth_memory_keep(memory, sum, "u", SECOND));
    for (i = 0; i < BYTES; i++) {
        sum[i] ^= 1;
        ck_assert_ptr_null(find(memory, sum, 0));
        sum[i] ^= 1;
    }
    ck_assert_str_eq(find(memory, sum, 0), "u");
}
END_TEST

START_TEST(users)
{
    auth_memory_t *memory = make();
    char longest[AUTH_MEMORY_USER_MAX + 2];

    memset(longest, 'x', sizeof(longest));
    longest[AUTH_MEMORY_USER_MAX + 1] = '\0';
    ck_assert(!auth_memory_keep(memory, sum_of(1, 1), longest, SECOND));
    ck_assert(!auth_memory_keep(memory, sum_of(1, 1), "", SECOND));
    ck_assert_ptr_null(find(memory, sum_of(1, 1), 0));
    longest[AUTH_MEMORY_USER_MAX] = '\0';
    ck_assert(auth_memory_keep(memory, sum_of(1, 1), longest, SECOND));
    ck_assert_str_eq(find(memory, sum_of(1, 1), 0), longest);
    /* nothing of the longer one is left */
    ck_assert(auth_memory_keep(memory, sum_of(1, 1), "y", SECOND));
    ck_assert_str_eq(find(memory, sum_of(1, 1), 0), "y");
    ck_assert_ptr_null(memmem(memory, sizeof(*memory), "xx", 2));
}
END_TEST

START_TEST(the_first_to_be_forgotten_goes)
{
    auth_memory_t *memory = make();
    apr_uint64_t i;

    ck_assert(auth_memory_keep(memory, sum_of(8, 1), "neighbour", 1));
    for (i = 1; i <= AUTH_MEMORY_WAYS; i++)
        ck_assert(auth_memory_keep(memory, sum_of(7, i), "u", (apr_time_t)(100 - i)));
    for (i = 1; i <= AUTH_MEMORY_WAYS; i++)
        ck_assert_str_eq(find(memory, sum_of(7, i), 0), "u");
    ck_assert(auth_memory_keep(memory, sum_of(7, 99), "new", 200));
    for (i = 1; i < AUTH_MEMORY_WAYS; i++)
        ck_assert_str_eq(find(memory, sum_of(7, i), 0), "u");
    ck_assert_ptr_null(find(memory, sum_of(7, AUTH_MEMORY_WAYS), 0));
    ck_assert_str_eq(find(memory, sum_of(7, 99), 0), "new");
    /* a flood of one set leaves the others alone */
    for (i = 100; i < 10000; i++)
        ck_assert(auth_memory_keep(memory, sum_of(7, i), "u", (apr_time_t)(200 + i)));
    ck_assert_str_eq(find(memory, sum_of(8, 1), 0), "neighbour");
    ck_assert_str_eq(find(memory, sum_of(7, 9999), 0), "u");
}
END_TEST

START_TEST(a_writer_that_died)
{
    auth_memory_t *memory = make();
    int i;

    ck_assert(auth_memory_keep(memory, sum_of(5, 1), "u", SECOND));
    memory->slots[5][0].version++; /* in the midst of writing */
    ck_assert_ptr_null(find(memory, sum_of(5, 1), 0));
    ck_assert(auth_memory_keep(memory, sum_of(5, 1), "u", SECOND)); /* in the next one */
    ck_assert_str_eq(find(memory, sum_of(5, 1), 0), "u");
    for (i = 1; i < AUTH_MEMORY_WAYS; i++)
        memory->slots[5][i].version |= 1;
    ck_assert(!auth_memory_keep(memory, sum_of(5, 1), "u", SECOND));
    ck_assert_ptr_null(find(memory, sum_of(5, 1), 0));
}
END_TEST

START_TEST(digests_are_bound)
{
    static const struct {
        const char *key, *how, *where, *token;
    } rows[] = {
        {"key-1---------------------------", "how", "where", "token"},
        {"key-2---------------------------", "how", "where", "token"},
        {"key-1---------------------------", "how2", "where", "token"},
        {"key-1---------------------------", "how", "where2", "token"},
        {"key-1---------------------------", "how", "where", "token2"},
        {"key-1---------------------------", "howwhere", "", "token"},
        {"key-1---------------------------", "", "howwhere", "token"},
        {"key-1---------------------------", "how", "", "wheretoken"},
        {"key-1---------------------------", "how", "wheretoken", ""},
    };
    enum { COUNT = sizeof(rows) / sizeof(rows[0]) };
    base_digest_t *digest = base_digest_make(unit_pool);
    unsigned char sums[COUNT][BYTES], again[BYTES];
    int i, j;

    for (i = 0; i < COUNT; i++) {
        const unsigned char *key = (const unsigned char *)rows[i].key;

        ck_assert(
            auth_memory_digest(sums[i], digest, key, rows[i].how, rows[i].where, rows[i].token));
        ck_assert(
            auth_memory_digest(again, digest, key, rows[i].how, rows[i].where, rows[i].token));
        ck_assert_mem_eq(sums[i], again, BYTES);
        for (j = 0; j < i; j++)
            ck_assert(memcmp(sums[i], sums[j], BYTES) != 0);
    }
}
END_TEST

/* --- threads ------------------------------------------------------------------------------------
 * More tokens than a set has places, and each thread keeps and looks for all of them. */

#define THREADS 8
#define ROUNDS 20000
#define TOKENS 12

typedef struct {
    auth_memory_t *memory;
    int found;
    int wrong;
} worker_t;

/* The user of a token: its letter, as often as says its number. */
static void name_of(char user[AUTH_MEMORY_USER_MAX + 1], int token)
{
    int len = 8 * token + 1;

    memset(user, 'a' + token, (size_t)len);
    user[len] = '\0';
}

static void *work(void *data)
{
    worker_t *worker = data;
    int i;

    for (i = 0; i < ROUNDS; i++) {
        int token = i % TOKENS;
        apr_uint64_t words[BYTES / 8] = {(apr_uint64_t)(token + 1) * AUTH_MEMORY_SETS, 0, 0,
                                         (apr_uint64_t)token};
        char user[AUTH_MEMORY_USER_MAX + 1], expected[AUTH_MEMORY_USER_MAX + 1];
        unsigned char sum[BYTES];

        memcpy(sum, words, sizeof(sum));
        name_of(expected, token);
        if (i % 3 == 0)
            auth_memory_keep(worker->memory, sum, expected, (apr_time_t)i + 1000000);
        if (auth_memory_find(user, worker->memory, sum, 1)) {
            worker->found++;
            worker->wrong += strcmp(user, expected) != 0;
        }
    }
    return NULL;
}

START_TEST(threads)
{
    worker_t workers[THREADS];
    pthread_t handles[THREADS];
    auth_memory_t *memory = make();
    int i, found = 0;

    for (i = 0; i < THREADS; i++) {
        workers[i] = (worker_t){memory, 0, 0};
        ck_assert_int_eq(pthread_create(&handles[i], NULL, work, &workers[i]), 0);
    }
    for (i = 0; i < THREADS; i++) {
        pthread_join(handles[i], NULL);
        ck_assert_int_eq(workers[i].wrong, 0);
        found += workers[i].found;
    }
    ck_assert_int_gt(found, 0);
    for (i = 0; i < AUTH_MEMORY_WAYS; i++)
        ck_assert_uint_eq(memory->slots[0][i].version & 1, 0);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("auth/memory");
    TCase *tests = unit_case(suite, "memory");

    tcase_add_test(tests, kept_until_then);
    tcase_add_test(tests, every_byte_of_the_digest_counts);
    tcase_add_test(tests, users);
    tcase_add_test(tests, the_first_to_be_forgotten_goes);
    tcase_add_test(tests, a_writer_that_died);
    tcase_add_test(tests, digests_are_bound);
    tests = unit_case(suite, "threads");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, threads);
    return suite;
}
