/* SPDX-License-Identifier: Apache-2.0 */
/* aws/client: over a tape of scripted exchanges. What goes out, what is tried again, and what
 * each answer means. */
#include "aws/client.h"

#include "aws/sigv4.h"
#include "aws_tape.h"

/* The Authorization that the n-th request must carry, from what else it carries. */
static const char *expected_authorization(int n, const char *region, const char *secret)
{
    const aws_sigv4_scope_t scope = {"AKIDEXAMPLE", region, "dynamodb", sent(n, "X-Amz-Date")};
    base_digest_t *digest = base_digest_make(unit_pool);
    unsigned char key[AWS_SIGV4_KEY_BYTES];
    char hash[AWS_SIGV4_HEX_SIZE];
    net_http_header_t headers[] = {{"host", tape.requests[n].host},
                                   {"content-type", sent(n, "Content-Type")},
                                   {"x-amz-date", sent(n, "X-Amz-Date")},
                                   {"x-amz-target", sent(n, "X-Amz-Target")},
                                   {"x-amz-security-token", sent(n, "X-Amz-Security-Token")}};
    const aws_sigv4_request_t request = {"POST", "/", NULL, headers, headers[4].value ? 5 : 4,
                                         hash};

    ck_assert(
        aws_sigv4_payload_hash(hash, digest, tape.requests[n].body, tape.requests[n].body_len));
    ck_assert(aws_sigv4_key(key, digest, secret, &scope));
    return aws_sigv4_authorization(digest, &scope, key, &request, unit_pool);
}

static const scene_t good = {0, 200, {TYPE, {"x-amzn-RequestId", "R1"}}, "{}", 0, 0, 0, 0};
static const scene_t throttled = {
    0, 400, {TYPE}, "{\"__type\":\"a#ThrottlingException\",\"message\":\"slow\"}", 0, 0, 0, 0};
static const scene_t broken = {0, 500, {TYPE}, "{\"__type\":\"InternalServerError\"}", 1, 0, 0, 0};
static const scene_t nonsense = {0, 200, {TYPE}, "{", 0, 0, 0, 0};
static const scene_t redirect = {0, 301, {{"Location", "http://x/"}}, "", 0, 0, 0, 0};
static const scene_t html = {0, 200, {{"Content-Type", "text/html"}}, "<html>", 0, 0, 0, 0};
static const scene_t refused = {BASE_ERR_UNAVAILABLE, 0, {{NULL, NULL}}, NULL, 0, 0, 0, 0};
static const scene_t silent = {BASE_ERR_TIMEOUT, 0, {{NULL, NULL}}, NULL, 0, 1, 0, 0};
static const scene_t untrusted = {BASE_ERR_UNTRUSTED, 0, {{NULL, NULL}}, NULL, 0, 0, 0, 0};
static const scene_t died = {BASE_ERR_UNAVAILABLE, 0, {{NULL, NULL}}, NULL, 1, 1, 0, 0};
static const scene_t died_unsent = {BASE_ERR_UNAVAILABLE, 0, {{NULL, NULL}}, NULL, 1, 0, 0, 0};
static const scene_t cut = {BASE_ERR_NONSENSE, 0, {{NULL, NULL}}, NULL, 1, 1, 1, 0};

