/* SPDX-License-Identifier: Apache-2.0 */
/* Bodies of requests, readers of answers.
 *
 * DynamoDB API Reference 2012-08-10: GetItem, PutItem, UpdateItem, DeleteItem,
 * Scan. An answer is one JSON object; the members that matter may stand once,
 * others are judged as JSON and passed over, so that new ones do no harm. {} is
 * GetItem's way to say that there is no such item; an exception (__type) is not, nor
 * is a page of more items than were asked for: whoever says so is no DynamoDB.
 */
#include "dynamo/ops.h"

#include <string.h>

#include <apr_strings.h>

#include "dynamo/attr.h"

/* Beside what is counted: the names of members, an expression or two. */
#define BODY_HINT 512

/* Bytes of a partition key's value, by the service's quotas. */
#define KEY_MAX 2048

void dynamo_ops_begin(dynamo_ops_body_t *body, const char *table, apr_size_t hint, apr_pool_t *pool)
{
    base_text_init(&body->text, BODY_HINT + hint, DYNAMO_OPS_BODY_MAX, pool);
    memset(&body->expr, 0, sizeof(body->expr));
    base_text_put_str(&body->text, "{\"TableName\":");
    base_text_put_json(&body->text, table, strlen(table));
}

/* Names of members are ours: nothing in them needs an escape. */
static void put_member(dynamo_ops_body_t *body, const char *member)
{
    base_text_put_str(&body->text, ",\"");
    base_text_put_str(&body->text, member);
    base_text_put_str(&body->text, "\":");
}

void dynamo_ops_put_key(dynamo_ops_body_t *body, const char *member, const char *name,
                        const char *bytes, apr_size_t len)
{
    put_member(body, member);
    base_text_put_char(&body->text, '{');
    base_text_put_json(&body->text, name, strlen(name));
    base_text_put_char(&body->text, ':');
    dynamo_attr_put(&body->text, 'S', bytes, len);
    base_text_put_char(&body->text, '}');
}

void dynamo_ops_put_plain(dynamo_ops_body_t *body, const char *member, const char *json)
{
    put_member(body, member);
    base_text_put_str(&body->text, json);
}

/* An expression is placeholders and operators: nothing in it needs an escape either. */
void dynamo_ops_open_expression(dynamo_ops_body_t *body, const char *member)
{
    if (!body->expr.names) /* most operations have none */
        dynamo_expr_init(&body->expr, body->text.pool);
    put_member(body, member);
    base_text_put_char(&body->text, '"');
}

void dynamo_ops_close_expression(dynamo_ops_body_t *body)
{
    base_text_put_char(&body->text, '"');
}

void dynamo_ops_open_item(dynamo_ops_body_t *body)
{
    put_member(body, "Item");
    base_text_put_char(&body->text, '{');
}

void dynamo_ops_put_attr(dynamo_ops_body_t *body, const char *name, char type, const char *bytes,
                         apr_size_t len)
{
    base_text_t *text = &body->text;

    if (text->len && text->data[text->len - 1] != '{')
        base_text_put_char(text, ',');
    base_text_put_json(text, name, strlen(name));
    base_text_put_char(text, ':');
    dynamo_attr_put(text, type, bytes, len);
}

void dynamo_ops_close_item(dynamo_ops_body_t *body)
{
    base_text_put_char(&body->text, '}');
}

base_err_t *dynamo_ops_finish(dynamo_ops_body_t *body)
{
    base_text_t *text = &body->text;

    if (body->expr.names)
        dynamo_expr_put_placeholders(text, &body->expr);
    base_text_put_char(text, '}');
    if (body->expr.full)
        return base_err_make(BASE_ERR_INTERNAL, 0, text->pool,
                             "expression of more than %d names or values", DYNAMO_EXPR_MAX);
    if (text->full)
        return base_err_make(BASE_ERR_TOO_LARGE, 0, text->pool, "request too large: over %d bytes",
                             DYNAMO_OPS_BODY_MAX);
    return NULL;
}

/* A member of an answer that matters; a list of them ends with one that has no name. */
typedef struct {
    const char *name;
    void (*take)(dynamo_ops_answer_t *answer, base_scan_t *scan);
    int is_needed;
} member_t;

#define MEMBERS_MAX 3

static void take_item(dynamo_ops_answer_t *answer, base_scan_t *scan)
{
    if (answer->item(answer->taker, scan))
        answer->found = 1;
    else
        base_scan_fail(scan, "item refused");
}

static void take_items(dynamo_ops_answer_t *answer, base_scan_t *scan)
{
    int count = 0;

    if (base_scan_enter(scan, BASE_SCAN_ARRAY))
        while (base_scan_element(scan)) {
            if (count++ < answer->item_max)
                take_item(answer, scan);
            else
                base_scan_fail(scan, "more items than were asked for");
        }
}

/* Of every answer but an exception's: it has no place in a 200. */
static void take_type(dynamo_ops_answer_t *answer, base_scan_t *scan)
{
    (void)answer;
    base_scan_fail(scan, "an exception");
}

