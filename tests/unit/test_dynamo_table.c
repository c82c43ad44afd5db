/* SPDX-License-Identifier: Apache-2.0 */
/* One table over a tape: what is sent for each operation, what becomes of what comes back. */
#include "unit.h"

#include <string.h>

#include <apr_strings.h>

#include "dynamo/attr.h"
#include "dynamo/table.h"

#define FRAMES_MAX 8 /* exchanges of a tape */

/* One scripted exchange: an answer, or with status 0 a connection that died. An error without a
 * body is a ConditionalCheckFailedException by its header. */
typedef struct {
    int status;
    const char *body;
    int reused;
} frame_t;

typedef struct {
    const frame_t *frames;
    int count;
    int played;
    const char *target[FRAMES_MAX]; /* X-Amz-Target of what was sent */
    const char *body[FRAMES_MAX];
} tape_t;

static base_err_t *play(net_http_response_t *response, void *sender,
                        const net_http_request_t *request, const base_call_t *call,
                        apr_pool_t *pool)
{
    static const net_http_header_t headers[] = {
        {"Content-Type", "application/x-amz-json-1.0"},
        {"x-amzn-RequestId", "REQ1"},
        {"X-Amzn-Errortype", "ConditionalCheckFailedException"}};
    tape_t *tape = sender;
    const frame_t *frame = &tape->frames[tape->played];
    int i;

    (void)call;
    ck_assert_int_lt(tape->played, tape->count);
    for (i = 0; i < request->header_count; i++)
        if (!strcmp(request->headers[i].name, "X-Amz-Target"))
            tape->target[tape->played] = apr_pstrdup(pool, request->headers[i].value);
    tape->body[tape->played] = apr_pstrmemdup(pool, request->body, request->body_len);
    tape->played++;
    memset(response, 0, sizeof *response);
    response->reused = frame->reused;
    response->delivered = 1;
    if (!frame->status)
        return base_err_make(BASE_ERR_UNAVAILABLE, APR_ECONNRESET, pool, "connection reset");
    response->begun = 1;
    response->status = frame->status;
    response->headers = headers;
    response->header_count = frame->status == 400 && !*frame->body ? 3 : 2;
    response->body = frame->body;
    response->body_len = strlen(frame->body);
    return NULL;
}

static apr_time_t noon(void)
{
    return apr_time_from_sec(1770897600);
}

static base_err_t *get_creds(aws_creds_t *creds, void *source, const base_call_t *call,
                             apr_pool_t *pool)
{
    (void)source;
    (void)call;
    (void)pool;
    memset(creds, 0, sizeof *creds);
    creds->access_key_id = "AKIDEXAMPLE";
    creds->secret_access_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
    creds->generation = 1;
    return NULL;
}

/* A table called "items" with the key "id" whose far end is the tape. */
static dynamo_table_t *table_over(tape_t *tape, const frame_t *frames, int count)
{
    aws_endpoint_t *endpoint = apr_pcalloc(unit_pool, sizeof *endpoint);
    aws_creds_source_t *creds = apr_pcalloc(unit_pool, sizeof *creds);
    aws_client_options_t options = {0};

    memset(tape, 0, sizeof *tape);
    tape->frames = frames;
    tape->count = count;
    endpoint->host = "localhost";
    endpoint->port = 8000;
    endpoint->host_header = "localhost:8000";
    creds->name = "test";
    creds->get = get_creds;
    options.endpoint = endpoint;
    options.region = "us-east-1";
    options.service = "dynamodb";
    options.target_prefix = "DynamoDB_20120810.";
    options.content_type = "application/x-amz-json-1.0";
    options.user_agent = "test";
    options.creds = creds;
    options.send = play;
    options.sender = tape;
    options.attempt_timeout = apr_time_from_sec(1);
    options.answer_max = 1 << 20;
    options.now = noon;
    return dynamo_table_make(aws_client_make(&options, unit_pool), "items", "id", unit_pool);
}

static base_call_t call_now(void)
{
    base_call_t call;

    base_call_init(&call, apr_time_from_sec(5));
    return call;
}

