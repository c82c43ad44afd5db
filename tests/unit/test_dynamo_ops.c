/* SPDX-License-Identifier: Apache-2.0 */
/* Bodies as they are sent, answers as they are read. */
#include "unit.h"

#include <string.h>

#include <apr_strings.h>

#include "dynamo/attr.h"
#include "dynamo/ops.h"

/* What the taker was given since the last start: "name=json;" per attribute, "|" behind an item. */
typedef struct {
    base_text_t text;
    int starts;
    int refuses; /* every item */
} taken_t;

static void start(void *taker)
{
    taken_t *taken = taker;

    taken->starts++;
    base_text_init(&taken->text, 64, 65536, unit_pool);
}

static int item(void *taker, base_scan_t *scan)
{
    taken_t *taken = taker;
    dynamo_attr_t attr;

    if (taken->refuses)
        return 0;
    if (base_scan_enter(scan, BASE_SCAN_OBJECT))
        while (dynamo_attr_next(&attr, scan, unit_pool)) {
            base_text_put(&taken->text, attr.name.ptr, attr.name.len);
            base_text_put_char(&taken->text, '=');
            dynamo_attr_put_plain(&taken->text, &attr);
            base_text_put_char(&taken->text, ';');
        }
    base_text_put_char(&taken->text, '|');
    return !scan->why;
}

typedef base_err_t *read_fn(void *answer, const char *body, apr_size_t len, apr_pool_t *pool);

static base_err_t *read_body(dynamo_ops_answer_t *answer, taken_t *taken, read_fn *read,
                             const char *body)
{
    memset(answer, 0, sizeof *answer);
    memset(taken, 0, sizeof *taken);
    answer->start = start;
    answer->item = item;
    answer->taker = taken;
    answer->key_name = "id";
    answer->item_max = 2;
    answer->pool = unit_pool;
    return read(answer, body, strlen(body), unit_pool);
}

static const struct {
    read_fn *read;
    const char *body;
    int found;
    const char *taken;
    const char *last; /* NULL: no next page */
} good[] = {
    {dynamo_ops_read_get, "{}", 0, "", NULL},
    {dynamo_ops_read_get, " {\n} ", 0, "", NULL},
    {dynamo_ops_read_get, "{\"ConsumedCapacity\":{\"TableName\":\"t\",\"CapacityUnits\":0.5}}", 0,
     "", NULL},
    {dynamo_ops_read_get, "{\"Item\":{}}", 1, "|", NULL},
    {dynamo_ops_read_get, "{\"Item\":{\"id\":{\"S\":\"a\"},\"n\":{\"N\":\"1\"}},\"New\":[1,{}]}", 1,
     "id=\"a\";n=1;|", NULL},
    {dynamo_ops_read_get, "{\"\\u0049tem\":{\"id\":{\"S\":\"a\"}}}", 1, "id=\"a\";|", NULL},
    {dynamo_ops_read_get, "{\"item\":{\"id\":{\"S\":\"a\"}}}", 0, "", NULL},
    {dynamo_ops_read_update, "{\"Attributes\":{\"id\":{\"S\":\"a\"}},\"New\":7}", 1, "id=\"a\";|",
     NULL},
    {dynamo_ops_read_done, "{}", 0, "", NULL},
    {dynamo_ops_read_done, "{\"ItemCollectionMetrics\":{\"SizeEstimateRangeGB\":[0,1]}}", 0, "",
     NULL},
    {dynamo_ops_read_conflict,
     "{\"__type\":\"x#ConditionalCheckFailedException\",\"message\":\"no\"}", 0, "", NULL},
    {dynamo_ops_read_conflict,
     "{\"__type\":\"ConditionalCheckFailedException\",\"message\":\"no\","
     "\"Item\":{\"id\":{\"S\":\"a\"}}}",
     1, "id=\"a\";|", NULL},
    {dynamo_ops_read_scan, "{\"Items\":[],\"Count\":0,\"ScannedCount\":0}", 0, "", NULL},
    {dynamo_ops_read_scan,
     "{\"Count\":1,\"Items\":[{\"id\":{\"S\":\"a\"}},{\"id\":{\"S\":\"b\"}}]}", 1,
     "id=\"a\";|id=\"b\";|", NULL},
    {dynamo_ops_read_scan, "{\"LastEvaluatedKey\":{\"id\":{\"S\":\"b\\n\\u00e9\"}},\"Items\":[]}",
     0, "", "b\n\xc3\xa9"},
    {dynamo_ops_read_scan,
     "{\"Items\":[{\"id\":{\"S\":\"a\"}}],\"LastEvaluatedKey\":{\"i\\u0064\":{\"S\":\"a\"}}}", 1,
     "id=\"a\";|", "a"},
};

