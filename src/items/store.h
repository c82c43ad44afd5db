/* SPDX-License-Identifier: Apache-2.0 */
/* Create, read, replace, remove, list: what one request does to the table.
 *
 * Each write is one call, conditional where it must be, and leaves a token by which
 * it knows itself again when its answer was lost. Any thread.
 */
#ifndef ITEMS_STORE_H
#define ITEMS_STORE_H

#include "items/item.h"

#define ITEMS_STORE_ID_LEN 36 /* bytes of the ids that create makes */

/* Where items are kept. */
typedef struct {
    dynamo_table_t *table;
    int consistent_read; /* of one item */
} items_store_t;

/* One request's view: the clock, the budget, where results live. */
typedef struct {
    apr_time_t now; /* the wall clock, read once */
    base_call_t *call;
    apr_pool_t *pool;
} items_store_request_t;

/* Store a new item with the fields (all of them there) and append its JSON to text; *id is its new
 * id, in pool. BASE_ERR_CONFLICT when two ids in a row were taken. */
base_err_t *items_store_create(dynamo_table_bytes_t *id, base_text_t *text,
                               const items_store_t *store, const items_item_fields_t *fields,
                               const items_store_request_t *req) BASE_ERR_CHECKED;

/* Append the item's JSON to text; *found says whether there is one. */
base_err_t *items_store_read(int *found, base_text_t *text, const items_store_t *store,
                             const dynamo_table_bytes_t *id,
                             const items_store_request_t *req) BASE_ERR_CHECKED;

/* Set the fields that were sent, and updatedAt, of an item that is there, and append its JSON as it
 * is then to text; *found says whether it was there. */
base_err_t *items_store_replace(int *found, base_text_t *text, const items_store_t *store,
                                const dynamo_table_bytes_t *id, const items_item_fields_t *fields,
                                const items_store_request_t *req) BASE_ERR_CHECKED;

/* Remove the item, whether or not there is one. */
base_err_t *items_store_remove(const items_store_t *store, const dynamo_table_bytes_t *id,
                               const items_store_request_t *req) BASE_ERR_CHECKED;

/* Which page. */
typedef struct {
    int limit;
    const dynamo_table_bytes_t *after; /* NULL: the first one */
} items_store_list_t;

/* Append the items of one page to text, with commas; *count of them, and where the next page
 * begins. */
base_err_t *items_store_list(dynamo_table_page_t *page, int *count, base_text_t *text,
                             const items_store_t *store, const items_store_list_t *list,
                             const items_store_request_t *req) BASE_ERR_CHECKED;

#endif