START_TEST(what_goes_out)
{
    result_t result;

    run_tape(&result, &good, 1, 1);
    ck_assert_ptr_null(result.err);
    ck_assert_int_eq(result.reads, 1);
    ck_assert_str_eq(tape.requests[0].method, "POST");
    ck_assert_str_eq(tape.requests[0].target, "/");
    ck_assert_str_eq(tape.requests[0].host, "localhost:8000");
    ck_assert_str_eq(tape.requests[0].body, BODY);
    ck_assert_uint_eq(tape.requests[0].answer_max, 4096);
    ck_assert_int_eq(tape.requests[0].fresh, 0);
    ck_assert_int_eq(tape.requests[0].header_count, 9);
    ck_assert_ptr_null(sent(0, "Host"));
    ck_assert_str_eq(sent(0, "Content-Type"), "application/x-amz-json-1.0");
    ck_assert_str_eq(sent(0, "X-Amz-Target"), "DynamoDB_20120810.GetItem");
    ck_assert_str_eq(sent(0, "X-Amz-Date"), "20260212T101112Z");
    ck_assert_str_eq(sent(0, "X-Amz-Security-Token"), TOKEN);
    ck_assert_str_eq(sent(0, "amz-sdk-request"), "attempt=1; max=2");
    ck_assert_str_eq(sent(0, "Accept-Encoding"), "identity");
    ck_assert_str_eq(sent(0, "User-Agent"), "mod_items/test");
    ck_assert_str_eq(sent(0, "Authorization"), expected_authorization(0, "eu-central-1", SECRET));
    ck_assert_ptr_nonnull(strstr(sent(0, "Authorization"),
                                 "SignedHeaders=content-type;host;x-amz-date;"
                                 "x-amz-security-token;x-amz-target, "));
    ck_assert_str_ne(sent(0, "Authorization"), expected_authorization(0, "eu-west-1", SECRET));
    ck_assert_str_ne(sent(0, "Authorization"), expected_authorization(0, "eu-central-1", "x"));
    ck_assert_int_eq(result.call.attempts, 1);
    ck_assert_str_eq(result.call.remote_id, "R1");
}
END_TEST

START_TEST(long_term_keys_have_no_token)
{
    result_t result;

    load(&good, 1);
    tape.creds.session_token = NULL;
    run(&result, make_client(unit_pool), 1, apr_time_from_sec(5));
    ck_assert_ptr_null(result.err);
    ck_assert_ptr_null(sent(0, "X-Amz-Security-Token"));
    ck_assert_str_eq(sent(0, "Authorization"), expected_authorization(0, "eu-central-1", SECRET));
}
END_TEST

/* Kept while set and day stay, never beyond. */
START_TEST(signing_key_follows_day_and_set)
{
    const scene_t scenes[] = {good, good, good};
    aws_client_t *client;
    result_t result;

    load(scenes, 3);
    client = make_client(unit_pool);
    wall = apr_time_from_sec(1770940799); /* 23:59:59 */
    run(&result, client, 1, apr_time_from_sec(5));
    ck_assert_str_eq(sent(0, "X-Amz-Date"), "20260212T235959Z");
    ck_assert_str_eq(sent(0, "Authorization"), expected_authorization(0, "eu-central-1", SECRET));
    wall += apr_time_from_sec(2);
    run(&result, client, 1, apr_time_from_sec(5));
    ck_assert_str_eq(sent(1, "X-Amz-Date"), "20260213T000001Z");
    ck_assert_str_eq(sent(1, "Authorization"), expected_authorization(1, "eu-central-1", SECRET));
    tape.creds.secret_access_key = "another";
    tape.creds.generation = 2;
    run(&result, client, 1, apr_time_from_sec(5));
    ck_assert_str_eq(sent(2, "Authorization"),
                     expected_authorization(2, "eu-central-1", "another"));
}
END_TEST

/* It is a cache: a set that changes without its generation keeps signing with the kept key. */
START_TEST(signing_key_is_kept)
{
    const scene_t scenes[] = {good, good};
    aws_client_t *client;
    result_t result;

    load(scenes, 2);
    client = make_client(unit_pool);
    run(&result, client, 1, apr_time_from_sec(5));
    tape.creds.secret_access_key = "another";
    run(&result, client, 1, apr_time_from_sec(5));
    ck_assert_str_eq(sent(1, "Authorization"), expected_authorization(1, "eu-central-1", SECRET));
}
END_TEST