/* Takes the plain JSON of the last attribute, and counts. */
typedef struct {
    int starts;
    int items;
    const char *last;
} taken_t;

static void start(void *taker)
{
    taken_t *taken = taker;

    taken->starts++;
    taken->items = 0;
}

static int item(void *taker, base_scan_t *scan)
{
    taken_t *taken = taker;
    dynamo_attr_t attr;

    if (base_scan_enter(scan, BASE_SCAN_OBJECT))
        while (dynamo_attr_next(&attr, scan, unit_pool))
            taken->last = apr_pstrmemdup(unit_pool, attr.json, attr.len);
    taken->items++;
    return !scan->why;
}

static dynamo_table_reader_t reader_of(taken_t *taken)
{
    dynamo_table_reader_t reader = {start, item, taken};

    memset(taken, 0, sizeof *taken);
    return reader;
}

#define BYTES(literal)                                                                             \
    {                                                                                              \
        literal, sizeof(literal) - 1                                                               \
    }
#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

static const dynamo_table_bytes_t key = BYTES("k1");

START_TEST(test_get)
{
    static const frame_t frames[] = {{200, "{\"Item\":{\"id\":{\"S\":\"k1\"}}}", 0},
                                     {200, "{}", 0},
                                     {200, "", 0},
                                     {200, "{\"Item\":{\"id\":{\"S\":\"k2\"}}}", 0}};
    tape_t tape;
    taken_t taken;
    dynamo_table_t *table = table_over(&tape, frames, COUNT(frames));
    dynamo_table_reader_t reader = reader_of(&taken);
    base_call_t call = call_now();
    base_err_t *err;
    int found = -1;

    ck_assert_str_eq(dynamo_table_name(table), "items");
    err = dynamo_table_get(&found, table, &key, 1, &reader, &call, unit_pool);
    ck_assert_ptr_null(err);
    ck_assert_int_eq(found, 1);
    ck_assert_str_eq(taken.last, "\"k1\"");
    ck_assert_str_eq(tape.target[0], "DynamoDB_20120810.GetItem");
    ck_assert_str_eq(tape.body[0], "{\"TableName\":\"items\",\"Key\":{\"id\":{\"S\":\"k1\"}},"
                                   "\"ConsistentRead\":true}");

    err = dynamo_table_get(&found, table, &key, 0, &reader, &call, unit_pool);
    ck_assert_ptr_null(err);
    ck_assert_int_eq(found, 0);
    ck_assert_str_eq(tape.body[1], "{\"TableName\":\"items\",\"Key\":{\"id\":{\"S\":\"k1\"}}}");

    /* an empty body is no item that is not there: it is nonsense, and a read is made again */
    err = dynamo_table_get(&found, table, &key, 0, &reader, &call, unit_pool);
    ck_assert_ptr_null(err);
    ck_assert_int_eq(found, 1);
    ck_assert_str_eq(taken.last, "\"k2\"");
    ck_assert_int_eq(tape.played, 4);
    ck_assert_int_eq(taken.items, 1);
}
END_TEST

START_TEST(test_get_nonsense)
{
    static const frame_t frames[] = {{200, "[]", 0}, {200, "{\"Item\":{}} {}", 0}};
    tape_t tape;
    taken_t taken;
    dynamo_table_t *table = table_over(&tape, frames, COUNT(frames));
    dynamo_table_reader_t reader = reader_of(&taken);
    base_call_t call = call_now();
    base_err_t *err;
    int found = -1;

    err = dynamo_table_get(&found, table, &key, 0, &reader, &call, unit_pool);
    ck_assert_ptr_nonnull(err);
    ck_assert_int_eq(err->kind, BASE_ERR_NONSENSE);
    ck_assert_int_eq(found, 0);
    ck_assert_ptr_nonnull(strstr(base_err_format(err, unit_pool), "table items: GetItem"));
}
END_TEST

static const dynamo_table_attr_t attrs[] = {
    {"id", 'S', BYTES("k1")}, {"name", 'S', BYTES("\"n\"\n")}, {"version", 'N', BYTES("1")}};
static const dynamo_table_condition_t absent = {0, NULL, 0, {NULL, 0}};

