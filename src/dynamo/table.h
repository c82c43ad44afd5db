/* SPDX-License-Identifier: Apache-2.0 */
/* One DynamoDB table whose key is one string attribute: get, put, update, remove, scan.
 *
 * Each function is one operation. Items come out through a reader, straight from
 * the answer's text. Any thread.
 *
 * Kinds that this floor adds to those of aws/client.h: BASE_ERR_CONFLICT
 * (ConditionalCheckFailedException), BASE_ERR_TOO_LARGE (the item, by
 * ValidationException; a request over 4 MiB), BASE_ERR_DENIED
 * (ResourceNotFoundException, AccessDeniedException, a bad signature). Credentials
 * that are unknown or expired are BASE_ERR_UNAVAILABLE.
 */
#ifndef DYNAMO_TABLE_H
#define DYNAMO_TABLE_H

#include "aws/client.h"
#include "base/scan.h"

typedef struct dynamo_table_t dynamo_table_t;

/* Who takes the items of an answer. start: a new answer begins, forget what was read. item: enter
 * and consume the attribute map at scan; 0 with a fault in scan refuses the answer. Both may be
 * called for an answer that is then refused, so only a successful call makes the result good. */
typedef struct {
    void (*start)(void *taker);
    int (*item)(void *taker, base_scan_t *scan);
    void *taker;
} dynamo_table_reader_t;

/* Bytes of a key or a value, UTF-8. */
typedef struct {
    const char *bytes;
    apr_size_t len;
} dynamo_table_bytes_t;

/* An attribute to store. */
typedef struct {
    const char *name;
    char type; /* 'S' or 'N' */
    dynamo_table_bytes_t value;
} dynamo_table_attr_t;

/* One assignment of an update. Right-hand sides see the item as it was. */
typedef enum {
    DYNAMO_TABLE_SET,   /* name = value */
    DYNAMO_TABLE_RAISE, /* name = its number + 1, or 1 where it has none */
    DYNAMO_TABLE_SHIFT  /* name = what `from` holds, or "" where there is no such attribute */
} dynamo_table_change_e;

typedef struct {
    dynamo_table_change_e how;
    const char *name;
    const char *from; /* of DYNAMO_TABLE_SHIFT */
    char type;        /* of DYNAMO_TABLE_SET */
    dynamo_table_bytes_t value;
} dynamo_table_change_t;

/* A condition: the item is there, or is not; and none of `names` holds the string `unlike`. */
typedef struct {
    int exists;
    const char *const *names;
    int name_count;
    dynamo_table_bytes_t unlike;
} dynamo_table_condition_t;

/* What a write found. */
typedef struct {
    int maybe_done; /* an earlier attempt of this call may have been carried out */
    int old_item;   /* on BASE_ERR_CONFLICT: the reader was given the item as it is */
} dynamo_table_outcome_t;

/* Where a scan stopped: more says whether there is a next page, last is its key's value in pool. */
typedef struct {
    int more;
    dynamo_table_bytes_t last;
} dynamo_table_page_t;

/* client must outlive pool; the names are copied. The table's key is the string attribute
 * `key_name`. */
dynamo_table_t *dynamo_table_make(aws_client_t *client, const char *name, const char *key_name,
                                  apr_pool_t *pool);

/* The table's name, for logs. */
const char *dynamo_table_name(const dynamo_table_t *table);

/* GetItem: *found says whether there is one. */
base_err_t *dynamo_table_get(int *found, dynamo_table_t *table, const dynamo_table_bytes_t *key,
                             int consistent, const dynamo_table_reader_t *reader, base_call_t *call,
                             apr_pool_t *pool) BASE_ERR_CHECKED;

/* PutItem under condition (NULL: none); attrs include the key. With a condition the store is asked
 * for the old item should it fail. */
base_err_t *dynamo_table_put(dynamo_table_outcome_t *outcome, dynamo_table_t *table,
                             const dynamo_table_attr_t *attrs, int count,
                             const dynamo_table_condition_t *condition,
                             const dynamo_table_reader_t *reader, base_call_t *call,
                             apr_pool_t *pool) BASE_ERR_CHECKED;

/* An update of one item. */
typedef struct {
    dynamo_table_bytes_t key;
    const dynamo_table_change_t *changes;
    int count;
    const dynamo_table_condition_t *condition;
} dynamo_table_update_t;

/* UpdateItem: the reader gets the item as it is afterwards. */
base_err_t *dynamo_table_update(dynamo_table_outcome_t *outcome, dynamo_table_t *table,
                                const dynamo_table_update_t *update,
                                const dynamo_table_reader_t *reader, base_call_t *call,
                                apr_pool_t *pool) BASE_ERR_CHECKED;

/* DeleteItem without condition: success whether or not there was one. */
base_err_t *dynamo_table_remove(dynamo_table_t *table, const dynamo_table_bytes_t *key,
                                base_call_t *call, apr_pool_t *pool) BASE_ERR_CHECKED;

/* Scan: one page of at most limit items behind the key `after` (NULL: from the start). */
base_err_t *dynamo_table_scan(dynamo_table_page_t *page, dynamo_table_t *table, int limit,
                              const dynamo_table_bytes_t *after,
                              const dynamo_table_reader_t *reader, base_call_t *call,
                              apr_pool_t *pool) BASE_ERR_CHECKED;

#endif
