/* SPDX-License-Identifier: Apache-2.0 */
/* Items in a table, under lost answers.
 *
 * A write that may have been carried out is sent again by aws/client.c, and then
 * its own condition can fail because of it. DynamoDB hands out the item that failed
 * the condition (ReturnValuesOnConditionCheckFailure); if it carries our token, the
 * write was ours. A store that does not hand it out costs one consistent GetItem.
 *
 *     create:  PutItem, attribute_not_exists(id)
 *       conflict -> look -> our token: done | other: another id, once
 *     replace: UpdateItem, attribute_exists(id), none of w1..w4 is our token
 *       conflict -> look -> our token: done
 *                        -> nothing: no such item, or who knows if this was a repeat
 *
 * A create that is gone when we look was ours if an earlier attempt may have been
 * carried out: it was made, and somebody has removed it since. A replace can't tell: either
 * there never was such an item, or the first attempt was carried out, maybe seen, and then
 * somebody removed the item. "No such item" would deny what others saw, and there is
 * no item to answer with, so the answer is that nobody knows (503); the client's own repeat
 * learns that there is none. A delete is unconditional, so that repeating it is harmless (Amazon
 * DynamoDB Developer Guide, "Error handling": conditional or repeatable writes after a 500).
 */
#include "items/store.h"

#include <string.h>

#include <apr_strings.h>

#include "base/hash.h"
#include "base/stamp.h"

#define CREATE_IDS_MAX 2 /* a second id when the first is taken, then it is our fault */

/* Drawn at once, which costs hardly more than any one of them. */
typedef struct {
    unsigned char token[ITEMS_ITEM_TOKEN_LEN / 4 * 3];
    unsigned char ids[CREATE_IDS_MAX][BASE_HASH_UUID_BYTES];
} random_t;

/* A write under way: its token, its stamp, what the answer or the conflict showed. */
typedef struct {
    random_t random;
    const char *token;
    char stamp[BASE_STAMP_RFC3339_SIZE];
    dynamo_table_bytes_t id;
    items_item_taker_t taker;
    dynamo_table_reader_t reader;
} write_t;

static dynamo_table_bytes_t bytes_of(const char *text)
{
    dynamo_table_bytes_t bytes = {text, strlen(text)};

    return bytes;
}

static base_err_t *begin_write(write_t *write, base_text_t *text, const items_store_request_t *req)
{
    random_t *random = &write->random;

    if (!base_hash_random((unsigned char *)random, sizeof(*random)))
        return base_err_make(BASE_ERR_INTERNAL, 0, req->pool, "no random bytes for a write");
    write->token = base_hash_base64url(random->token, sizeof(random->token), req->pool);
    base_stamp_rfc3339(write->stamp, req->now);
    items_item_taker_init(&write->taker, text, &write->id, req->pool);
    write->reader = items_item_reader(&write->taker);
    return NULL;
}

static dynamo_table_bytes_t make_id(const unsigned char random[BASE_HASH_UUID_BYTES],
                                    apr_pool_t *pool)
{
    char *uuid = apr_palloc(pool, BASE_HASH_UUID_SIZE);
    dynamo_table_bytes_t id = {uuid, ITEMS_STORE_ID_LEN};

    base_hash_uuid(uuid, random);
    return id;
}

/* Behind a conflict: is the item there, and did this very write make it what it is? The item's JSON
 * is in the taker's text when there is one. */
static base_err_t *look(int *there, int *ours, write_t *write, const items_store_t *store,
                        const dynamo_table_outcome_t *outcome, const items_store_request_t *req)
{
    base_err_t *err;

    *there = outcome->old_item;
    *ours = 0;
    if (!*there) {
        err = dynamo_table_get(there, store->table, &write->id, 1, &write->reader, req->call,
                               req->pool);
        if (err)
            return base_err_wrap(err, req->pool, "looking whether a write was our own");
    }
    *ours = *there && items_item_has_write(&write->taker.own, write->token);
    return NULL;
}