START_TEST(test_good)
{
    dynamo_ops_answer_t answer;
    taken_t taken;
    base_err_t *err = read_body(&answer, &taken, good[_i].read, good[_i].body);

    ck_assert_msg(!err, "%s: %s", good[_i].body, err ? err->words : "");
    ck_assert_int_eq(taken.starts, 1);
    ck_assert_int_eq(answer.found, good[_i].found);
    ck_assert_str_eq(taken.text.data, good[_i].taken);
    ck_assert_int_eq(answer.more, good[_i].last != NULL);
    if (good[_i].last) {
        ck_assert_uint_eq(answer.last_len, strlen(good[_i].last));
        ck_assert_mem_eq(answer.last, good[_i].last, answer.last_len);
    }
}
END_TEST

#define KEY "LastEvaluatedKey is not the one string attribute id"

static const struct {
    read_fn *read;
    const char *body;
    const char *words; /* part of the error's */
} bad[] = {
    {dynamo_ops_read_get, "", "unexpected end"},
    {dynamo_ops_read_get, " ", "unexpected end"},
    {dynamo_ops_read_get, "null", "expected an object"},
    {dynamo_ops_read_get, "[]", "expected an object"},
    {dynamo_ops_read_get, "\"Item\"", "expected an object"},
    {dynamo_ops_read_get, "<html>", "expected"},
    {dynamo_ops_read_get, "{}{}", "at byte 2 of 4"},
    {dynamo_ops_read_get, "{} x", "at byte 3 of 4"},
    {dynamo_ops_read_get, "{\"Item\":null}", "expected an object"},
    {dynamo_ops_read_get, "{\"Item\":[]}", "expected an object"},
    {dynamo_ops_read_get, "{\"Item\":{\"id\":\"a\"}}", "expected an object"},
    {dynamo_ops_read_get, "{\"Item\":{},\"Item\":{}}", "member given twice"},
    {dynamo_ops_read_get, "{\"Item\":{\"id\":{\"S\":\"a\"}}", "unexpected end"},
    {dynamo_ops_read_get, "{\"Item\":{},\"New\":tru}", "expected"},
    {dynamo_ops_read_update, "{}", "without Attributes"},
    {dynamo_ops_read_update, "{\"Item\":{}}", "an answer to another operation"},
    {dynamo_ops_read_get, "{\"Items\":[],\"Count\":0}", "an answer to another operation"},
    {dynamo_ops_read_get, "{\"Attributes\":{}}", "an answer to another operation"},
    {dynamo_ops_read_get, "{\"Item\":{},\"Items\":[]}", "an answer to another operation"},
    {dynamo_ops_read_done, "{\"Item\":{}}", "an answer to another operation"},
    {dynamo_ops_read_done, "{\"Attributes\":{}}", "an answer to another operation"},
    {dynamo_ops_read_done, "{\"\\u0049tems\":[]}", "an answer to another operation"},
    {dynamo_ops_read_scan, "{\"Items\":[],\"Item\":{}}", "an answer to another operation"},
    {dynamo_ops_read_done, "", "unexpected end"},
    {dynamo_ops_read_done, "[]", "expected an object"},
    {dynamo_ops_read_done, "{\"a\":}", "expected"},
    {dynamo_ops_read_conflict, "{\"Item\":7}", "expected an object"},
    {dynamo_ops_read_scan, "{}", "without Items"},
    {dynamo_ops_read_get, "{\"__type\":\"x#ThrottlingException\"}", "an exception"},
    {dynamo_ops_read_get, "{\"Item\":{},\"__type\":7}", "an exception"},
    {dynamo_ops_read_update, "{\"__type\":\"x\",\"Attributes\":{}}", "an exception"},
    {dynamo_ops_read_done, "{\"message\":\"no\",\"__type\":\"x\"}", "an exception"},
    {dynamo_ops_read_scan, "{\"__type\":\"x\",\"Items\":[]}", "an exception"},
    {dynamo_ops_read_scan, "{\"Items\":[{},{},{}]}", "more items than were asked for"},
    {dynamo_ops_read_scan, "{\"Items\":{}}", "expected an array"},
    {dynamo_ops_read_scan, "{\"Items\":null}", "expected an array"},
    {dynamo_ops_read_scan, "{\"Items\":[7]}", "expected an object"},
    {dynamo_ops_read_scan, "{\"Items\":[{}],\"Items\":[]}", "member given twice"},
    {dynamo_ops_read_scan, "{\"Items\":[],\"LastEvaluatedKey\":null}", "expected an object"},
    {dynamo_ops_read_scan, "{\"Items\":[],\"LastEvaluatedKey\":{}}", KEY},
    {dynamo_ops_read_scan, "{\"Items\":[],\"LastEvaluatedKey\":{\"ID\":{\"S\":\"a\"}}}", KEY},
    {dynamo_ops_read_scan, "{\"Items\":[],\"LastEvaluatedKey\":{\"id\":{\"N\":\"1\"}}}", KEY},
    {dynamo_ops_read_scan, "{\"Items\":[],\"LastEvaluatedKey\":{\"id\":{\"SS\":[\"1\"]}}}", KEY},
    {dynamo_ops_read_scan,
     "{\"Items\":[],\"LastEvaluatedKey\":{\"id\":{\"S\":\"a\"},\"at\":{\"S\":\"b\"}}}", KEY},
    {dynamo_ops_read_scan, "{\"Items\":[],\"LastEvaluatedKey\":{\"id\":{\"S\":\"\"}}}",
     "no key's length"},
};

