/* SPDX-License-Identifier: Apache-2.0 */
/* The item: what a client sees of it, what of it is ours, and how it gets out of an answer.
 *
 * An item is read in one pass over the answer's text and written into the reply's
 * text, each value copied once. Request-local, no thread rule.
 */
#ifndef ITEMS_ITEM_H
#define ITEMS_ITEM_H

#include <apr_tables.h>

#include "dynamo/attr.h"
#include "dynamo/table.h"

#define ITEMS_ITEM_ID_MAX 2048         /* bytes of an id: DynamoDB's limit of a partition key */
#define ITEMS_ITEM_MAX 409600          /* bytes of an item: DynamoDB's 400 KB */
#define ITEMS_ITEM_JSON_MAX (16 << 20) /* bytes of JSON of an answer: a page holds 1 MB */

/* Attributes of our own, on items that we wrote; never shown, never settable. Anything with the
 * prefix is ours.
 *
 * A write whose answer is lost is sent again, and its condition may then fail because of itself. So
 * each write leaves a token of its own, and the item remembers the last four: with one alone, A's
 * write (answer lost), then B's, then A's repeat would bury B's; three proved too few under heavy
 * faults. An update shifts them (w4 = w3, w3 = w2, w2 = w1, w1 = the new one). */
#define ITEMS_ITEM_OWN "_items_"
#define ITEMS_ITEM_REVISION "_items_rev" /* N: 1 on create, raised by every write */
#define ITEMS_ITEM_WRITES 4
#define ITEMS_ITEM_TOKEN_LEN 16 /* characters: 12 random bytes as base64url */

/* Their names, newest first. */
extern const char *const items_item_writes[ITEMS_ITEM_WRITES];

/* The fields that a client sets. */
enum { ITEMS_ITEM_NAME, ITEMS_ITEM_DESCRIPTION, ITEMS_ITEM_STATUS, ITEMS_ITEM_FIELDS };

extern const char *const items_item_fields[ITEMS_ITEM_FIELDS];

/* What a client sent of them: bytes NULL where it sent nothing. */
typedef struct {
    dynamo_table_bytes_t value[ITEMS_ITEM_FIELDS];
} items_item_fields_t;

/* A new item: written as we answer it and as we store it. */
typedef struct {
    dynamo_table_bytes_t id;
    items_item_fields_t fields; /* all there */
    const char *stamp;          /* createdAt and updatedAt */
} items_item_new_t;

/* What is ours in an item that was read, "" where it stands not. */
typedef struct {
    char revision[41]; /* digits as they are stored: 38, a sign, a point */
    char writes[ITEMS_ITEM_WRITES][ITEMS_ITEM_TOKEN_LEN + 1];
} items_item_own_t;

/* Takes the items of an answer into text, with commas between them. */
typedef struct {
    base_text_t *text;
    apr_size_t mark;                /* where the answer's items begin in text */
    const dynamo_table_bytes_t *id; /* the only id that may come, NULL: any */
    int count;
    items_item_own_t own;     /* of the last item */
    apr_array_header_t *rest; /* scratch */
    apr_pool_t *pool;
} items_item_taker_t;

/* Items go behind what stands in text now. */
void items_item_taker_init(items_item_taker_t *taker, base_text_t *text,
                           const dynamo_table_bytes_t *id, apr_pool_t *pool);

/* The taker as the table's reader. */
dynamo_table_reader_t items_item_reader(items_item_taker_t *taker);

/* Enter the attribute map at scan, consume it and append its JSON: id, name, description, status,
 * createdAt, updatedAt as far as they are there, then the rest by name. 0 with a fault in scan for
 * an item without an id, with another id than taker->id, or with an attribute twice. */
int items_item_take(items_item_taker_t *taker, base_scan_t *scan);

/* Does the item that was read last carry this write token? */
int items_item_has_write(const items_item_own_t *own, const char *token);

/* The JSON of a new item. */
void items_item_put_new(base_text_t *text, const items_item_new_t *item);

/* At least so many bytes the item will have in the store (names and values in UTF-8): what is sent,
 * with an id of id_len bytes and our own attributes. is_new: a create. */
apr_size_t items_item_size(const items_item_fields_t *fields, apr_size_t id_len, int is_new);

#endif