static const struct {
    const char *what;
    const scene_t *scenes[2];
    int is_read;
    int attempts;
    int kind; /* -1: success */
    int maybe_done;
} matrix[] = {
    {"read", {&good}, 1, 1, -1, 0},
    {"read, refused once", {&refused, &good}, 1, 2, -1, 0},
    {"read, refused twice", {&refused, &refused}, 1, 2, BASE_ERR_UNAVAILABLE, 0},
    {"read, certificate refused", {&untrusted}, 1, 1, BASE_ERR_UNTRUSTED, 0},
    {"read, silent once", {&silent, &good}, 1, 2, -1, 1},
    {"read, silent twice", {&silent, &silent}, 1, 2, BASE_ERR_TIMEOUT, 1},
    {"read, kept connection died", {&died, &good}, 1, 2, -1, 1},
    {"read, cut", {&cut, &good}, 1, 2, -1, 1},
    {"read, 500 once", {&broken, &good}, 1, 2, -1, 1},
    {"read, 500 twice", {&broken, &broken}, 1, 2, BASE_ERR_UNAVAILABLE, 1},
    {"read, nonsense once", {&nonsense, &good}, 1, 2, -1, 1},
    {"read, nonsense twice", {&nonsense, &nonsense}, 1, 2, BASE_ERR_NONSENSE, 1},
    {"read, redirect", {&redirect, &good}, 1, 1, BASE_ERR_NONSENSE, 0},
    {"read, html twice", {&html, &html}, 1, 2, BASE_ERR_NONSENSE, 1},
    {"read, 500, then refused", {&broken, &refused}, 1, 2, BASE_ERR_UNAVAILABLE, 1},
    {"read, refused, then throttled", {&refused, &throttled}, 1, 2, BASE_ERR_THROTTLED, 0},
    {"read, throttled", {&throttled}, 1, 1, BASE_ERR_THROTTLED, 0},
    {"write", {&good}, 0, 1, -1, 0},
    {"write, kept connection died", {&died, &good}, 0, 2, -1, 1},
    {"write, kept connection died unsent", {&died_unsent, &good}, 0, 2, -1, 0},
    {"write, died twice", {&died, &died}, 0, 2, BASE_ERR_UNAVAILABLE, 1},
    {"write, refused once", {&refused, &good}, 0, 2, -1, 0},
    {"write, refused twice", {&refused, &refused}, 0, 2, BASE_ERR_UNAVAILABLE, 0},
    {"write, refused, then died", {&refused, &died}, 0, 2, BASE_ERR_UNAVAILABLE, 0},
    {"write, certificate refused", {&untrusted}, 0, 1, BASE_ERR_UNTRUSTED, 0},
    {"write, silent", {&silent}, 0, 1, BASE_ERR_TIMEOUT, 0},
    {"write, cut", {&cut}, 0, 1, BASE_ERR_NONSENSE, 0},
    {"write, 500", {&broken}, 0, 1, BASE_ERR_UNAVAILABLE, 0},
    {"write, nonsense", {&nonsense}, 0, 1, BASE_ERR_NONSENSE, 0},
    {"write, throttled", {&throttled}, 0, 1, BASE_ERR_THROTTLED, 0},
};