START_TEST(test_bad)
{
    dynamo_ops_answer_t answer;
    taken_t taken;
    base_err_t *err = read_body(&answer, &taken, bad[_i].read, bad[_i].body);

    ck_assert_msg(err && err->kind == BASE_ERR_NONSENSE, "taken: %s", bad[_i].body);
    ck_assert_msg(strstr(err->words, bad[_i].words) != NULL, "%s: %s", bad[_i].body, err->words);
}
END_TEST

/* The same answer read twice, as by two attempts: the second leaves nothing of the first. */
START_TEST(test_again)
{
    static const char one[] = "{\"Items\":[{\"id\":{\"S\":\"a\"}}],"
                              "\"LastEvaluatedKey\":{\"id\":{\"S\":\"a\"}}}";
    dynamo_ops_answer_t answer;
    taken_t taken;
    base_err_t *err = read_body(&answer, &taken, dynamo_ops_read_scan, one);

    ck_assert_ptr_null(err);
    ck_assert_int_eq(answer.found, 1);
    ck_assert_int_eq(answer.more, 1);
    err = dynamo_ops_read_scan(&answer, "{\"Items\":[]}", 12, unit_pool);
    ck_assert_ptr_null(err);
    ck_assert_int_eq(taken.starts, 2);
    ck_assert_str_eq(taken.text.data, "");
    ck_assert_int_eq(answer.found, 0);
    ck_assert_int_eq(answer.more, 0);
}
END_TEST

/* A taker that says no without words. */
START_TEST(test_refused)
{
    dynamo_ops_answer_t answer;
    taken_t taken;
    base_err_t *err = read_body(&answer, &taken, dynamo_ops_read_get, "{}");

    ck_assert_ptr_null(err);
    taken.refuses = 1;
    err = dynamo_ops_read_get(&answer, "{\"Item\":{}}", 11, unit_pool);
    ck_assert_ptr_nonnull(err);
    ck_assert_int_eq(err->kind, BASE_ERR_NONSENSE);
    ck_assert_ptr_nonnull(strstr(err->words, "item refused"));
}
END_TEST

/* The last key lives in the answer's pool, not in the text. */
START_TEST(test_last_key_is_a_copy)
{
    char body[] = "{\"Items\":[],\"LastEvaluatedKey\":{\"id\":{\"S\":\"key\"}}}";
    dynamo_ops_answer_t answer;
    taken_t taken;
    base_err_t *err = read_body(&answer, &taken, dynamo_ops_read_scan, body);

    ck_assert_ptr_null(err);
    memset(body, 'x', sizeof body);
    ck_assert_uint_eq(answer.last_len, 3);
    ck_assert_mem_eq(answer.last, "key", 3);
}
END_TEST

