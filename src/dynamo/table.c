/* SPDX-License-Identifier: Apache-2.0 */
/* One table: each function is one operation, one aws_client_call.
 *
 * Nothing here decides what to do after a failure; whether a call may be
 * repeated is settled below, and what a conflict means above.
 */
#include "dynamo/table.h"

#include <string.h>

#include <apr_strings.h>

#include "dynamo/fault.h"
#include "dynamo/ops.h"

struct dynamo_table_t {
    aws_client_t *client;
    const char *name;
    const char *key_name;
};

/* Bytes of an answer, from DynamoDB's limits as it stores them: 400 KB for an item with its names,
 * 1 MB for a page. JSON makes more of them: six bytes of a control character, nine of an empty
 * string in a list, which counts as one. An item of nothing else still fits; so does a page of
 * what the API stores (strings). What other tools store has not been seen beyond threefold. */
#define ITEM_ANSWER_MAX (4 * 1024 * 1024)
#define PAGE_ANSWER_MAX (8 * 1024 * 1024)

/* One operation, all but its body. */
typedef struct {
    const char *name;
    aws_client_read_fn *read;
    int is_read;
    apr_size_t answer_max;
} operation_t;

static const operation_t get_item = {"GetItem", dynamo_ops_read_get, 1, ITEM_ANSWER_MAX};
static const operation_t put_item = {"PutItem", dynamo_ops_read_done, 0, ITEM_ANSWER_MAX};
static const operation_t update_item = {"UpdateItem", dynamo_ops_read_update, 0, ITEM_ANSWER_MAX};
static const operation_t delete_item = {"DeleteItem", dynamo_ops_read_done, 0, ITEM_ANSWER_MAX};
static const operation_t scan_items = {"Scan", dynamo_ops_read_scan, 1, PAGE_ANSWER_MAX};

/* The call under way. */
typedef struct {
    const dynamo_table_t *table;
    const operation_t *operation;
    dynamo_ops_body_t body;
    dynamo_ops_answer_t answer;
    aws_client_outcome_t outcome;
    apr_pool_t *pool;
} exchange_t;

dynamo_table_t *dynamo_table_make(aws_client_t *client, const char *name, const char *key_name,
                                  apr_pool_t *pool)
{
    dynamo_table_t *table = apr_pcalloc(pool, sizeof *table);

    table->client = client;
    table->name = apr_pstrdup(pool, name);
    table->key_name = apr_pstrdup(pool, key_name);
    return table;
}

const char *dynamo_table_name(const dynamo_table_t *table)
{
    return table->name;
}

/* For operations and callers that want no item. */
static void forget(void *taker)
{
    (void)taker;
}

static int pass_over(void *taker, base_scan_t *scan)
{
    (void)taker;
    return base_scan_skip(scan, NULL);
}

/* hint: bytes of the body beside some names. */
static void begin(exchange_t *exchange, const dynamo_table_t *table, const operation_t *operation,
                  const dynamo_table_reader_t *reader, apr_size_t hint, apr_pool_t *pool)
{
    memset(exchange, 0, sizeof *exchange);
    exchange->table = table;
    exchange->operation = operation;
    exchange->answer.start = reader ? reader->start : forget;
    exchange->answer.item = reader ? reader->item : pass_over;
    exchange->answer.taker = reader ? reader->taker : NULL;
    exchange->answer.key_name = table->key_name;
    exchange->answer.pool = pool;
    exchange->pool = pool;
    dynamo_ops_begin(&exchange->body, table->name, hint, pool);
}

static void put_key(exchange_t *exchange, const char *member, const dynamo_table_bytes_t *key)
{
    dynamo_ops_put_key(&exchange->body, member, exchange->table->key_name, key->bytes, key->len);
}

/* With a condition goes the wish to see the item, should it fail. */
static void put_condition(exchange_t *exchange, const dynamo_table_condition_t *condition)
{
    base_text_t *text = &exchange->body.text;
    dynamo_expr_t *expr = &exchange->body.expr;
    int i;

    dynamo_ops_open_expression(&exchange->body, "ConditionExpression");
    dynamo_expr_put_exists(text, expr, exchange->table->key_name, condition->exists);
    for (i = 0; i < condition->name_count; i++) {
        base_text_put_str(text, " AND ");
        dynamo_expr_put_unlike(text, expr, condition->names[i], condition->unlike.bytes,
                               condition->unlike.len);
    }
    dynamo_ops_close_expression(&exchange->body);
    dynamo_ops_put_plain(&exchange->body, "ReturnValuesOnConditionCheckFailure", "\"ALL_OLD\"");
}

static void put_change(exchange_t *exchange, const dynamo_table_change_t *change)
{
    base_text_t *text = &exchange->body.text;
    dynamo_expr_t *expr = &exchange->body.expr;

    switch (change->how) {
    case DYNAMO_TABLE_SET:
        dynamo_expr_put_set(text, expr, change->name, change->type, change->value.bytes,
                            change->value.len);
        break;
    case DYNAMO_TABLE_RAISE:
        dynamo_expr_put_raise(text, expr, change->name);
        break;
    case DYNAMO_TABLE_SHIFT:
        dynamo_expr_put_shift(text, expr, change->name, change->from);
        break;
    }
}

static void put_changes(exchange_t *exchange, const dynamo_table_change_t *changes, int count)
{
    int i;

    if (count == 0)
        return; /* an empty expression is refused, an absent one is not */
    dynamo_ops_open_expression(&exchange->body, "UpdateExpression");
    for (i = 0; i < count; i++) {
        base_text_put_str(&exchange->body.text, i ? ", " : "SET ");
        put_change(exchange, &changes[i]);
    }
    dynamo_ops_close_expression(&exchange->body);
}