START_TEST(retries)
{
    scene_t scenes[2];
    result_t result;

    scenes[0] = *matrix[_i].scenes[0];
    scenes[1] = matrix[_i].scenes[1] ? *matrix[_i].scenes[1] : good;
    run_tape(&result, scenes, 2, matrix[_i].is_read);
    ck_assert_msg(tape.used == matrix[_i].attempts, "%s: %d attempts", matrix[_i].what, tape.used);
    ck_assert_int_eq(result.call.attempts, tape.used);
    ck_assert_msg((result.err ? (int)result.err->kind : -1) == matrix[_i].kind, "%s: %s",
                  matrix[_i].what, result.err ? base_err_format(result.err, unit_pool) : "good");
    ck_assert_msg(result.outcome.maybe_done == matrix[_i].maybe_done, "%s: maybe_done",
                  matrix[_i].what);
    ck_assert_msg((result.outcome.error_body != NULL) == (scenes[tape.used - 1].status >= 400),
                  "%s: error_body", matrix[_i].what);
    if (tape.used == 2) {
        ck_assert_int_eq(tape.requests[0].fresh, 0);
        ck_assert_int_eq(tape.requests[1].fresh, 1);
        ck_assert_str_eq(sent(1, "amz-sdk-request"), "attempt=2; max=2");
        ck_assert_str_eq(sent(0, "amz-sdk-invocation-id"), sent(1, "amz-sdk-invocation-id"));
    }
    if (result.err) {
        const char *words = base_err_format(result.err, unit_pool);

        ck_assert_ptr_nonnull(strstr(words, "GetItem"));
        ck_assert_ptr_nonnull(strstr(words, "localhost:8000"));
        ck_assert_ptr_nonnull(strstr(words, tape.used == 1 ? "1 attempt:" : "2 attempts:"));
    }
}
END_TEST

static apr_time_t ticking_clock(void)
{
    return wall += apr_time_from_sec(3);
}

START_TEST(each_attempt_is_signed_anew)
{
    static const aws_endpoint_t endpoint = {0, "h", 80, "h"};
    const scene_t scenes[] = {refused, good};
    const aws_client_options_t options = {&endpoint, "eu-central-1", "dynamodb", "P.",
                                          "x/y",     "agent",        &source,    play,
                                          &tape,     1000000,        100,        ticking_clock};
    result_t result;

    load(scenes, 2);
    run(&result, aws_client_make(&options, unit_pool), 1, apr_time_from_sec(5));
    ck_assert_ptr_null(result.err);
    ck_assert_str_eq(sent(0, "X-Amz-Date"), "20260212T101115Z");
    ck_assert_str_eq(sent(1, "X-Amz-Date"), "20260212T101118Z");
    ck_assert_str_eq(sent(1, "Authorization"), expected_authorization(1, "eu-central-1", SECRET));
    ck_assert_str_ne(sent(0, "Authorization"), sent(1, "Authorization"));
}
END_TEST

START_TEST(invocations_differ)
{
    const scene_t scenes[] = {good, good};
    aws_client_t *client;
    const char *id;
    result_t result;

    load(scenes, 2);
    client = make_client(unit_pool);
    run(&result, client, 1, apr_time_from_sec(5));
    run(&result, client, 1, apr_time_from_sec(5));
    id = sent(0, "amz-sdk-invocation-id");
    ck_assert_str_ne(id, sent(1, "amz-sdk-invocation-id"));
    ck_assert_uint_eq(strlen(id), 36);
    ck_assert_uint_eq(strspn(id, "0123456789abcdef-"), 36);
    ck_assert(id[8] == '-' && id[13] == '-' && id[14] == '4' && id[18] == '-' && id[23] == '-');
    ck_assert_ptr_nonnull(strchr("89ab", id[19]));
}
END_TEST

START_TEST(deadlines)
{
    scene_t slow = silent;
    result_t result;
    apr_time_t left;

    run_tape(&result, &good, 1, 1); /* 1 s of 5 s */
    left = tape.requests[0].deadline - tape.sent_at[0];
    ck_assert(left > apr_time_from_msec(900) && left <= apr_time_from_sec(1));
    load(&good, 1);
    run(&result, make_client(unit_pool), 1, apr_time_from_msec(300));
    ck_assert_int_eq(tape.requests[0].deadline, result.call.deadline);
    load(&good, 0); /* nothing left: nothing sent */
    run(&result, make_client(unit_pool), 1, 0);
    ck_assert_int_eq(result.err->kind, BASE_ERR_TIMEOUT);
    ck_assert_int_eq(result.call.attempts, 0);
    slow.takes = apr_time_from_msec(60); /* used up by the first attempt: no second */
    slow.kind = BASE_ERR_UNAVAILABLE;
    load(&slow, 1);
    run(&result, make_client(unit_pool), 1, apr_time_from_msec(50));
    ck_assert_int_eq(result.err->kind, BASE_ERR_TIMEOUT);
    ck_assert_ptr_nonnull(strstr(base_err_format(result.err, unit_pool), "the tape says so"));
    ck_assert(result.call.remote_time >= apr_time_from_msec(60));
}
END_TEST

