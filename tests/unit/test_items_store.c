/* SPDX-License-Identifier: Apache-2.0 */
#include "items/store.h"

#include "items_tape.h"

#define FAILED                                                                                     \
    "{\"__type\":\"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException\","            \
    "\"message\":\"The conditional request failed\""
#define DENIED                                                                                     \
    "{\"__type\":\"com.amazon.coral.service#AccessDeniedException\",\"Message\":\"arn:x\"}"
#define OURS "{\"id\":{\"S\":\"@ID\"},\"_items_w1\":{\"S\":\"@TOKEN\"}}"
#define OURS_OLD                                                                                   \
    "{\"id\":{\"S\":\"@ID\"},\"_items_w1\":{\"S\":\"x\"},\"_items_w4\":{\"S\":\"@TOKEN\"}}"
#define FOREIGN "{\"id\":{\"S\":\"@ID\"},\"name\":{\"S\":\"theirs\"},\"_items_w1\":{\"S\":\"x\"}}"
#define END                                                                                        \
    {                                                                                              \
        NULL, 0, NULL                                                                              \
    }

static const items_item_fields_t fields = {{{"n\"", 2}, {"", 0}, {"active", 6}}};
static const dynamo_table_bytes_t key = {"a/b", 3};

/* What one test stands on. */
typedef struct {
    items_tape_t tape;
    items_store_t store;
    base_call_t call;
    items_store_request_t req;
    base_text_t text;
} stage_t;

static void begin(stage_t *stage, const items_tape_step_t *steps)
{
    stage->store.table = items_tape_table(&stage->tape, steps);
    stage->store.consistent_read = 0;
    base_call_init(&stage->call, apr_time_from_sec(5));
    stage->req.now = apr_time_from_sec(1700000000) + 1000;
    stage->req.call = &stage->call;
    stage->req.pool = unit_pool;
    base_text_init(&stage->text, 0, 1 << 20, unit_pool);
}

static const struct {
    items_tape_step_t steps[6];
    int done;
    base_err_kind_e kind;
} creates[] = {
    {{{"PutItem", 200, "{}"}, END}, 1, 0},
    /* the answer is lost, the condition then fails because of ourselves */
    {{{"PutItem", 0, NULL}, {"PutItem", 400, FAILED ",\"Item\":" OURS "}"}, END}, 1, 0},
    /* others have written since */
    {{{"PutItem", 0, NULL}, {"PutItem", 400, FAILED ",\"Item\":" OURS_OLD "}"}, END}, 1, 0},
    /* the id is taken: another one, once */
    {{{"PutItem", 400, FAILED ",\"Item\":" FOREIGN "}"}, {"PutItem", 200, "{}"}, END}, 1, 0},
    {{{"PutItem", 400, FAILED ",\"Item\":" FOREIGN "}"},
      {"PutItem", 400, FAILED ",\"Item\":" FOREIGN "}"},
      END},
     0,
     BASE_ERR_CONFLICT},
    /* a store that does not hand out the old item */
    {{{"PutItem", 0, NULL},
      {"PutItem", 400, FAILED "}"},
      {"GetItem", 200, "{\"Item\":" OURS "}"},
      END},
     1,
     0},
    {{{"PutItem", 400, FAILED "}"},
      {"GetItem", 200, "{\"Item\":" FOREIGN "}"},
      {"PutItem", 200, "{}"},
      END},
     1,
     0},
    {{{"PutItem", 0, NULL}, {"PutItem", 400, FAILED "}"}, {"GetItem", 200, "{}"}, END}, 1, 0},
    {{{"PutItem", 400, FAILED "}"}, {"GetItem", 200, "{}"}, {"PutItem", 200, "{}"}, END}, 1, 0},
    {{{"PutItem", 400, FAILED "}"}, {"GetItem", 400, DENIED}, END}, 0, BASE_ERR_DENIED},
    {{{"PutItem", 400, DENIED}, END}, 0, BASE_ERR_DENIED},
    /* nothing was sent, so it is sent again without ado */
    {{{"PutItem", -1, NULL}, {"PutItem", 200, "{}"}, END}, 1, 0},
};

START_TEST(create)
{
    stage_t stage;
    dynamo_table_bytes_t id;
    base_err_t *err;

    begin(&stage, creates[_i].steps);
    err = items_store_create(&id, &stage.text, &stage.store, &fields, &stage.req);
    items_tape_end(&stage.tape);
    if (!creates[_i].done) {
        ck_assert_ptr_nonnull(err);
        ck_assert_int_eq(err->kind, creates[_i].kind);
        return;
    }
    ck_assert_msg(err == NULL, "%s", err ? base_err_format(err, unit_pool) : "");
    ck_assert_uint_eq(id.len, 36);
    ck_assert_str_eq(id.bytes, stage.tape.id);
    ck_assert_str_eq(stage.text.data,
                     apr_psprintf(unit_pool,
                                  "{\"id\":\"%s\",\"name\":\"n\\\"\",\"description\":\"\","
                                  "\"status\":\"active\","
                                  "\"createdAt\":\"2023-11-14T22:13:20.001Z\","
                                  "\"updatedAt\":\"2023-11-14T22:13:20.001Z\"}",
                                  id.bytes));
}
END_TEST

