/* SPDX-License-Identifier: Apache-2.0 */
/* An attribute map of the store becomes the JSON that the original API answered.
 *
 * DynamoDB gives attributes in no order, so a map is read whole (spans into the
 * answer, nothing copied), then written: the six known members in their fixed
 * order, the rest by the bytes of their names. Sizes are those of the DynamoDB
 * Developer Guide, "Item sizes and formats".
 */
#include "items/item.h"

#include <stdlib.h>
#include <string.h>

#include "base/stamp.h"

/* More attributes than fit into 400 KB with names of their own: 128 of one byte, 18,000 of two
 * bytes, the rest of three. */
#define ATTRS_MAX 150000

enum { FIXED_ID, FIXED_COUNT = 6 };

static const char *const fixed_names[FIXED_COUNT] = {"id",     "name",      "description",
                                                     "status", "createdAt", "updatedAt"};

const char *const items_item_fields[ITEMS_ITEM_FIELDS] = {"name", "description", "status"};

const char *const items_item_writes[ITEMS_ITEM_WRITES] = {"_items_w1", "_items_w2", "_items_w3",
                                                          "_items_w4"};

/* An attribute with its name decoded. */
typedef struct {
    dynamo_attr_t attr;
    const char *name;
    apr_size_t name_len;
} named_t;

static int is_name(const named_t *named, const char *name)
{
    return named->name_len == strlen(name) && memcmp(named->name, name, named->name_len) == 0;
}

static int is_own(const named_t *named)
{
    return named->name_len >= strlen(ITEMS_ITEM_OWN) &&
           memcmp(named->name, ITEMS_ITEM_OWN, strlen(ITEMS_ITEM_OWN)) == 0;
}

/* Copy the text of a string or number that is meant to be short ASCII; anything else is not ours.
 */
static void keep(char *to, apr_size_t room, const named_t *named, const char *type)
{
    const base_scan_span_t *text = &named->attr.string;

    if (strcmp(named->attr.type, type) != 0 || text->escaped || text->len >= room)
        return;
    memcpy(to, text->ptr, text->len);
    to[text->len] = '\0';
}

static void take_own(items_item_own_t *own, const named_t *named)
{
    int i;

    if (is_name(named, ITEMS_ITEM_REVISION))
        keep(own->revision, sizeof(own->revision), named, "N");
    for (i = 0; i < ITEMS_ITEM_WRITES; i++)
        if (is_name(named, items_item_writes[i]))
            keep(own->writes[i], sizeof(own->writes[i]), named, "S");
}

/* Read the map: known members into fixed, our own into taker->own, the others into taker->rest. */
static int read_map(named_t fixed[FIXED_COUNT], items_item_taker_t *taker, base_scan_t *scan)
{
    named_t named;
    int i;

    while (dynamo_attr_next(&named.attr, scan, taker->pool)) {
        named.name = base_scan_decode(&named.name_len, &named.attr.name, taker->pool);
        for (i = 0; i < FIXED_COUNT && !is_name(&named, fixed_names[i]); i++)
            ;
        if (i < FIXED_COUNT) {
            if (fixed[i].name)
                base_scan_fail(scan, "an attribute stands twice in an item");
            fixed[i] = named;
        } else if (is_own(&named)) {
            take_own(&taker->own, &named);
        } else if (taker->rest->nelts == ATTRS_MAX) {
            base_scan_fail(scan, "an item has more attributes than fit into it");
        } else {
            APR_ARRAY_PUSH(taker->rest, named_t) = named;
        }
    }
    return !scan->why;
}

static void judge_id(const named_t *id, items_item_taker_t *taker, base_scan_t *scan)
{
    const char *bytes;
    apr_size_t len;

    if (!id->name || strcmp(id->attr.type, "S") != 0) {
        base_scan_fail(scan, "an item has no id");
        return;
    }
    if (!taker->id)
        return;
    bytes = base_scan_decode(&len, &id->attr.string, taker->pool);
    if (len != taker->id->len || memcmp(bytes, taker->id->bytes, len) != 0)
        base_scan_fail(scan, "an item has another id than the one asked for");
}

static int by_name(const void *a, const void *b)
{
    const named_t *left = a, *right = b;
    apr_size_t shorter = left->name_len < right->name_len ? left->name_len : right->name_len;
    int order = memcmp(left->name, right->name, shorter);

    return order ? order : (left->name_len > right->name_len) - (left->name_len < right->name_len);
}