START_TEST(test_put)
{
    static const frame_t frames[] = {{200, "{}", 0}, {200, "{}", 0}};
    tape_t tape;
    taken_t taken;
    dynamo_table_t *table = table_over(&tape, frames, COUNT(frames));
    dynamo_table_reader_t reader = reader_of(&taken);
    dynamo_table_outcome_t outcome = {9, 9};
    base_call_t call = call_now();
    base_err_t *err;

    err = dynamo_table_put(&outcome, table, attrs, 3, &absent, &reader, &call, unit_pool);
    ck_assert_ptr_null(err);
    ck_assert_int_eq(outcome.maybe_done, 0);
    ck_assert_int_eq(outcome.old_item, 0);
    ck_assert_str_eq(tape.target[0], "DynamoDB_20120810.PutItem");
    ck_assert_str_eq(tape.body[0], "{\"TableName\":\"items\",\"Item\":{\"id\":{\"S\":\"k1\"},"
                                   "\"name\":{\"S\":\"\\\"n\\\"\\n\"},\"version\":{\"N\":\"1\"}},"
                                   "\"ConditionExpression\":\"attribute_not_exists(#n0)\","
                                   "\"ReturnValuesOnConditionCheckFailure\":\"ALL_OLD\","
                                   "\"ExpressionAttributeNames\":{\"#n0\":\"id\"}}");

    err = dynamo_table_put(&outcome, table, attrs, 1, NULL, NULL, &call, unit_pool);
    ck_assert_ptr_null(err);
    ck_assert_str_eq(tape.body[1], "{\"TableName\":\"items\",\"Item\":{\"id\":{\"S\":\"k1\"}}}");
}
END_TEST

#define REFUSED                                                                                    \
    "{\"__type\":\"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException\","            \
    "\"message\":\"The conditional request failed\""

static const struct {
    frame_t frame;
    base_err_kind_e kind;
    int old_item;
} refusals[] = {
    {{400, REFUSED ",\"Item\":{\"id\":{\"S\":\"old\"}}}", 0}, BASE_ERR_CONFLICT, 1},
    {{400, REFUSED "}", 0}, BASE_ERR_CONFLICT, 0},
    {{400, "", 0}, BASE_ERR_CONFLICT, 0},
    {{400, REFUSED ",\"Item\":{\"id\":\"old\"}}", 0}, BASE_ERR_NONSENSE, 0},
    {{400,
      "{\"__type\":\"x#ValidationException\",\"message\":"
      "\"Item size has exceeded the maximum allowed size\"}",
      0},
     BASE_ERR_TOO_LARGE,
     0},
    {{400, "{\"__type\":\"x#ValidationException\",\"message\":\"bad\"}", 0}, BASE_ERR_INTERNAL, 0},
    {{400, "{\"__type\":\"x#ResourceNotFoundException\",\"message\":\"bad\"}", 0},
     BASE_ERR_DENIED,
     0},
    {{400, "{\"__type\":\"x#ThrottlingException\",\"message\":\"bad\"}", 0}, BASE_ERR_THROTTLED, 0},
    {{500, "{\"__type\":\"x#InternalServerError\",\"message\":\"bad\"}", 0},
     BASE_ERR_UNAVAILABLE,
     0},
};

START_TEST(test_put_refused)
{
    tape_t tape;
    taken_t taken;
    dynamo_table_t *table = table_over(&tape, &refusals[_i].frame, 1);
    dynamo_table_reader_t reader = reader_of(&taken);
    dynamo_table_outcome_t outcome = {9, 9};
    base_call_t call = call_now();
    base_err_t *err;

    err = dynamo_table_put(&outcome, table, attrs, 3, &absent, &reader, &call, unit_pool);
    ck_assert_ptr_nonnull(err);
    ck_assert_int_eq(err->kind, refusals[_i].kind);
    ck_assert_int_eq(outcome.old_item, refusals[_i].old_item);
    ck_assert_int_eq(outcome.maybe_done, 0);
    if (outcome.old_item)
        ck_assert_str_eq(taken.last, "\"old\"");
    if (err->kind != BASE_ERR_NONSENSE) {
        ck_assert_ptr_nonnull(err->code);
        ck_assert_str_eq(err->request_id, "REQ1");
    }
    ck_assert_ptr_nonnull(strstr(base_err_format(err, unit_pool), "table items: PutItem"));
}
END_TEST

