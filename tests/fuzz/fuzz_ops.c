/* SPDX-License-Identifier: Apache-2.0 */
/* Whole answers of DynamoDB's: each reader is given the same bytes. Promised: what is accepted is a
 * JSON object, every item's values in it are JSON, a last key has a key's length; what is refused
 * is nonsense, with words. */
#include "fuzz.h"

#include <string.h>

#include "base/scan.h"
#include "dynamo/attr.h"
#include "dynamo/ops.h"

typedef struct {
    int items;
    int started;
    apr_pool_t *pool;
} taken_t;

static void start(void *taker)
{
    taken_t *taken = taker;

    taken->started = 1;
    taken->items = 0;
}

static int item(void *taker, base_scan_t *scan)
{
    taken_t *taken = taker;
    dynamo_attr_t attr;

    fuzz_require(taken->started, "an item before the start");
    if (base_scan_enter(scan, BASE_SCAN_OBJECT))
        while (dynamo_attr_next(&attr, scan, taken->pool)) {
            base_scan_t inner;

            base_scan_init(&inner, attr.json, attr.len, DYNAMO_ATTR_DEPTH);
            base_scan_skip(&inner, NULL);
            fuzz_require(base_scan_end(&inner), "a value that is not JSON");
        }
    taken->items++;
    return !scan->why;
}

static int is_object(const char *bytes, apr_size_t len)
{
    base_scan_t scan;

    base_scan_init(&scan, bytes, len, DYNAMO_ATTR_DEPTH);
    return base_scan_peek(&scan) == BASE_SCAN_OBJECT && base_scan_skip(&scan, NULL) &&
           base_scan_end(&scan);
}

void fuzz_input(const char *bytes, apr_size_t len, apr_pool_t *pool)
{
    typedef base_err_t *read_fn(void *answer, const char *body, apr_size_t len, apr_pool_t *pool);
    static read_fn *const readers[] = {dynamo_ops_read_get, dynamo_ops_read_update,
                                       dynamo_ops_read_scan, dynamo_ops_read_done,
                                       dynamo_ops_read_conflict};
    int object = is_object(bytes, len);
    apr_size_t i;

    for (i = 0; i < sizeof readers / sizeof *readers; i++) {
        taken_t taken = {0, 0, pool};
        dynamo_ops_answer_t answer = {0};
        const base_err_t *err;

        answer.start = start;
        answer.item = item;
        answer.taker = &taken;
        answer.key_name = "id";
        answer.item_max = 100;
        answer.pool = pool;
        err = readers[i](&answer, bytes, len, pool);
        if (err) {
            fuzz_require(err->kind == BASE_ERR_NONSENSE && err->words, "refused as something else");
            continue;
        }
        fuzz_require(object, "accepted what is no JSON object");
        fuzz_require(taken.items <= 100, "more items than were asked for");
        fuzz_require(answer.found == (taken.items > 0), "found without an item, or an item lost");
        fuzz_require(!answer.more || (answer.last_len > 0 && answer.last_len <= 2048 &&
                                      base_scan_is_utf8(answer.last, answer.last_len)),
                     "a last key that is none");
    }
}
