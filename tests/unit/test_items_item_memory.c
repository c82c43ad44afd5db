/* SPDX-License-Identifier: Apache-2.0 */
/* What a page of a megabyte costs in memory, from the first byte of the answer to the last of the
 * reply: at most three times its size. The bytes are those of the answer's mapping, of the reply's,
 * and those asked of pools, counted by an apr_palloc() that stands before APR's own. */
#include <dlfcn.h>
#include <string.h>

#include <apr_strings.h>

#include "dynamo/ops.h"
#include "items/item.h"
#include "items/reply.h"
#include "net/wire.h"
#include "unit.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))
#define PAGE_MAX (1 << 20)
#define PIECE 16384 /* bytes of one receive */

static apr_size_t allocated;

void *apr_palloc(apr_pool_t *pool, apr_size_t size)
{
    static void *(*palloc)(apr_pool_t *, apr_size_t);

    if (!palloc)
        *(void **)&palloc = dlsym(RTLD_NEXT, "apr_palloc");
    allocated += size;
    return palloc(pool, size);
}

/* Attributes behind an item's id: %s is repeated until the item is as large as it should be. */
static const struct {
    const char *name;
    const char *before, *again, *after;
    apr_size_t item_len;
} shapes[] = {
    {"small items", ",\"name\":{\"S\":\"Darjeeling\"},\"status\":{\"S\":\"active\"}", "", "", 1},
    {"long strings", ",\"description\":{\"S\":\"", "abcdefgh", "\"}", 400000},
    {"escapes", ",\"description\":{\"S\":\"", "\\n\\u0001\\\"", "\"}", 400000},
    {"other letters", ",\"description\":{\"S\":\"", "\xe8\x8c\xb6", "\"}", 400000},
    {"long lists", ",\"l\":{\"L\":[{\"N\":\"0\"}", ",{\"S\":\"abcdefghijkl\"}", "]}", 400000},
    {"maps", ",\"m\":{\"M\":{\"a\":{\"S\":\"\"}", ",\"b\":{\"L\":[{\"BOOL\":true}]}", "}}", 400000},
    {"sets", ",\"s\":{\"NS\":[\"0\"", ",\"12345678901234567890\"", "]}", 400000},
    {"binary", ",\"b\":{\"B\":\"", "abcd", "\"}", 400000},
    {"one item", ",\"description\":{\"S\":\"", "abcdefgh", "\"}", PAGE_MAX},
    {"one list", ",\"l\":{\"L\":[{\"N\":\"0\"}", ",{\"S\":\"abcdefghijkl\"}", "]}", PAGE_MAX},
};

static void put_item(base_text_t *text, int shape)
{
    apr_size_t start = text->len;

    base_text_put_str(text, text->data[text->len - 1] == '[' ? "" : ",");
    base_text_put_str(text, "{\"id\":{\"S\":\"0b5c9b66-3a0e-4c1b-9d57-0d1c4d2a7b10\"}");
    base_text_put_str(text, shapes[shape].before);
    while (text->len - start < shapes[shape].item_len && text->len < PAGE_MAX)
        base_text_put_str(text, shapes[shape].again);
    base_text_put_str(text, shapes[shape].after);
    base_text_put_char(text, '}');
}

/* An answer to Scan: its head, and where in it the page begins. */
static const char *make_answer(apr_size_t *page_at, apr_size_t *len, int shape)
{
    base_text_t page, answer;

    base_text_init(&page, PAGE_MAX + 1024, 2 * PAGE_MAX, unit_pool);
    base_text_put_str(&page, "{\"Items\":[");
    while (page.len < PAGE_MAX)
        put_item(&page, shape);
    base_text_put_str(&page, "]}");
    base_text_init(&answer, page.len + 256, 3 * PAGE_MAX, unit_pool);
    base_text_put_str(&answer, "HTTP/1.1 200 OK\r\nContent-Length: ");
    base_text_put_number(&answer, (apr_int64_t)page.len);
    base_text_put_str(&answer, "\r\n\r\n");
    *page_at = answer.len;
    base_text_put(&answer, page.data, page.len);
    ck_assert(!page.full && !answer.full);
    *len = answer.len;
    return answer.data;
}

static void receive(net_wire_answer_t *answer, const char *bytes, apr_size_t len)
{
    net_wire_verdict_e verdict = NET_WIRE_NEED_MORE;
    apr_size_t pos, taken;

    net_wire_init(answer, ITEMS_ITEM_JSON_MAX, unit_pool);
    for (pos = 0; pos < len; pos += taken)
        verdict = net_wire_feed(answer, &taken, bytes + pos, len - pos < PIECE ? len - pos : PIECE);
    ck_assert_int_eq(verdict, NET_WIRE_COMPLETE);
}

START_TEST(a_page_takes_three_times_its_size)
{
    items_item_taker_t taker;
    dynamo_table_reader_t reader;
    dynamo_ops_answer_t result = {.key_name = "id", .item_max = PAGE_MAX, .pool = unit_pool};
    net_wire_answer_t answer;
    apr_size_t len, page_at;
    const char *bytes = make_answer(&page_at, &len, _i);
    base_text_t reply;

    allocated = 0;
    receive(&answer, bytes, len);
    ck_assert_ptr_nonnull(answer.content.map);
    allocated += answer.content.map->size;
    base_text_init(&reply, 1024, ITEMS_ITEM_JSON_MAX, unit_pool);
    items_reply_begin_list(&reply);
    items_item_taker_init(&taker, &reply, NULL, unit_pool);
    reader = items_item_reader(&taker);
    result.start = reader.start;
    result.item = reader.item;
    result.taker = reader.taker;
    ck_assert_ptr_null(dynamo_ops_read_scan(&result, answer.body, answer.body_len, unit_pool));
    items_reply_end_list(&reply, taker.count, "0123456789012345678901234567890123456789");
    ck_assert(!reply.full);
    allocated += reply.room;
    ck_assert_uint_gt(allocated, answer.body_len + reply.len); /* they are counted */
    ck_assert_msg(allocated <= 3 * (len - page_at), "%s: a page of %d bytes took %d",
                  shapes[_i].name, (int)(len - page_at), (int)allocated);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("items/item memory");
    TCase *tcase = unit_case(suite, "pages");

    tcase_add_loop_test(tcase, a_page_takes_three_times_its_size, 0, COUNT(shapes));
    return suite;
}