/* The connection died under the first attempt; the second is refused: by what the first one did? */
START_TEST(test_put_maybe_done)
{
    static const frame_t frames[] = {{0, NULL, 1},
                                     {400, REFUSED ",\"Item\":{\"id\":{\"S\":\"k1\"}}}", 0}};
    tape_t tape;
    taken_t taken;
    dynamo_table_t *table = table_over(&tape, frames, COUNT(frames));
    dynamo_table_reader_t reader = reader_of(&taken);
    dynamo_table_outcome_t outcome;
    base_call_t call = call_now();
    base_err_t *err;

    err = dynamo_table_put(&outcome, table, attrs, 3, &absent, &reader, &call, unit_pool);
    ck_assert_ptr_nonnull(err);
    ck_assert_int_eq(err->kind, BASE_ERR_CONFLICT);
    ck_assert_int_eq(outcome.maybe_done, 1);
    ck_assert_int_eq(outcome.old_item, 1);
    ck_assert_str_eq(tape.body[0], tape.body[1]);
}
END_TEST

/* A conflict whose body is not wanted is a conflict. */
START_TEST(test_put_refused_unread)
{
    static const frame_t frames[] = {{400, REFUSED ",\"Item\":{\"id\":{\"S\":\"k1\"}}}", 0}};
    tape_t tape;
    dynamo_table_t *table = table_over(&tape, frames, COUNT(frames));
    dynamo_table_outcome_t outcome;
    base_call_t call = call_now();
    base_err_t *err;

    err = dynamo_table_put(&outcome, table, attrs, 3, &absent, NULL, &call, unit_pool);
    ck_assert_ptr_nonnull(err);
    ck_assert_int_eq(err->kind, BASE_ERR_CONFLICT);
    ck_assert_int_eq(outcome.old_item, 0);
}
END_TEST

START_TEST(test_put_too_large)
{
    static const dynamo_table_bytes_t none = {"", 0};
    dynamo_table_attr_t large = {"id", 'S', none};
    tape_t tape;
    dynamo_table_t *table = table_over(&tape, NULL, 0);
    dynamo_table_outcome_t outcome;
    base_call_t call = call_now();
    base_err_t *err;
    char *bytes = apr_pcalloc(unit_pool, 800000); /* NULs: six bytes each */

    large.value.bytes = bytes;
    large.value.len = 800000;
    err = dynamo_table_put(&outcome, table, &large, 1, NULL, NULL, &call, unit_pool);
    ck_assert_ptr_nonnull(err);
    ck_assert_int_eq(err->kind, BASE_ERR_TOO_LARGE);
    ck_assert_int_eq(tape.played, 0);
}
END_TEST