/* Everything of a new item's, as it is stored. */
enum { NEW_ATTRS = 1 + ITEMS_ITEM_FIELDS + 2 + 2 };

static void fill_new(dynamo_table_attr_t attrs[NEW_ATTRS], const items_item_new_t *item,
                     const char *token)
{
    int count = 0, i;

    attrs[count++] = (dynamo_table_attr_t){"id", 'S', item->id};
    for (i = 0; i < ITEMS_ITEM_FIELDS; i++)
        attrs[count++] = (dynamo_table_attr_t){items_item_fields[i], 'S', item->fields.value[i]};
    attrs[count++] = (dynamo_table_attr_t){"createdAt", 'S', bytes_of(item->stamp)};
    attrs[count++] = (dynamo_table_attr_t){"updatedAt", 'S', bytes_of(item->stamp)};
    attrs[count++] = (dynamo_table_attr_t){ITEMS_ITEM_REVISION, 'N', bytes_of("1")};
    attrs[count] = (dynamo_table_attr_t){items_item_writes[0], 'S', bytes_of(token)};
}

/* Put the item: *done says whether it is ours now; 0 without an error when its id is taken. */
static base_err_t *put_new(int *done, write_t *write, const items_store_t *store,
                           const items_item_new_t *item, const items_store_request_t *req)
{
    const dynamo_table_condition_t condition = {.exists = 0};
    dynamo_table_attr_t attrs[NEW_ATTRS];
    dynamo_table_outcome_t outcome;
    base_err_t *err;
    int there;

    memset(&outcome, 0, sizeof(outcome));
    fill_new(attrs, item, write->token);
    err = dynamo_table_put(&outcome, store->table, attrs, NEW_ATTRS, &condition, &write->reader,
                           req->call, req->pool);
    *done = !err;
    if (!err || err->kind != BASE_ERR_CONFLICT)
        return err;
    err = look(&there, done, write, store, &outcome, req);
    if (!err && !there)
        *done = outcome.maybe_done;
    return err;
}

base_err_t *items_store_create(dynamo_table_bytes_t *id, base_text_t *text,
                               const items_store_t *store, const items_item_fields_t *fields,
                               const items_store_request_t *req)
{
    base_text_t old;
    items_item_new_t item;
    write_t write;
    base_err_t *err;
    int i, done = 0;

    memset(&item, 0, sizeof(item));
    base_text_init(&old, 0, ITEMS_ITEM_JSON_MAX, req->pool);
    err = begin_write(&write, &old, req);
    item.fields = *fields;
    item.stamp = write.stamp;
    for (i = 0; !err && !done && i < CREATE_IDS_MAX; i++) {
        item.id = write.id = make_id(write.random.ids[i], req->pool);
        err = put_new(&done, &write, store, &item, req);
    }
    if (err)
        return err;
    if (!done)
        return base_err_make(BASE_ERR_CONFLICT, 0, req->pool,
                             "%d random ids in a row were taken in table %s", CREATE_IDS_MAX,
                             dynamo_table_name(store->table));
    items_item_put_new(text, &item);
    *id = item.id;
    return NULL;
}

base_err_t *items_store_read(int *found, base_text_t *text, const items_store_t *store,
                             const dynamo_table_bytes_t *id, const items_store_request_t *req)
{
    items_item_taker_t taker;
    dynamo_table_reader_t reader;

    items_item_taker_init(&taker, text, id, req->pool);
    reader = items_item_reader(&taker);
    return dynamo_table_get(found, store->table, id, store->consistent_read, &reader, req->call,
                            req->pool);
}

/* The most that a replace changes. */
enum { CHANGES_MAX = ITEMS_ITEM_FIELDS + 1 + 1 + ITEMS_ITEM_WRITES };

