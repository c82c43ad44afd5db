/* SPDX-License-Identifier: Apache-2.0 */
/* net/body: what is put in stands in it, in the pool or mapped; a mapping ends when it is told to,
 * with its pool at the latest, and costs what was written to it. */
#include "net/body.h"

#include <string.h>
#include <sys/mman.h>

#include "unit.h"

#define KB ((apr_size_t)1024)
#define MB (1024 * KB)
#define PAGE ((apr_size_t)4096)

/* How much to put in, in pieces, and whether that is to be a mapping. */
static const struct {
    apr_size_t hint, max, len, piece;
    int is_mapped;
} sizes[] = {
    {0, 0, 0, 1, 0},
    {10, 10, 10, 3, 0},
    {10, 100, 100, 7, 0},
    {0, 256 * KB, 100 * KB, 16 * KB, 0},
    {255 * KB, 255 * KB, 255 * KB, 16 * KB, 0},
    {256 * KB, 256 * KB, 256 * KB, 16 * KB, 1},
    {1, 8 * MB, 3 * MB, 16 * KB, 1},
    {8 * MB, 8 * MB, 8 * MB, 16 * KB, 1},
    {64 * KB, 4 * MB, 4 * MB, 64 * KB, 1},
    {99 * MB, MB, MB, 1 * MB, 1},
};

START_TEST(what_is_put_is_there)
{
    apr_size_t pos = 0, i;
    net_body_t body;
    char *piece = apr_palloc(unit_pool, sizes[_i].piece);

    net_body_init(&body, sizes[_i].hint, sizes[_i].max, unit_pool);
    ck_assert_str_eq(body.data, "");
    while (pos < sizes[_i].len) {
        apr_size_t len =
            sizes[_i].len - pos < sizes[_i].piece ? sizes[_i].len - pos : sizes[_i].piece;

        for (i = 0; i < len; i++)
            piece[i] = (char)('a' + (pos + i) % 23);
        ck_assert_int_eq(net_body_put(&body, piece, len), 1);
        pos += len;
        ck_assert_uint_eq(body.len, pos);
        ck_assert_int_eq(body.data[pos], 0);
    }
    for (i = 0; i < body.len; i++)
        if (body.data[i] != (char)('a' + i % 23))
            ck_abort_msg("byte %zu of %zu", (size_t)i, (size_t)body.len);
    ck_assert_int_eq(body.map != NULL, sizes[_i].is_mapped);
    if (sizes[_i].len == sizes[_i].max) {
        ck_assert_int_eq(net_body_put(&body, "x", 1), 0);
        ck_assert_uint_eq(body.len, pos);
    }
    net_body_unmap(body.map);
}
END_TEST

/* Is the page there? */
static int is_mapped(const char *at)
{
    unsigned char resident;

    return mincore((void *)((apr_uintptr_t)at & ~(apr_uintptr_t)(PAGE - 1)), 1, &resident) == 0;
}

START_TEST(a_mapping_ends_once)
{
    apr_pool_t *pool;
    net_body_t body;
    const char *at;

    ck_assert_int_eq(apr_pool_create(&pool, unit_pool), 0);
    net_body_init(&body, MB, MB, pool);
    ck_assert_int_eq(net_body_put(&body, "x", 1), 1);
    at = body.map->at;
    ck_assert(is_mapped(at));
    if (_i) {
        net_body_unmap(body.map);
        ck_assert_ptr_null(body.map->at);
        net_body_unmap(body.map);
        ck_assert(!is_mapped(at));
    }
    apr_pool_destroy(pool);
    ck_assert(!is_mapped(at));
    net_body_unmap(NULL);
}
END_TEST

/* How much of the mapping is in memory. */
static apr_size_t resident(const net_body_map_t *map)
{
    apr_size_t pages = (map->size + PAGE - 1) / PAGE, count = 0, i;
    unsigned char *is_there = apr_palloc(unit_pool, pages);

    ck_assert_int_eq(mincore(map->at, map->size, is_there), 0);
    for (i = 0; i < pages; i++)
        count += is_there[i] & 1;
    return count * PAGE;
}

/* A length that lies costs next to nothing (a huge page at the most), and growing leaves no second
 * copy behind. */
START_TEST(memory_is_what_was_written)
{
    static const char zeros[16 * 1024];
    const char *last = NULL;
    net_body_t body;
    int i;

    net_body_init(&body, 512 * MB, 512 * MB, unit_pool);
    ck_assert_int_eq(net_body_put(&body, "x", 1), 1);
    ck_assert_uint_eq(body.map->size, 512 * MB + 1);
    ck_assert_uint_le(resident(body.map), 2 * MB);
    net_body_unmap(body.map);
    net_body_init(&body, 0, 64 * MB, unit_pool);
    for (i = 0; i < 8 * 64; i++) {
        ck_assert_int_eq(net_body_put(&body, zeros, sizeof(zeros)), 1);
        if (body.map && last && last != body.data)
            ck_assert(!is_mapped(last) || (last > body.data && last < body.data + body.room));
        last = body.map ? body.data : NULL;
    }
    ck_assert_uint_le(resident(body.map), 10 * MB);
    net_body_unmap(body.map);
}
END_TEST

START_TEST(no_memory_is_told)
{
    volatile apr_size_t impossible = APR_SIZE_MAX / 4;
    net_body_t body;

    net_body_init(&body, impossible, impossible, unit_pool);
    ck_assert_int_eq(net_body_put(&body, "x", 1), 0);
    ck_assert_ptr_null(body.map);
    ck_assert_str_eq(body.data, "");
    net_body_init(&body, MB, impossible, unit_pool);
    ck_assert_int_eq(net_body_put(&body, "hello", 5), 1);
    ck_assert_ptr_nonnull(body.map);
    ck_assert_int_eq(net_body_put(&body, "x", impossible - 5), 0);
    ck_assert_uint_eq(body.len, 5);
    ck_assert_str_eq(body.data, "hello");
    ck_assert_int_eq(net_body_put(&body, "!", 1), 1);
    ck_assert_str_eq(body.data, "hello!");
    net_body_unmap(body.map);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("net/body");
    TCase *tcase = unit_case(suite, "body");

    tcase_add_loop_test(tcase, what_is_put_is_there, 0, sizeof(sizes) / sizeof(*sizes));
    tcase_add_loop_test(tcase, a_mapping_ends_once, 0, 2);
    tcase_add_test(tcase, memory_is_what_was_written);
    tcase_add_test(tcase, no_memory_is_told);
    return suite;
}