START_TEST(test_update)
{
    static const char *const marks[] = {"_w1", "_w2"};
    static const dynamo_table_condition_t there = {1, marks, 2, BYTES("T")};
    static const dynamo_table_change_t changes[] = {
        {DYNAMO_TABLE_SET, "name", NULL, 'S', BYTES("new")},
        {DYNAMO_TABLE_RAISE, "version", NULL, 0, {NULL, 0}},
        {DYNAMO_TABLE_SHIFT, "_w2", "_w1", 0, {NULL, 0}},
        {DYNAMO_TABLE_SET, "_w1", NULL, 'S', BYTES("T")}};
    static const frame_t frames[] = {{200, "{\"Attributes\":{\"id\":{\"S\":\"k1\"}}}", 0},
                                     {200, "{\"Attributes\":{\"id\":{\"S\":\"k1\"}}}", 0},
                                     {200, "{}", 0}};
    dynamo_table_update_t update = {BYTES("k1"), changes, COUNT(changes), &there};
    tape_t tape;
    taken_t taken;
    dynamo_table_t *table = table_over(&tape, frames, COUNT(frames));
    dynamo_table_reader_t reader = reader_of(&taken);
    dynamo_table_outcome_t outcome;
    base_call_t call = call_now();
    base_err_t *err;

    err = dynamo_table_update(&outcome, table, &update, &reader, &call, unit_pool);
    ck_assert_ptr_null(err);
    ck_assert_int_eq(taken.items, 1);
    ck_assert_str_eq(tape.target[0], "DynamoDB_20120810.UpdateItem");
    ck_assert_str_eq(
        tape.body[0],
        "{\"TableName\":\"items\",\"Key\":{\"id\":{\"S\":\"k1\"}},"
        "\"UpdateExpression\":\"SET #n0 = :v0, #n1 = if_not_exists(#n1, :v1) + :v2, "
        "#n2 = if_not_exists(#n3, :v3), #n3 = :v4\","
        "\"ConditionExpression\":\"attribute_exists(#n4) AND "
        "(attribute_not_exists(#n3) OR #n3 <> :v4) AND (attribute_not_exists(#n2) OR #n2 <> :v4)\","
        "\"ReturnValuesOnConditionCheckFailure\":\"ALL_OLD\",\"ReturnValues\":\"ALL_NEW\","
        "\"ExpressionAttributeNames\":{\"#n0\":\"name\",\"#n1\":\"version\",\"#n2\":\"_w2\","
        "\"#n3\":\"_w1\",\"#n4\":\"id\"},"
        "\"ExpressionAttributeValues\":{\":v0\":{\"S\":\"new\"},\":v1\":{\"N\":\"0\"},"
        "\":v2\":{\"N\":\"1\"},\":v3\":{\"S\":\"\"},\":v4\":{\"S\":\"T\"}}}");

    update.count = 0;
    update.condition = NULL;
    err = dynamo_table_update(&outcome, table, &update, &reader, &call, unit_pool);
    ck_assert_ptr_null(err);
    ck_assert_str_eq(tape.body[1], "{\"TableName\":\"items\",\"Key\":{\"id\":{\"S\":\"k1\"}},"
                                   "\"ReturnValues\":\"ALL_NEW\"}");

    /* an update that says nothing of the item; a write is not made again */
    err = dynamo_table_update(&outcome, table, &update, &reader, &call, unit_pool);
    ck_assert_ptr_nonnull(err);
    ck_assert_int_eq(err->kind, BASE_ERR_NONSENSE);
    ck_assert_int_eq(tape.played, 3);
}
END_TEST

START_TEST(test_update_refused)
{
    static const frame_t frames[] = {{400, REFUSED ",\"Item\":{\"id\":{\"S\":\"k1\"}}}", 0}};
    dynamo_table_update_t update = {BYTES("k1"), NULL, 0, &absent};
    tape_t tape;
    taken_t taken;
    dynamo_table_t *table = table_over(&tape, frames, COUNT(frames));
    dynamo_table_reader_t reader = reader_of(&taken);
    dynamo_table_outcome_t outcome;
    base_call_t call = call_now();
    base_err_t *err;

    err = dynamo_table_update(&outcome, table, &update, &reader, &call, unit_pool);
    ck_assert_ptr_nonnull(err);
    ck_assert_int_eq(err->kind, BASE_ERR_CONFLICT);
    ck_assert_int_eq(outcome.old_item, 1);
    ck_assert_str_eq(taken.last, "\"k1\"");
}
END_TEST

START_TEST(test_remove)
{
    static const frame_t frames[] = {
        {200, "{}", 0}, {400, "{\"__type\":\"x#AccessDeniedException\",\"Message\":\"no\"}", 0}};
    tape_t tape;
    dynamo_table_t *table = table_over(&tape, frames, COUNT(frames));
    base_call_t call = call_now();
    base_err_t *err;

    err = dynamo_table_remove(table, &key, &call, unit_pool);
    ck_assert_ptr_null(err);
    ck_assert_str_eq(tape.target[0], "DynamoDB_20120810.DeleteItem");
    ck_assert_str_eq(tape.body[0], "{\"TableName\":\"items\",\"Key\":{\"id\":{\"S\":\"k1\"}}}");
    err = dynamo_table_remove(table, &key, &call, unit_pool);
    ck_assert_ptr_nonnull(err);
    ck_assert_int_eq(err->kind, BASE_ERR_DENIED);
    ck_assert_str_eq(err->code, "AccessDeniedException");
}
END_TEST

