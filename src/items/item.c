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

/* The known members in their order, each as it stands in an item, behind another one. */
#define FIXED(name)                                                                                \
    {                                                                                              \
        ",\"" name "\":", sizeof(name) - 1                                                         \
    }
#define FIXED_AROUND 4 /* characters beside the name, 2 of them before it */

static const struct {
    const char *text;
    apr_size_t name_len;
} fixed_members[FIXED_COUNT] = {FIXED("id"),     FIXED("name"),      FIXED("description"),
                                FIXED("status"), FIXED("createdAt"), FIXED("updatedAt")};

const char *const items_item_fields[ITEMS_ITEM_FIELDS] = {"name", "description", "status"};

const char *const items_item_writes[ITEMS_ITEM_WRITES] = {"_items_w1", "_items_w2", "_items_w3",
                                                          "_items_w4"};
#define WRITE_NAME_LEN strlen("_items_w1")

/* Is that the attribute's name? Here and below names are decoded. */
static int is_name(const dynamo_attr_t *attr, const char *name, apr_size_t len)
{
    return attr->name.len == len && memcmp(attr->name.ptr, name, len) == 0;
}

/* Which of the known members: FIXED_COUNT for none of them. */
static int find_fixed(const dynamo_attr_t *attr)
{
    int i;

    for (i = 0; i < FIXED_COUNT; i++)
        if (is_name(attr, fixed_members[i].text + 2, fixed_members[i].name_len))
            break;
    return i;
}

static int is_own(const dynamo_attr_t *attr)
{
    return attr->name.len >= strlen(ITEMS_ITEM_OWN) &&
           memcmp(attr->name.ptr, ITEMS_ITEM_OWN, strlen(ITEMS_ITEM_OWN)) == 0;
}

/* Copy the text of a string or number that is meant to be short ASCII; anything else is not ours.
 */
static void keep(char *to, apr_size_t room, const dynamo_attr_t *attr, const char *type)
{
    base_scan_span_t text = dynamo_attr_text(attr);

    if (strcmp(attr->type, type) != 0 || text.escaped || text.len >= room)
        return;
    memcpy(to, text.ptr, text.len);
    to[text.len] = '\0';
}

static void take_own(items_item_own_t *own, const dynamo_attr_t *attr)
{
    int i;

    if (is_name(attr, ITEMS_ITEM_REVISION, strlen(ITEMS_ITEM_REVISION)))
        keep(own->revision, sizeof(own->revision), attr, "N");
    for (i = 0; i < ITEMS_ITEM_WRITES; i++)
        if (is_name(attr, items_item_writes[i], WRITE_NAME_LEN))
            keep(own->writes[i], sizeof(own->writes[i]), attr, "S");
}

/* Read the map: known members into fixed, our own into taker->own, the others into taker->rest. */
static int read_map(dynamo_attr_t fixed[FIXED_COUNT], items_item_taker_t *taker, base_scan_t *scan)
{
    dynamo_attr_t attr;
    int i;

    while (dynamo_attr_next(&attr, scan, taker->pool)) {
        attr.name.ptr = base_scan_decode(&attr.name.len, &attr.name, taker->pool);
        i = find_fixed(&attr);
        if (i < FIXED_COUNT) {
            if (fixed[i].json)
                base_scan_fail(scan, "an attribute stands twice in an item");
            fixed[i] = attr;
        } else if (is_own(&attr)) {
            take_own(&taker->own, &attr);
        } else if (taker->rest->nelts == ATTRS_MAX) {
            base_scan_fail(scan, "an item has more attributes than fit into it");
        } else {
            APR_ARRAY_PUSH(taker->rest, dynamo_attr_t) = attr;
        }
    }
    return !scan->why;
}

static void judge_id(const dynamo_attr_t *id, items_item_taker_t *taker, base_scan_t *scan)
{
    base_scan_span_t text;
    const char *bytes;
    apr_size_t len;

    if (!id->json || strcmp(id->type, "S") != 0) {
        base_scan_fail(scan, "an item has no id");
        return;
    }
    if (!taker->id)
        return;
    text = dynamo_attr_text(id);
    bytes = base_scan_decode(&len, &text, taker->pool);
    if (len != taker->id->len || memcmp(bytes, taker->id->bytes, len) != 0)
        base_scan_fail(scan, "an item has another id than the one asked for");
}

static int by_name(const void *a, const void *b)
{
    const base_scan_span_t *left = &((const dynamo_attr_t *)a)->name;
    const base_scan_span_t *right = &((const dynamo_attr_t *)b)->name;
    int order = memcmp(left->ptr, right->ptr, left->len < right->len ? left->len : right->len);

    return order ? order : (left->len > right->len) - (left->len < right->len);
}

/* The first one, the id, stands behind a brace. */
static void put_fixed(base_text_t *text, int i, const dynamo_attr_t *attr)
{
    int skip = i == FIXED_ID;

    base_text_put(text, fixed_members[i].text + skip,
                  FIXED_AROUND + fixed_members[i].name_len - (apr_size_t)skip);
    dynamo_attr_put_plain(text, attr);
}

/* Names go out in our own spelling, values as they stand in the answer. */
static void put_named(base_text_t *text, const dynamo_attr_t *attr)
{
    base_text_put_char(text, ',');
    base_text_put_json(text, attr->name.ptr, attr->name.len);
    base_text_put_char(text, ':');
    dynamo_attr_put_plain(text, attr);
}

static void put_rest(base_text_t *text, apr_array_header_t *rest, base_scan_t *scan)
{
    const dynamo_attr_t *attrs = (const dynamo_attr_t *)rest->elts;
    int i;

    if (rest->nelts > 1)
        qsort(rest->elts, (size_t)rest->nelts, sizeof(*attrs), by_name);
    for (i = 0; i < rest->nelts; i++) {
        if (i && by_name(&attrs[i - 1], &attrs[i]) == 0)
            base_scan_fail(scan, "an attribute stands twice in an item");
        put_named(text, &attrs[i]);
    }
}

/* Plain JSON is never longer than what it stood as: with room for what is left of an answer, and a
 * sixteenth of it for what stands around the items, the text never grows again. */
static int expect(base_text_t *text, const base_scan_t *scan)
{
    apr_size_t left = (apr_size_t)(scan->end - scan->pos);

    return base_text_expect(text, left + left / 16);
}

int items_item_take(items_item_taker_t *taker, base_scan_t *scan)
{
    dynamo_attr_t fixed[FIXED_COUNT];
    int i;

    if (!taker->count && !expect(taker->text, scan)) {
        scan->is_starved = 1;
        base_scan_fail(scan, "no memory for the items of an answer");
    }
    memset(fixed, 0, sizeof(fixed));
    memset(&taker->own, 0, sizeof(taker->own));
    apr_array_clear(taker->rest);
    if (!base_scan_enter(scan, BASE_SCAN_OBJECT) || !read_map(fixed, taker, scan))
        return 0;
    judge_id(&fixed[FIXED_ID], taker, scan);
    base_text_put_str(taker->text, taker->count ? ",{" : "{");
    taker->count++;
    for (i = 0; i < FIXED_COUNT; i++)
        if (fixed[i].json)
            put_fixed(taker->text, i, &fixed[i]);
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
    taker->rest = apr_array_make(pool, 4, sizeof(dynamo_attr_t));
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