/* An error with what the floors below don't know; they know the operation. */
static base_err_t *tell(const exchange_t *exchange, const base_err_t *cause, base_err_kind_e kind)
{
    base_err_t *err = base_err_wrap(cause, exchange->pool, "table %s", exchange->table->name);

    err->kind = kind;
    return err;
}

/* An error that never reached those floors. */
static base_err_t *tell_own(const exchange_t *exchange, const base_err_t *cause)
{
    base_err_t *err = base_err_wrap(cause, exchange->pool, "%s", exchange->operation->name);

    return tell(exchange, err, cause->kind);
}

/* Finish the body and make the call. */
static base_err_t *run(exchange_t *exchange, base_call_t *call)
{
    aws_client_request_t request = {0};
    base_err_t *err = dynamo_ops_finish(&exchange->body);

    if (err)
        return tell_own(exchange, err);
    request.operation = exchange->operation->name;
    request.body = exchange->body.text.data;
    request.body_len = exchange->body.text.len;
    request.is_read = exchange->operation->is_read;
    request.read = exchange->operation->read;
    request.reader = &exchange->answer;
    request.answer_max = exchange->operation->answer_max;
    err = aws_client_call(&exchange->outcome, exchange->table->client, &request, call,
                          exchange->pool);
    if (!err)
        return NULL;
    return tell(exchange, err, dynamo_fault_kind(err, exchange->outcome.error_message));
}

/* A write: on a conflict the reader is given the old item. */
static base_err_t *run_write(dynamo_table_outcome_t *outcome, exchange_t *exchange,
                             base_call_t *call)
{
    base_err_t *err = run(exchange, call), *unread;

    outcome->maybe_done = exchange->outcome.maybe_done;
    outcome->old_item = 0;
    if (!err || err->kind != BASE_ERR_CONFLICT || !exchange->outcome.error_body_len)
        return err; /* without a body the exception's name stood in a header */
    unread = dynamo_ops_read_conflict(&exchange->answer, exchange->outcome.error_body,
                                      exchange->outcome.error_body_len, exchange->pool);
    if (unread)
        return tell_own(exchange, unread);
    outcome->old_item = exchange->answer.found && exchange->answer.item != pass_over;
    return err;
}

base_err_t *dynamo_table_get(int *found, dynamo_table_t *table, const dynamo_table_bytes_t *key,
                             int consistent, const dynamo_table_reader_t *reader, base_call_t *call,
                             apr_pool_t *pool)
{
    exchange_t exchange;
    base_err_t *err;

    begin(&exchange, table, &get_item, reader, key->len, pool);
    put_key(&exchange, "Key", key);
    if (consistent)
        dynamo_ops_put_plain(&exchange.body, "ConsistentRead", "true");
    err = run(&exchange, call);
    *found = !err && exchange.answer.found;
    return err;
}

base_err_t *dynamo_table_put(dynamo_table_outcome_t *outcome, dynamo_table_t *table,
                             const dynamo_table_attr_t *attrs, int count,
                             const dynamo_table_condition_t *condition,
                             const dynamo_table_reader_t *reader, base_call_t *call,
                             apr_pool_t *pool)
{
    exchange_t exchange;
    apr_size_t hint = 0;
    int i;

    for (i = 0; i < count; i++)
        hint += attrs[i].value.len;
    begin(&exchange, table, &put_item, reader, hint, pool);
    dynamo_ops_open_item(&exchange.body);
    for (i = 0; i < count; i++)
        dynamo_ops_put_attr(&exchange.body, attrs[i].name, attrs[i].type, attrs[i].value.bytes,
                            attrs[i].value.len);
    dynamo_ops_close_item(&exchange.body);
    if (condition)
        put_condition(&exchange, condition);
    return run_write(outcome, &exchange, call);
}

base_err_t *dynamo_table_update(dynamo_table_outcome_t *outcome, dynamo_table_t *table,
                                const dynamo_table_update_t *update,
                                const dynamo_table_reader_t *reader, base_call_t *call,
                                apr_pool_t *pool)
{
    exchange_t exchange;
    apr_size_t hint = update->key.len;
    int i;

    for (i = 0; i < update->count; i++)
        hint += update->changes[i].value.len;
    begin(&exchange, table, &update_item, reader, hint, pool);
    put_key(&exchange, "Key", &update->key);
    put_changes(&exchange, update->changes, update->count);
    if (update->condition)
        put_condition(&exchange, update->condition);
    dynamo_ops_put_plain(&exchange.body, "ReturnValues", "\"ALL_NEW\"");
    return run_write(outcome, &exchange, call);
}

base_err_t *dynamo_table_remove(dynamo_table_t *table, const dynamo_table_bytes_t *key,
                                base_call_t *call, apr_pool_t *pool)
{
    exchange_t exchange;

    begin(&exchange, table, &delete_item, NULL, key->len, pool);
    put_key(&exchange, "Key", key);
    return run(&exchange, call);
}

base_err_t *dynamo_table_scan(dynamo_table_page_t *page, dynamo_table_t *table, int limit,
                              const dynamo_table_bytes_t *after,
                              const dynamo_table_reader_t *reader, base_call_t *call,
                              apr_pool_t *pool)
{
    exchange_t exchange;
    base_err_t *err;

    begin(&exchange, table, &scan_items, reader, after ? after->len : 0, pool);
    exchange.answer.item_max = limit;
    dynamo_ops_put_plain(&exchange.body, "Limit", apr_itoa(pool, limit));
    if (after)
        put_key(&exchange, "ExclusiveStartKey", after);
    err = run(&exchange, call);
    page->more = !err && exchange.answer.more;
    page->last.bytes = page->more ? exchange.answer.last : "";
    page->last.len = page->more ? exchange.answer.last_len : 0;
    return err;
}