START_TEST(what_a_create_sends)
{
    static const items_tape_step_t steps[] = {
        {"PutItem", 0, NULL}, {"PutItem", 200, "{}"}, {"PutItem", 200, "{}"}, END};
    stage_t stage;
    dynamo_table_bytes_t id, second;

    begin(&stage, steps);
    ck_assert_ptr_null(items_store_create(&id, &stage.text, &stage.store, &fields, &stage.req));
    ck_assert_str_eq(stage.tape.bodies[0], stage.tape.bodies[1]);
    ck_assert_msg(strstr(stage.tape.bodies[0],
                         apr_psprintf(unit_pool,
                                      "\"Item\":{\"id\":{\"S\":\"%s\"},\"name\":{\"S\":\"n\\\"\"},"
                                      "\"description\":{\"S\":\"\"},\"status\":{\"S\":\"active\"},"
                                      "\"createdAt\":{\"S\":\"2023-11-14T22:13:20.001Z\"},"
                                      "\"updatedAt\":{\"S\":\"2023-11-14T22:13:20.001Z\"},"
                                      "\"_items_rev\":{\"N\":\"1\"},\"_items_w1\":{\"S\":\"%s\"}}",
                                      id.bytes, stage.tape.token)) != NULL,
                  "%s", stage.tape.bodies[0]);
    /* a UUID of version 4 and variant 10 */
    ck_assert_uint_eq(strspn(id.bytes, "0123456789abcdef-"), 36);
    ck_assert_int_eq(id.bytes[14], '4');
    ck_assert_ptr_nonnull(strchr("89ab", id.bytes[19]));
    ck_assert_ptr_null(items_store_create(&second, &stage.text, &stage.store, &fields, &stage.req));
    ck_assert_str_ne(id.bytes, second.bytes);
    items_tape_end(&stage.tape);
}
END_TEST

/* The second try is one with another id. */
START_TEST(a_create_whose_id_is_taken)
{
    static const items_tape_step_t steps[] = {
        {"PutItem", 400, FAILED ",\"Item\":" FOREIGN "}"}, {"PutItem", 200, "{}"}, END};
    stage_t stage;
    dynamo_table_bytes_t id;

    begin(&stage, steps);
    ck_assert_ptr_null(items_store_create(&id, &stage.text, &stage.store, &fields, &stage.req));
    ck_assert_str_ne(stage.tape.bodies[0], stage.tape.bodies[1]);
    ck_assert_ptr_null(strstr(stage.tape.bodies[0], id.bytes));
    ck_assert_ptr_nonnull(strstr(stage.tape.bodies[1], id.bytes));
    items_tape_end(&stage.tape);
}
END_TEST

START_TEST(read_found_and_absent)
{
    static const items_tape_step_t steps[] = {
        {"GetItem", 200, "{\"Item\":{\"id\":{\"S\":\"a/b\"},\"name\":{\"S\":\"x\"}}}"},
        {"GetItem", 200, "{}"},
        END};
    stage_t stage;
    int found;

    begin(&stage, steps);
    ck_assert_ptr_null(items_store_read(&found, &stage.text, &stage.store, &key, &stage.req));
    ck_assert(found);
    ck_assert_str_eq(stage.text.data, "{\"id\":\"a/b\",\"name\":\"x\"}");
    ck_assert_ptr_null(strstr(stage.tape.bodies[0], "\"ConsistentRead\":true"));
    stage.store.consistent_read = 1;
    ck_assert_ptr_null(items_store_read(&found, &stage.text, &stage.store, &key, &stage.req));
    ck_assert(!found);
    ck_assert_ptr_nonnull(strstr(stage.tape.bodies[1], "\"ConsistentRead\":true"));
    items_tape_end(&stage.tape);
}
END_TEST

/* Another item than the one asked for: the attempts are used up, nothing of it is taken. */
START_TEST(read_gets_another_item)
{
    static const items_tape_step_t steps[] = {
        {"GetItem", 200, "{\"Item\":{\"id\":{\"S\":\"a/c\"},\"name\":{\"S\":\"x\"}}}"},
        {"GetItem", 200, "{\"Item\":{\"id\":{\"S\":\"a/b\"}}}"},
        END};
    stage_t stage;
    int found;

    begin(&stage, steps);
    ck_assert_ptr_null(items_store_read(&found, &stage.text, &stage.store, &key, &stage.req));
    ck_assert_str_eq(stage.text.data, "{\"id\":\"a/b\"}");
    items_tape_end(&stage.tape);
}
END_TEST

