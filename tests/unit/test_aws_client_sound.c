/* SPDX-License-Identifier: Apache-2.0 */
/* aws/client: what it says of an answer while the connection is still in hand, and how large one
 * may be. */
#include "aws/client.h"

#include "aws_tape.h"

static const scene_t damaged = {0, 200, {TYPE, {"x-amz-crc32", "1"}}, "{}", 0, 0, 0, 0};
static const scene_t damaged_fault = {0, 400, {TYPE, {"x-amz-crc32", "1"}}, "{}", 0, 0, 0, 0};
static const scene_t fits = {0, 200, {TYPE, {"x-amz-crc32", "2745614147"}}, "{}", 0, 0, 0, 0};
static const scene_t gateway = {0, 502, {{"Content-Type", "text/html"}}, "<html>", 0, 0, 0, 0};
static const scene_t untyped = {0, 200, {{NULL, NULL}}, "{}", 0, 0, 0, 0};

static const scene_t good = {0, 200, {TYPE}, "{}", 0, 0, 0, 0};
static const scene_t throttled = {0, 400, {TYPE}, "{\"__type\":\"ThrottlingException\"}",
                                  0, 0,   0,      0};
static const scene_t broken = {0, 500, {TYPE}, "{\"__type\":\"InternalServerError\"}", 1, 0, 0, 0};
static const scene_t nonsense = {0, 200, {TYPE}, "{", 0, 0, 0, 0};
static const scene_t redirect = {0, 301, {{"Location", "http://x/"}}, "", 0, 0, 0, 0};
static const scene_t html = {0, 200, {{"Content-Type", "text/html"}}, "<html>", 0, 0, 0, 0};

/* Which answers let a connection be used again. */
static const struct {
    const scene_t *scene;
    int is_sound;
} answers_of_aws[] = {
    {&good, 1},          {&fits, 1}, {&throttled, 1}, {&broken, 1},  {&nonsense, 0}, {&damaged, 0},
    {&damaged_fault, 0}, {&html, 0}, {&redirect, 0},  {&gateway, 0}, {&untyped, 0},
};

START_TEST(what_is_not_of_aws_ends_the_connection)
{
    const scene_t scenes[] = {*answers_of_aws[_i].scene, good};
    result_t result;

    run_tape(&result, scenes, 2, 1);
    ck_assert_int_eq(tape.sound[0], answers_of_aws[_i].is_sound);
}
END_TEST

/* The operation's own ceiling, else the client's. */
START_TEST(an_answer_has_its_ceiling)
{
    aws_client_request_t request = {
        .operation = "Scan", .body = "{}", .body_len = 2, .is_read = 1, .read = read_answer};
    const scene_t scenes[] = {good, good};
    aws_client_outcome_t outcome;
    aws_client_t *client;
    base_call_t call;
    int reads = 0;

    load(scenes, 2);
    client = make_client(unit_pool);
    request.reader = &reads;
    base_call_init(&call, apr_time_from_sec(5));
    ck_assert_ptr_null(aws_client_call(&outcome, client, &request, &call, unit_pool));
    ck_assert_uint_eq(tape.requests[0].answer_max, 4096);
    request.answer_max = 5000;
    ck_assert_ptr_null(aws_client_call(&outcome, client, &request, &call, unit_pool));
    ck_assert_uint_eq(tape.requests[1].answer_max, 5000);
}
END_TEST

/* Of a success and of an answer that is followed by another attempt nothing is kept; an error's
 * body is the caller's to read. */
START_TEST(large_answers_are_not_kept)
{
    const scene_t scenes[] = {nonsense, broken, good}, failure[] = {nonsense, throttled};
    aws_client_t *client;
    result_t result;

    load(scenes, 3);
    tape.is_large = 1;
    client = make_client(unit_pool);
    run(&result, client, 1, apr_time_from_sec(5));
    ck_assert_int_eq(result.err->kind, BASE_ERR_UNAVAILABLE);
    ck_assert_ptr_null(tape.maps[0]->at);
    ck_assert_ptr_eq(tape.maps[1]->at, result.outcome.error_body);
    net_body_unmap(tape.maps[1]);
    run(&result, client, 1, apr_time_from_sec(5));
    ck_assert_ptr_null(result.err);
    ck_assert_ptr_null(tape.maps[2]->at);
    load(failure, 2);
    tape.is_large = 1;
    run(&result, make_client(unit_pool), 1, apr_time_from_sec(5));
    ck_assert_int_eq(result.err->kind, BASE_ERR_THROTTLED);
    ck_assert_str_eq(result.outcome.error_body, throttled.body);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("aws/client sound");
    TCase *tcase = unit_case(suite, "sound");

    tcase_add_loop_test(tcase, what_is_not_of_aws_ends_the_connection, 0,
                        sizeof(answers_of_aws) / sizeof(answers_of_aws[0]));
    tcase_add_test(tcase, an_answer_has_its_ceiling);
    tcase_add_test(tcase, large_answers_are_not_kept);
    return suite;
}