static int fill_changes(dynamo_table_change_t changes[CHANGES_MAX],
                        const items_item_fields_t *fields, const write_t *write)
{
    int count = 0, i;

    memset(changes, 0, CHANGES_MAX * sizeof(*changes));
    for (i = 0; i < ITEMS_ITEM_FIELDS; i++)
        if (fields->value[i].bytes)
            changes[count++] = (dynamo_table_change_t){.how = DYNAMO_TABLE_SET,
                                                       .name = items_item_fields[i],
                                                       .type = 'S',
                                                       .value = fields->value[i]};
    changes[count++] = (dynamo_table_change_t){
        .how = DYNAMO_TABLE_SET, .name = "updatedAt", .type = 'S', .value = bytes_of(write->stamp)};
    changes[count++] =
        (dynamo_table_change_t){.how = DYNAMO_TABLE_RAISE, .name = ITEMS_ITEM_REVISION};
    for (i = ITEMS_ITEM_WRITES - 1; i > 0; i--)
        changes[count++] = (dynamo_table_change_t){.how = DYNAMO_TABLE_SHIFT,
                                                   .name = items_item_writes[i],
                                                   .from = items_item_writes[i - 1]};
    changes[count++] = (dynamo_table_change_t){.how = DYNAMO_TABLE_SET,
                                               .name = items_item_writes[0],
                                               .type = 'S',
                                               .value = bytes_of(write->token)};
    return count;
}

base_err_t *items_store_replace(int *found, base_text_t *text, const items_store_t *store,
                                const dynamo_table_bytes_t *id, const items_item_fields_t *fields,
                                const items_store_request_t *req)
{
    dynamo_table_change_t changes[CHANGES_MAX];
    dynamo_table_condition_t condition;
    dynamo_table_update_t update;
    dynamo_table_outcome_t outcome;
    write_t write;
    base_err_t *err, *conflict;
    int there;

    *found = 0;
    memset(&outcome, 0, sizeof(outcome));
    err = begin_write(&write, text, req);
    if (err)
        return err;
    write.id = *id;
    condition = (dynamo_table_condition_t){.exists = 1,
                                           .names = items_item_writes,
                                           .name_count = ITEMS_ITEM_WRITES,
                                           .unlike = bytes_of(write.token)};
    update = (dynamo_table_update_t){.key = *id,
                                     .changes = changes,
                                     .count = fill_changes(changes, fields, &write),
                                     .condition = &condition};
    conflict =
        dynamo_table_update(&outcome, store->table, &update, &write.reader, req->call, req->pool);
    if (!conflict || conflict->kind != BASE_ERR_CONFLICT) {
        *found = !conflict;
        return conflict;
    }
    if (!outcome.old_item && !outcome.maybe_done)
        return NULL; /* the condition failed at once: there is no such item */
    err = look(&there, found, &write, store, &outcome, req);
    if (err || *found)
        return err;
    if (!outcome.old_item)
        return base_err_make(BASE_ERR_UNAVAILABLE, 0, req->pool,
                             "a write whose answer was lost may have been carried out before the "
                             "item was removed");
    return base_err_wrap(conflict, req->pool,
                         "an item that is there and without our token failed the condition");
}

base_err_t *items_store_remove(const items_store_t *store, const dynamo_table_bytes_t *id,
                               const items_store_request_t *req)
{
    return dynamo_table_remove(store->table, id, req->call, req->pool);
}

base_err_t *items_store_list(dynamo_table_page_t *page, int *count, base_text_t *text,
                             const items_store_t *store, const items_store_list_t *list,
                             const items_store_request_t *req)
{
    items_item_taker_t taker;
    dynamo_table_reader_t reader;
    base_err_t *err;

    items_item_taker_init(&taker, text, NULL, req->pool);
    reader = items_item_reader(&taker);
    err = dynamo_table_scan(page, store->table, list->limit, list->after, &reader, req->call,
                            req->pool);
    *count = taker.count;
    return err;
}