START_TEST(remote_time_sums)
{
    scene_t scenes[] = {refused, good};
    result_t result;

    scenes[0].takes = scenes[1].takes = apr_time_from_msec(20);
    run_tape(&result, scenes, 2, 1);
    ck_assert(result.call.remote_time >= apr_time_from_msec(40));
    ck_assert(result.call.remote_time < apr_time_from_sec(4));
}
END_TEST

#define LONG "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggggggggghhhhhhhhh"

static const struct {
    const char *header;
    const char *id;
} ids[] = {
    {"4KBNVRGD25RG1KEO9UT4V3FQDJVV4KQNSO5AEMVJF66Q9ASUAAJG",
     "4KBNVRGD25RG1KEO9UT4V3FQDJVV4KQNSO5AEMVJF66Q9ASUAAJG"},
    {"9d5f3b1e-5f0c-4c7f", "9d5f3b1e-5f0c-4c7f"},
    {"a b\"c\\d\te\xc3\xa4<f>%n", "abcdefn"},
    {"*A,Z:+=-./09_az;@[`{", "AZ:+=-./09_az"},
    {LONG "tail", LONG},
    {"", ""},
    {NULL, ""},
};

START_TEST(remote_id)
{
    scene_t scenes[] = {broken, good};
    result_t result;

    scenes[0].headers[1].name = "X-Amzn-Requestid";
    scenes[0].headers[1].value = "FIRST";
    scenes[1].headers[1].name = ids[_i].header ? "x-amzn-requestid" : NULL;
    scenes[1].headers[1].value = ids[_i].header;
    run_tape(&result, scenes, 2, 1);
    ck_assert_str_eq(result.call.remote_id, ids[_i].id);
    run_tape(&result, scenes, 1, 0);
    ck_assert_str_eq(result.err->request_id, "FIRST");
}
END_TEST

static const struct {
    const char *type;
    const char *checksum;
    const char *body;
    const char *words; /* of the error, NULL: good */
} answers[] = {
    {"application/x-amz-json-1.0", "2745614147", "{}", NULL},
    {"application/x-amz-json-1.1", NULL, "{}", NULL},
    {"Application/X-Amz-JSON-1.0; charset=utf-8", NULL, "{}", NULL},
    {"application/json", NULL, "{}", "not JSON"},
    {"application/x-amz-json-1", NULL, "{}", "not JSON"},
    {"application/x-amz-json-1.", NULL, "{}", "not JSON"},
    {"application/x-amz-json-10", NULL, "{}", "not JSON"},
    {"application/x-amz-json-1.0+xml", NULL, "{}", "not JSON"},
    {"text/html\x01", NULL, "{}", "\"text/html?\""},
    {NULL, NULL, "{}", "not JSON"},
    {"application/x-amz-json-1.0", "2745614148", "{}", "x-amz-crc32"},
    {"application/x-amz-json-1.0", "", "{}", "x-amz-crc32"},
    {"application/x-amz-json-1.0", "-1", "{}", "x-amz-crc32"},
    {"application/x-amz-json-1.0", "2745614147 ", "{}", "x-amz-crc32"},
    {"application/x-amz-json-1.0", "7040581443", "{}", "x-amz-crc32"}, /* + 2^32 */
    {"application/x-amz-json-1.0", "18446744076455165763", "{}", "x-amz-crc32"},
    {"application/x-amz-json-1.0", "2745614147", "{} ", "x-amz-crc32"},
    {"application/x-amz-json-1.0", NULL, "", "not JSON"},
};