/* Names go out in our own spelling, values as they stand in the answer. */
static void put_named(base_text_t *text, const named_t *named)
{
    if (text->data[text->len - 1] != '{')
        base_text_put_char(text, ',');
    base_text_put_json(text, named->name, named->name_len);
    base_text_put_char(text, ':');
    base_text_put(text, named->attr.json, named->attr.len);
}

static void put_rest(base_text_t *text, apr_array_header_t *rest, base_scan_t *scan)
{
    const named_t *named = (const named_t *)rest->elts;
    int i;

    if (rest->nelts > 1)
        qsort(rest->elts, (size_t)rest->nelts, sizeof(named_t), by_name);
    for (i = 0; i < rest->nelts; i++) {
        if (i && by_name(&named[i - 1], &named[i]) == 0)
            base_scan_fail(scan, "an attribute stands twice in an item");
        put_named(text, &named[i]);
    }
}

int items_item_take(items_item_taker_t *taker, base_scan_t *scan)
{
    named_t fixed[FIXED_COUNT];
    int i;

    memset(fixed, 0, sizeof(fixed));
    memset(&taker->own, 0, sizeof(taker->own));
    apr_array_clear(taker->rest);
    if (!base_scan_enter(scan, BASE_SCAN_OBJECT) || !read_map(fixed, taker, scan))
        return 0;
    judge_id(&fixed[FIXED_ID], taker, scan);
    if (taker->count++)
        base_text_put_char(taker->text, ',');
    base_text_put_char(taker->text, '{');
    for (i = 0; i < FIXED_COUNT; i++)
        if (fixed[i].name)
            put_named(taker->text, &fixed[i]);
    put_rest(taker->text, taker->rest, scan);
    base_text_put_char(taker->text, '}');
    if (taker->text->full)
        base_scan_fail(scan, "the items of an answer are too large");
    return !scan->why;
}

static void start(void *taker)
{
    items_item_taker_t *self = taker;

    self->count = 0;
    memset(&self->own, 0, sizeof(self->own));
    self->text->len = self->mark;
    base_text_end(self->text);
}

static int take(void *taker, base_scan_t *scan)
{
    return items_item_take(taker, scan);
}

void items_item_taker_init(items_item_taker_t *taker, base_text_t *text,
                           const dynamo_table_bytes_t *id, apr_pool_t *pool)
{
    memset(taker, 0, sizeof(*taker));
    taker->text = text;
    taker->mark = text->len;
    taker->id = id;
    taker->rest = apr_array_make(pool, 4, sizeof(named_t));
    taker->pool = pool;
}

dynamo_table_reader_t items_item_reader(items_item_taker_t *taker)
{
    dynamo_table_reader_t reader = {.start = start, .item = take, .taker = taker};

    return reader;
}

int items_item_has_write(const items_item_own_t *own, const char *token)
{
    int i;

    for (i = 0; i < ITEMS_ITEM_WRITES; i++)
        if (strcmp(own->writes[i], token) == 0)
            return 1;
    return 0;
}

static void put_text(base_text_t *text, const char *name, const char *bytes, apr_size_t len)
{
    if (text->data[text->len - 1] != '{')
        base_text_put_char(text, ',');
    base_text_put_json(text, name, strlen(name));
    base_text_put_char(text, ':');
    base_text_put_json(text, bytes, len);
}

void items_item_put_new(base_text_t *text, const items_item_new_t *item)
{
    int i;

    base_text_put_char(text, '{');
    put_text(text, "id", item->id.bytes, item->id.len);
    for (i = 0; i < ITEMS_ITEM_FIELDS; i++)
        put_text(text, items_item_fields[i], item->fields.value[i].bytes,
                 item->fields.value[i].len);
    put_text(text, "createdAt", item->stamp, strlen(item->stamp));
    put_text(text, "updatedAt", item->stamp, strlen(item->stamp));
    base_text_put_char(text, '}');
}

apr_size_t items_item_size(const items_item_fields_t *fields, apr_size_t id_len, int is_new)
{
    const apr_size_t stamp = BASE_STAMP_RFC3339_SIZE - 1;
    apr_size_t size = strlen("id") + id_len + strlen("updatedAt") + stamp;
    int i;

    if (is_new)
        size += strlen("createdAt") + stamp;
    for (i = 0; i < ITEMS_ITEM_FIELDS; i++)
        if (fields->value[i].bytes)
            size += strlen(items_item_fields[i]) + fields->value[i].len;
    size += strlen(ITEMS_ITEM_REVISION) + 2; /* a small number: a byte, and one of overhead */
    return size + strlen(items_item_writes[0]) + ITEMS_ITEM_TOKEN_LEN;
}