#define AFTER "{\"Attributes\":{\"id\":{\"S\":\"a/b\"},\"name\":{\"S\":\"new\"}}}"

static const struct {
    items_tape_step_t steps[6];
    int found;
    const char *json; /* of what is found */
    base_err_kind_e kind;
    int fails;
} replaces[] = {
    {{{"UpdateItem", 200, AFTER}, END}, 1, "{\"id\":\"a/b\",\"name\":\"new\"}", 0, 0},
    {{{"UpdateItem", 400, FAILED "}"}, END}, 0, NULL, 0, 0},
    /* the answer is lost */
    {{{"UpdateItem", 0, NULL}, {"UpdateItem", 400, FAILED ",\"Item\":" OURS "}"}, END},
     1,
     "{\"id\":\"a/b\"}",
     0,
     0},
    {{{"UpdateItem", 0, NULL}, {"UpdateItem", 400, FAILED ",\"Item\":" OURS_OLD "}"}, END},
     1,
     "{\"id\":\"a/b\"}",
     0,
     0},
    {{{"UpdateItem", 0, NULL}, {"UpdateItem", 200, AFTER}, END},
     1,
     "{\"id\":\"a/b\",\"name\":\"new\"}",
     0,
     0},
    /* and the store hands out no old item */
    {{{"UpdateItem", 0, NULL},
      {"UpdateItem", 400, FAILED "}"},
      {"GetItem", 200, "{\"Item\":" OURS "}"},
      END},
     1,
     "{\"id\":\"a/b\"}",
     0,
     0},
    {{{"UpdateItem", 0, NULL},
      {"UpdateItem", 400, FAILED "}"},
      {"GetItem", 200, "{\"Item\":" FOREIGN "}"},
      END},
     0,
     NULL,
     BASE_ERR_UNAVAILABLE,
     1},
    {{{"UpdateItem", 0, NULL}, {"UpdateItem", 400, FAILED "}"}, {"GetItem", 200, "{}"}, END},
     0,
     NULL,
     BASE_ERR_UNAVAILABLE,
     1},
    /* the first was not sent whole, so nothing can have been carried out */
    {{{"UpdateItem", -1, NULL}, {"UpdateItem", 400, FAILED "}"}, END}, 0, NULL, 0, 0},
    {{{"UpdateItem", 0, NULL}, {"UpdateItem", 400, FAILED "}"}, {"GetItem", 400, DENIED}, END},
     0,
     NULL,
     BASE_ERR_DENIED,
     1},
    /* a condition that failed without a reason */
    {{{"UpdateItem", 400, FAILED ",\"Item\":" FOREIGN "}"}, END}, 0, NULL, BASE_ERR_CONFLICT, 1},
    {{{"UpdateItem", 400, DENIED}, END}, 0, NULL, BASE_ERR_DENIED, 1},
    {{{"UpdateItem", 400,
       "{\"__type\":\"com.amazon.coral.validate#ValidationException\",\"message\":"
       "\"Item size to update has exceeded the maximum allowed size\"}"},
      END},
     0,
     NULL,
     BASE_ERR_TOO_LARGE,
     1},
};

START_TEST(replace)
{
    stage_t stage;
    base_err_t *err;
    int found = -1;

    begin(&stage, replaces[_i].steps);
    err = items_store_replace(&found, &stage.text, &stage.store, &key, &fields, &stage.req);
    items_tape_end(&stage.tape);
    ck_assert_msg((err != NULL) == replaces[_i].fails, "%s",
                  err ? base_err_format(err, unit_pool) : "no error");
    if (err)
        ck_assert_int_eq(err->kind, replaces[_i].kind);
    ck_assert_int_eq(found, replaces[_i].found);
    if (found)
        ck_assert_str_eq(stage.text.data, replaces[_i].json);
}
END_TEST