START_TEST(answers_200)
{
    scene_t scene = good;
    result_t result;
    int n = 0;

    memset(scene.headers, 0, sizeof(scene.headers));
    if (answers[_i].type)
        scene.headers[n++] = (net_http_header_t){"content-type", answers[_i].type};
    if (answers[_i].checksum)
        scene.headers[n++] = (net_http_header_t){"x-amz-crc32", answers[_i].checksum};
    scene.body = answers[_i].body;
    run_tape(&result, &scene, 1, 0);
    if (!answers[_i].words) {
        ck_assert_ptr_null(result.err);
        return;
    }
    ck_assert_int_eq(result.err->kind, BASE_ERR_NONSENSE);
    ck_assert_msg(strstr(base_err_format(result.err, unit_pool), answers[_i].words) != NULL, "%s",
                  base_err_format(result.err, unit_pool));
}
END_TEST

START_TEST(odd_statuses)
{
    static const int statuses[] = {199, 201, 204, 301, 302, 307, 399, 600, 999};
    scene_t scene = good;
    result_t result;

    scene.status = statuses[_i];
    run_tape(&result, &scene, 1, 0);
    ck_assert_int_eq(result.err->kind, BASE_ERR_NONSENSE);
    ck_assert_int_eq(result.reads, 0);
    ck_assert_int_eq(strstr(base_err_format(result.err, unit_pool), "redirect") != NULL,
                     statuses[_i] / 100 == 3);
}
END_TEST

START_TEST(damaged_error_answer)
{
    scene_t scene = throttled;
    result_t result;

    scene.headers[1] = (net_http_header_t){"x-amz-crc32", "1"};
    run_tape(&result, &scene, 1, 0);
    ck_assert_int_eq(result.err->kind, BASE_ERR_NONSENSE);
    ck_assert_ptr_null(result.outcome.error_body);
    ck_assert_ptr_null(result.outcome.error_message);
}
END_TEST

/* The kind that each answer in tests/vectors/errors ends in. */
static void check_case(const char *folder)
{
    apr_size_t len;
    const char *facts = unit_read_file(&len, apr_pstrcat(unit_pool, folder, "/expected", NULL));
    const char *code = aws_message_fact(facts, "code");
    const char *kind = aws_message_fact(facts, "kind");
    const char *words = aws_message_fact(facts, "message");
    scene_t scene = {0};
    aws_message_t message;
    result_t result;

    aws_message_read(&message, apr_pstrcat(unit_pool, folder, "/response", NULL));
    scene.status = (int)apr_atoi64(message.line + strlen("HTTP/1.1 "));
    ck_assert_int_le(message.count, 4);
    memcpy(scene.headers, message.headers, (size_t)message.count * sizeof(message.headers[0]));
    scene.body = message.body;
    run_tape(&result, &scene, 1, 0);
    ck_assert_msg(result.err && strcmp(base_err_kind_name(result.err->kind), kind) == 0, "%s: %s",
                  folder, result.err ? base_err_format(result.err, unit_pool) : "good");
    if (code)
        ck_assert_msg(result.err->code && strcmp(result.err->code, code) == 0, "%s", folder);
    if (scene.status >= 400) {
        ck_assert_ptr_eq(result.outcome.error_body, message.body);
        ck_assert_uint_eq(result.outcome.error_body_len, message.body_len);
        ck_assert_pstr_eq(result.outcome.error_message, words);
    }
    ck_assert_ptr_null(strstr(base_err_format(result.err, unit_pool), "CANARY"));
}

START_TEST(error_answers)
{
    ck_assert_int_ge(aws_message_walk("tests/vectors/errors", check_case), 60);
}
END_TEST

static char traced[8192];