/* The key of the last item evaluated: the start of the next page, which only this table's key
 * can be. It leaves the answer's text, which may be gone before the page is used. */
static void take_last_key(dynamo_ops_answer_t *answer, base_scan_t *scan)
{
    dynamo_attr_t attr, second;
    base_scan_span_t text;
    const char *bytes;
    apr_size_t len;

    if (!base_scan_enter(scan, BASE_SCAN_OBJECT))
        return;
    if (!dynamo_attr_next(&attr, scan, answer->pool) ||
        !base_scan_equals(&attr.name, answer->key_name) || strcmp(attr.type, "S") != 0 ||
        dynamo_attr_next(&second, scan, answer->pool)) {
        base_scan_fail(scan, apr_psprintf(answer->pool,
                                          "LastEvaluatedKey is not the one string attribute %s",
                                          answer->key_name));
        return;
    }
    text = dynamo_attr_text(&attr);
    bytes = base_scan_decode(&len, &text, answer->pool);
    if (len == 0 || len > KEY_MAX) {
        base_scan_fail(scan, "LastEvaluatedKey has no key's length");
        return;
    }
    answer->last = apr_pmemdup(answer->pool, bytes, len);
    answer->last_len = len;
    answer->more = 1;
}

/* What an item or items stand in where an operation answers with them. A GetItem that is answered
 * with a list would else have found nothing. */
static int is_of_another_operation(const base_scan_span_t *name)
{
    return base_scan_equals(name, "Item") || base_scan_equals(name, "Items") ||
           base_scan_equals(name, "Attributes");
}

static void take_member(dynamo_ops_answer_t *answer, const member_t *members, int seen[],
                        const base_scan_span_t *name, base_scan_t *scan)
{
    int i;

    for (i = 0; members[i].name; i++) {
        if (!base_scan_equals(name, members[i].name))
            continue;
        if (seen[i]++)
            base_scan_fail(scan, "member given twice");
        else
            members[i].take(answer, scan);
        return;
    }
    if (is_of_another_operation(name))
        base_scan_fail(scan, "an answer to another operation");
    base_scan_skip(scan, NULL);
}

/* One answer, from its first byte to its last. */
static base_err_t *read_answer(dynamo_ops_answer_t *answer, const member_t *members,
                               const char *body, apr_size_t len, apr_pool_t *pool)
{
    base_scan_t scan;
    base_scan_span_t name;
    int seen[MEMBERS_MAX] = {0};
    int i;

    answer->found = 0;
    answer->more = 0;
    answer->start(answer->taker);
    base_scan_init(&scan, body, len, DYNAMO_ATTR_DEPTH);
    if (base_scan_enter(&scan, BASE_SCAN_OBJECT))
        while (base_scan_member(&scan, &name))
            take_member(answer, members, seen, &name, &scan);
    base_scan_end(&scan);
    if (scan.why)
        return base_err_make(scan.is_starved ? BASE_ERR_INTERNAL : BASE_ERR_NONSENSE, 0, pool,
                             "answer refused: %s at byte %" APR_SIZE_T_FMT " of %" APR_SIZE_T_FMT,
                             scan.why, scan.fault, len);
    for (i = 0; members[i].name; i++)
        if (members[i].is_needed && !seen[i])
            return base_err_make(BASE_ERR_NONSENSE, 0, pool, "answer refused: without %s",
                                 members[i].name);
    return NULL;
}

base_err_t *dynamo_ops_read_get(void *answer, const char *body, apr_size_t len, apr_pool_t *pool)
{
    static const member_t members[] = {{"Item", take_item, 0}, {"__type", take_type, 0}, {0}};

    return read_answer(answer, members, body, len, pool);
}

base_err_t *dynamo_ops_read_update(void *answer, const char *body, apr_size_t len, apr_pool_t *pool)
{
    static const member_t members[] = {{"Attributes", take_item, 1}, {"__type", take_type, 0}, {0}};

    return read_answer(answer, members, body, len, pool);
}

base_err_t *dynamo_ops_read_scan(void *answer, const char *body, apr_size_t len, apr_pool_t *pool)
{
    static const member_t members[] = {{"Items", take_items, 1},
                                       {"LastEvaluatedKey", take_last_key, 0},
                                       {"__type", take_type, 0},
                                       {0}};

    return read_answer(answer, members, body, len, pool);
}

base_err_t *dynamo_ops_read_done(void *answer, const char *body, apr_size_t len, apr_pool_t *pool)
{
    static const member_t members[] = {{"__type", take_type, 0}, {0}};

    return read_answer(answer, members, body, len, pool);
}

base_err_t *dynamo_ops_read_conflict(void *answer, const char *body, apr_size_t len,
                                     apr_pool_t *pool)
{
    static const member_t members[] = {{"Item", take_item, 0}, {0}};

    return read_answer(answer, members, body, len, pool);
}