START_TEST(test_key_length)
{
    const char *longest = apr_psprintf(unit_pool, "%02048d", 0);
    dynamo_ops_answer_t answer;
    taken_t taken;
    base_err_t *err;

    err = read_body(&answer, &taken, dynamo_ops_read_scan,
                    apr_pstrcat(unit_pool, "{\"Items\":[],\"LastEvaluatedKey\":{\"id\":{\"S\":\"",
                                longest, "\"}}}", NULL));
    ck_assert_ptr_null(err);
    ck_assert_uint_eq(answer.last_len, 2048);
    err = read_body(&answer, &taken, dynamo_ops_read_scan,
                    apr_pstrcat(unit_pool, "{\"Items\":[],\"LastEvaluatedKey\":{\"id\":{\"S\":\"",
                                longest, "x\"}}}", NULL));
    ck_assert_ptr_nonnull(err);
}
END_TEST

START_TEST(test_bodies)
{
    dynamo_ops_body_t body;
    base_err_t *err;

    dynamo_ops_begin(&body, "ta\"ble", 0, unit_pool);
    dynamo_ops_put_key(&body, "Key", "i\"d", "\"}", 2);
    dynamo_ops_put_plain(&body, "ConsistentRead", "true");
    err = dynamo_ops_finish(&body);
    ck_assert_ptr_null(err);
    ck_assert_str_eq(body.text.data, "{\"TableName\":\"ta\\\"ble\",\"Key\":{\"i\\\"d\":{\"S\":"
                                     "\"\\\"}\"}},\"ConsistentRead\":true}");

    dynamo_ops_begin(&body, "t", 0, unit_pool);
    dynamo_ops_open_item(&body);
    dynamo_ops_put_attr(&body, "id", 'S', "{", 1);
    dynamo_ops_put_attr(&body, "n", 'N', "1", 1);
    dynamo_ops_put_attr(&body, "e", 'S', NULL, 0);
    dynamo_ops_close_item(&body);
    dynamo_ops_open_expression(&body, "ConditionExpression");
    dynamo_expr_put_exists(&body.text, &body.expr, "id", 0);
    dynamo_ops_close_expression(&body);
    err = dynamo_ops_finish(&body);
    ck_assert_ptr_null(err);
    ck_assert_str_eq(body.text.data,
                     "{\"TableName\":\"t\",\"Item\":{\"id\":{\"S\":\"{\"},\"n\":{\"N\":\"1\"},"
                     "\"e\":{\"S\":\"\"}},\"ConditionExpression\":\"attribute_not_exists(#n0)\","
                     "\"ExpressionAttributeNames\":{\"#n0\":\"id\"}}");
}
END_TEST

START_TEST(test_body_ceilings)
{
    apr_size_t len =
        DYNAMO_OPS_BODY_MAX - sizeof "{\"TableName\":\"t\",\"Key\":{\"id\":{\"S\":\"\"}}}";
    char *bytes = apr_palloc(unit_pool, len + 2);
    dynamo_ops_body_t body;
    base_err_t *err;
    int i;

    memset(bytes, 'x', len + 2);
    dynamo_ops_begin(&body, "t", 0, unit_pool);
    dynamo_ops_put_key(&body, "Key", "id", bytes, len + 1);
    err = dynamo_ops_finish(&body);
    ck_assert_ptr_null(err);
    ck_assert_uint_eq(body.text.len, DYNAMO_OPS_BODY_MAX);
    dynamo_ops_begin(&body, "t", 0, unit_pool);
    dynamo_ops_put_key(&body, "Key", "id", bytes, len + 2);
    err = dynamo_ops_finish(&body);
    ck_assert_ptr_nonnull(err);
    ck_assert_int_eq(err->kind, BASE_ERR_TOO_LARGE);

    dynamo_ops_begin(&body, "t", 0, unit_pool);
    dynamo_ops_open_expression(&body, "ConditionExpression");
    for (i = 0; i <= DYNAMO_EXPR_MAX; i++)
        dynamo_expr_put_name(&body.text, &body.expr, apr_itoa(unit_pool, i));
    dynamo_ops_close_expression(&body);
    err = dynamo_ops_finish(&body);
    ck_assert_ptr_nonnull(err);
    ck_assert_int_eq(err->kind, BASE_ERR_INTERNAL);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("dynamo/ops");
    TCase *tcase = unit_case(suite, "ops");

    tcase_add_loop_test(tcase, test_good, 0, (int)(sizeof good / sizeof *good));
    tcase_add_loop_test(tcase, test_bad, 0, (int)(sizeof bad / sizeof *bad));
    tcase_add_test(tcase, test_again);
    tcase_add_test(tcase, test_refused);
    tcase_add_test(tcase, test_last_key_is_a_copy);
    tcase_add_test(tcase, test_key_length);
    tcase_add_test(tcase, test_bodies);
    tcase_add_test(tcase, test_body_ceilings);
    return suite;
}