START_TEST(test_scan)
{
    static const frame_t frames[] = {
        {200,
         "{\"Count\":2,\"Items\":[{\"id\":{\"S\":\"a\"}},{\"id\":{\"S\":\"b\"}}],"
         "\"LastEvaluatedKey\":{\"id\":{\"S\":\"b\\\"\"}},\"ScannedCount\":2}",
         0},
        {200, "{\"Count\":0,\"Items\":[],\"ScannedCount\":0}", 0},
        {200, "{\"Items\":[],\"LastEvaluatedKey\":{\"id\":{\"S\":\"b\"},\"at\":{\"S\":\"\"}}}", 0},
        {200, "{\"Items\":[],\"LastEvaluatedKey\":{\"id\":{\"S\":\"b\"},\"at\":{\"S\":\"\"}}}", 0},
        {200, "{\"Items\":[],\"LastEvaluatedKey\":{\"id\":{\"S\":\"b\"}}} x", 0},
        {200, "{\"Items\":[],\"LastEvaluatedKey\":{\"id\":{\"S\":\"b\"}}} x", 0}};
    tape_t tape;
    taken_t taken;
    dynamo_table_t *table = table_over(&tape, frames, COUNT(frames));
    dynamo_table_reader_t reader = reader_of(&taken);
    dynamo_table_page_t page;
    base_call_t call = call_now();
    base_err_t *err;

    err = dynamo_table_scan(&page, table, 2, NULL, &reader, &call, unit_pool);
    ck_assert_ptr_null(err);
    ck_assert_str_eq(tape.target[0], "DynamoDB_20120810.Scan");
    ck_assert_str_eq(tape.body[0], "{\"TableName\":\"items\",\"Limit\":2}");
    ck_assert_int_eq(taken.items, 2);
    ck_assert_int_eq(page.more, 1);
    ck_assert_uint_eq(page.last.len, 2);
    ck_assert_mem_eq(page.last.bytes, "b\"", 2);

    err = dynamo_table_scan(&page, table, 100, &page.last, &reader, &call, unit_pool);
    ck_assert_ptr_null(err);
    ck_assert_str_eq(tape.body[1], "{\"TableName\":\"items\",\"Limit\":100,"
                                   "\"ExclusiveStartKey\":{\"id\":{\"S\":\"b\\\"\"}}}");
    ck_assert_int_eq(taken.items, 0);
    ck_assert_int_eq(page.more, 0);
    ck_assert_uint_eq(page.last.len, 0);

    /* a table whose key is not the configured one */
    page.more = 9;
    err = dynamo_table_scan(&page, table, 100, NULL, &reader, &call, unit_pool);
    ck_assert_ptr_nonnull(err);
    ck_assert_int_eq(err->kind, BASE_ERR_NONSENSE);
    ck_assert_ptr_nonnull(strstr(base_err_format(err, unit_pool), "the one string attribute id"));
    ck_assert_int_eq(page.more, 0);
    ck_assert_int_eq(tape.played, 4);

    /* a refused answer leaves no page, though its key was read */
    err = dynamo_table_scan(&page, table, 100, NULL, &reader, &call, unit_pool);
    ck_assert_ptr_nonnull(err);
    ck_assert_int_eq(page.more, 0);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("dynamo/table");
    TCase *tcase = unit_case(suite, "table");

    tcase_add_test(tcase, test_get);
    tcase_add_test(tcase, test_get_nonsense);
    tcase_add_test(tcase, test_put);
    tcase_add_loop_test(tcase, test_put_refused, 0, COUNT(refusals));
    tcase_add_test(tcase, test_put_maybe_done);
    tcase_add_test(tcase, test_put_refused_unread);
    tcase_add_test(tcase, test_put_too_large);
    tcase_add_test(tcase, test_update);
    tcase_add_test(tcase, test_update_refused);
    tcase_add_test(tcase, test_remove);
    tcase_add_test(tcase, test_scan);
    return suite;
}