/* SET only what was sent, and updatedAt; raise the revision; shift the tokens; one condition. */
START_TEST(what_a_replace_sends)
{
    static const items_tape_step_t steps[] = {{"UpdateItem", 200, AFTER}, END};
    static const items_item_fields_t one = {{{NULL, 0}, {"", 0}, {NULL, 0}}};
    static const char *const parts[] = {
        "\"Key\":{\"id\":{\"S\":\"a/b\"}}",
        "\"#n0\":\"description\",\"#n1\":\"updatedAt\",\"#n2\":\"_items_rev\"",
        "{\"S\":\"2023-11-14T22:13:20.001Z\"}",
        "\"#n3\":\"_items_w4\",\"#n4\":\"_items_w3\",\"#n5\":\"_items_w2\",\"#n6\":\"_items_w1\"",
        "attribute_exists(",
        "\"ReturnValues\":\"ALL_NEW\"",
        "\"ReturnValuesOnConditionCheckFailure\":\"ALL_OLD\"",
    };
    stage_t stage;
    const char *body, *value;
    apr_size_t i;
    int found;

    begin(&stage, steps);
    ck_assert_ptr_null(
        items_store_replace(&found, &stage.text, &stage.store, &key, &one, &stage.req));
    body = stage.tape.bodies[0];
    for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        ck_assert_msg(strstr(body, parts[i]) != NULL, "%s in %s", parts[i], body);
    /* the token that is set is the one that must not be there */
    value = strstr(body, apr_psprintf(unit_pool, "\":{\"S\":\"%s\"}", stage.tape.token));
    ck_assert_ptr_nonnull(value);
    ck_assert_ptr_nonnull(
        strstr(body, apr_psprintf(unit_pool, "#n6 <> %.3s)", value - strlen(":v0"))));
    ck_assert_ptr_null(strstr(body, "\"name\""));
    ck_assert_ptr_null(strstr(body, "\"status\""));
    ck_assert_ptr_null(strstr(body, "createdAt"));
}
END_TEST

START_TEST(remove_is_repeatable)
{
    static const items_tape_step_t steps[] = {
        {"DeleteItem", 0, NULL}, {"DeleteItem", 200, "{}"}, {"DeleteItem", 400, DENIED}, END};
    stage_t stage;
    base_err_t *err;

    begin(&stage, steps);
    ck_assert_ptr_null(items_store_remove(&stage.store, &key, &stage.req));
    ck_assert_ptr_null(strstr(stage.tape.bodies[0], "Condition"));
    err = items_store_remove(&stage.store, &key, &stage.req);
    ck_assert_int_eq(err->kind, BASE_ERR_DENIED);
    items_tape_end(&stage.tape);
}
END_TEST

START_TEST(list)
{
    static const items_tape_step_t steps[] = {
        /* a broken page is read again, and nothing of it stays */
        {"Scan", 200, "{\"Items\":[{\"id\":{\"S\":\"x\"}},{\"name\":{\"S\":\"no id\"}}]}"},
        {"Scan", 200,
         "{\"Items\":[{\"id\":{\"S\":\"1\"}},{\"id\":{\"S\":\"2\"}}],\"Count\":2,"
         "\"ScannedCount\":2,\"LastEvaluatedKey\":{\"id\":{\"S\":\"2\"}}}"},
        {"Scan", 200, "{\"Items\":[],\"Count\":0,\"ScannedCount\":0}"},
        END};
    items_store_list_t which = {.limit = 7, .after = NULL};
    dynamo_table_page_t page;
    stage_t stage;
    int count;

    begin(&stage, steps);
    ck_assert_ptr_null(
        items_store_list(&page, &count, &stage.text, &stage.store, &which, &stage.req));
    ck_assert_int_eq(count, 2);
    ck_assert_str_eq(stage.text.data, "{\"id\":\"1\"},{\"id\":\"2\"}");
    ck_assert(page.more);
    ck_assert_uint_eq(page.last.len, 1);
    ck_assert_int_eq(page.last.bytes[0], '2');
    ck_assert_ptr_nonnull(strstr(stage.tape.bodies[0], "\"Limit\":7"));
    ck_assert_ptr_null(strstr(stage.tape.bodies[0], "ExclusiveStartKey"));
    which.after = &page.last;
    base_text_init(&stage.text, 0, 1000, unit_pool);
    ck_assert_ptr_null(
        items_store_list(&page, &count, &stage.text, &stage.store, &which, &stage.req));
    ck_assert_int_eq(count, 0);
    ck_assert(!page.more);
    ck_assert_ptr_nonnull(
        strstr(stage.tape.bodies[2], "\"ExclusiveStartKey\":{\"id\":{\"S\":\"2\"}}"));
    items_tape_end(&stage.tape);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("items/store");
    TCase *tcase = unit_case(suite, "store");

    tcase_add_loop_test(tcase, create, 0, (int)(sizeof(creates) / sizeof(creates[0])));
    tcase_add_test(tcase, what_a_create_sends);
    tcase_add_test(tcase, a_create_whose_id_is_taken);
    tcase_add_test(tcase, read_found_and_absent);
    tcase_add_test(tcase, read_gets_another_item);
    tcase_add_loop_test(tcase, replace, 0, (int)(sizeof(replaces) / sizeof(replaces[0])));
    tcase_add_test(tcase, what_a_replace_sends);
    tcase_add_test(tcase, remove_is_repeatable);
    tcase_add_test(tcase, list);
    return suite;
}