static void note_trace(void *sink, int level, const char *words)
{
    (void)sink;
    (void)level;
    apr_cpystrn(traced + strlen(traced), words, sizeof(traced) - strlen(traced));
}

/* The first half of TOKEN: what is left of a long one in a message that was cut. */
#define TOKEN_CUT "AQoDYXdzEPT//////////wEXAMPLEtc764"

/* A peer that shouts the request's secrets back. */
START_TEST(secrets_stay)
{
    const aws_client_request_t request = {"GetItem", BODY, strlen(BODY), 1, read_answer, NULL, 0};
    static const char *const bodies[] = {
        "{\"__type\":\"Foo\",\"message\":\"token " TOKEN " is bad\"}",
        "{\"__type\":\"Foo\",\"message\":\"secret " SECRET " is bad\"}",
        "{\"__type\":\"Foo\",\"message\":\"x-amz-security-token: " TOKEN "\"}",
        "{\"__type\":\"Foo\",\"message\":\"cut at its end: " TOKEN_CUT "\"}",
    };
    scene_t scenes[] = {broken, broken};
    aws_client_outcome_t outcome;
    const char *words;
    base_err_t *err;
    base_call_t call;

    scenes[0].body = scenes[1].body = bodies[_i];
    load(scenes, 2);
    traced[0] = '\0';
    base_call_init(&call, apr_time_from_sec(5));
    call.trace = note_trace;
    call.trace_level = 4;
    err = aws_client_call(&outcome, make_client(unit_pool), &request, &call, unit_pool);
    words = base_err_format(err, unit_pool);
    ck_assert_str_eq(err->code, "Foo");
    ck_assert_ptr_nonnull(strstr(traced, "GetItem attempt 2"));
    ck_assert_ptr_null(strstr(words, TOKEN_CUT));
    ck_assert_ptr_null(strstr(words, SECRET));
    ck_assert_ptr_null(strstr(traced, TOKEN_CUT));
    ck_assert_ptr_null(strstr(traced, SECRET));
    ck_assert_ptr_null(strstr(traced, "Signature"));
}
END_TEST

START_TEST(no_credentials)
{
    result_t result;

    load(&good, 0);
    tape.creds.secret_access_key = NULL;
    run(&result, make_client(unit_pool), 1, apr_time_from_sec(5));
    ck_assert_int_eq(result.err->kind, BASE_ERR_UNAVAILABLE);
    ck_assert_ptr_nonnull(strstr(base_err_format(result.err, unit_pool), "credentials"));
    ck_assert_int_eq(result.call.attempts, 0);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("aws/client");
    TCase *tcase = unit_case(suite, "request");

    tcase_add_test(tcase, what_goes_out);
    tcase_add_test(tcase, long_term_keys_have_no_token);
    tcase_add_test(tcase, signing_key_follows_day_and_set);
    tcase_add_test(tcase, signing_key_is_kept);
    tcase_add_test(tcase, each_attempt_is_signed_anew);
    tcase_add_test(tcase, invocations_differ);
    tcase_add_test(tcase, no_credentials);
    tcase = unit_case(suite, "retry");
    tcase_add_loop_test(tcase, retries, 0, sizeof(matrix) / sizeof(matrix[0]));
    tcase_add_test(tcase, deadlines);
    tcase_add_test(tcase, remote_time_sums);
    tcase = unit_case(suite, "answer");
    tcase_add_loop_test(tcase, remote_id, 0, sizeof(ids) / sizeof(ids[0]));
    tcase_add_loop_test(tcase, answers_200, 0, sizeof(answers) / sizeof(answers[0]));
    tcase_add_loop_test(tcase, odd_statuses, 0, 9);
    tcase_add_test(tcase, damaged_error_answer);
    tcase_add_test(tcase, error_answers);
    tcase_add_loop_test(tcase, secrets_stay, 0, 4);
    return suite;
}
