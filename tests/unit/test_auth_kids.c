/* SPDX-License-Identifier: Apache-2.0 */
/* Key sets by a table, looks by a tape, and when to look with a clock of the test's own. */
#include "auth/kids.h"

#include <string.h>

#include <apr_strings.h>

#include "unit.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define SECOND APR_USEC_PER_SEC

#define NUMBERS "\"n\":\"AQAB\",\"e\":\"AQAB\""
#define KEY(kid)                                                                                   \
    "{\"kty\":\"RSA\",\"use\":\"sig\",\"alg\":\"RS256\",\"kid\":\"" kid "\"," NUMBERS "}"
#define SET(keys) "{\"keys\":[" keys "]}"

/* --- key sets --------------------------------------------------------------------------------- */

static const char *read_text(auth_kids_set_t *set, const char *text)
{
    return auth_kids_read(set, text, strlen(text), unit_pool);
}

START_TEST(key_sets)
{
    static const struct {
        const char *text;
        const char *why; /* NULL: it is one, with the key k and nothing else */
    } rows[] = {
        {SET(KEY("k")), NULL},
        {SET(KEY("k") "," KEY("k")), NULL},
        {SET("{\"kty\":\"RSA\",\"kid\":\"k\"," NUMBERS "}"), NULL},
        {SET(KEY("\\u006b")), NULL},
        {"{\"x\":[[{}]],\"keys\" : [ " KEY("k") " ] , \"y\":null}", NULL},
        /* keys that are none of ours may stand beside it, and look as they like */
        {SET("{\"kty\":\"EC\",\"kid\":\"e\"}," KEY("k")), NULL},
        {SET("1,null,[]," KEY("k")), NULL},
        {SET("{\"kty\":\"RSA\",\"use\":\"enc\",\"kid\":\"x\"," NUMBERS "}," KEY("k")), NULL},
        {SET("{\"kty\":\"RSA\",\"alg\":\"RS512\",\"kid\":\"x\"," NUMBERS "}," KEY("k")), NULL},
        {SET("{\"kty\":\"RSA\",\"kid\":\"x\"}," KEY("k")), NULL},
        {SET("{\"kty\":\"EC\",\"kid\":\"x\"," NUMBERS "}," KEY("k")), NULL},
        {SET("{\"kty\":\"RSA\",\"kid\":\"x\",\"n\":\"AQAB\"}," KEY("k")), NULL},
        {SET("{\"kty\":\"RSA\",\"kid\":\"x\",\"n\":\"AQAB\",\"e\":\"A=\"}," KEY("k")), NULL},
        {SET("{\"kty\":\"RSA\",\"kid\":\"x\",\"n\":\"A=\",\"e\":\"AQAB\"}," KEY("k")), NULL},
        {SET("{\"kty\":\"RSA\",\"kid\":\"x\",\"n\":\"\",\"e\":\"AQAB\"}," KEY("k")), NULL},
        {SET("{\"kty\":\"RSA\"," NUMBERS "}," KEY("k")), NULL},
        {SET("{\"kid\":\"x\"," NUMBERS "}," KEY("k")), NULL},
        /* the last one of a name counts */
        {SET("{\"kty\":\"RSA\",\"kid\":\"x\",\"kid\":\"k\"," NUMBERS "}"), NULL},
        {SET("{\"kty\":\"RSA\",\"kty\":\"EC\",\"kid\":\"x\"," NUMBERS "}," KEY("k")), NULL},
        {SET(KEY("") "," KEY("a b") "," KEY("\\n") "," KEY("\xc3\xa4") "," KEY("k")), NULL},
        {SET("{\"kty\":\"RSA\",\"kid\":5," NUMBERS "}," KEY("k")), NULL},
        /* none */
        {"", "no key set"},
        {"{}", "no key set"},
        {"[]", "no key set"},
        {"{\"keys\":{}}", "no key set"},
        {"{\"keys\":[" KEY("k") "]", "no key set"},
        {"{\"keys\":[" KEY("k") "]}x", "no key set"},
        {"{\"keys\":[],\"keys\":[" KEY("k") "]}", "no key set"},
        {"<html>", "no key set"},
        {SET(""), "no key for RS256 in the key set"},
        {SET("{\"kty\":\"EC\",\"kid\":\"k\"}"), "no key for RS256 in the key set"},
    };
    size_t i;

    for (i = 0; i < COUNT(rows); i++) {
        auth_kids_set_t set;
        const char *why = read_text(&set, rows[i].text);

        ck_assert_msg(!why == !rows[i].why, "%s: %s", rows[i].text, why ? why : "taken");
        if (rows[i].why) {
            ck_assert_str_eq(why, rows[i].why);
        } else {
            ck_assert_msg(set.count == 1, "%s: %d", rows[i].text, set.count);
            ck_assert(auth_kids_has(&set, "k") && !auth_kids_has(&set, "kk"));
            ck_assert(!auth_kids_has(&set, "") && !auth_kids_has(&set, "x"));
        }
    }
}
END_TEST

static const char *many(int count)
{
    const char *text = "{\"keys\":[";
    int i;

    for (i = 0; i < count; i++)
        text = apr_psprintf(unit_pool, "%s%s{\"kty\":\"RSA\",\"kid\":\"k%d\"," NUMBERS "}", text,
                            i ? "," : "", i);
    return apr_pstrcat(unit_pool, text, "]}", NULL);
}

START_TEST(ceilings)
{
    auth_kids_set_t set;
    char kid[AUTH_TOKEN_KID_MAX + 2], *long_key;

    ck_assert_ptr_null(read_text(&set, many(AUTH_KIDS_MAX)));
    ck_assert_int_eq(set.count, AUTH_KIDS_MAX);
    ck_assert(auth_kids_has(&set, "k0") && auth_kids_has(&set, "k63"));
    ck_assert_str_eq(read_text(&set, many(AUTH_KIDS_MAX + 1)), "too many keys");
    long_key = apr_palloc(unit_pool, 65537);
    memset(long_key, 'x', 65536);
    long_key[65536] = '\0';
    ck_assert_ptr_nonnull(read_text(
        &set,
        apr_psprintf(unit_pool, SET("{\"kty\":\"RSA\",\"kid\":\"k\"," NUMBERS ",\"x5c\":\"%s\"}"),
                     long_key)));
    memset(kid, 'k', sizeof(kid));
    kid[AUTH_TOKEN_KID_MAX] = '\0';
    ck_assert_ptr_null(read_text(
        &set, apr_psprintf(unit_pool, SET("{\"kty\":\"RSA\",\"kid\":\"%s\"," NUMBERS "}"), kid)));
    ck_assert(auth_kids_has(&set, kid));
    kid[AUTH_TOKEN_KID_MAX] = 'k';
    kid[AUTH_TOKEN_KID_MAX + 1] = '\0';
    ck_assert_ptr_nonnull(read_text(
        &set, apr_psprintf(unit_pool, SET("{\"kty\":\"RSA\",\"kid\":\"%s\"," NUMBERS "}"), kid)));
}
END_TEST

/* --- looks ------------------------------------------------------------------------------------ */

typedef struct {
    base_err_kind_e kind; /* of the transport's failure, when status is 0 */
    int status;
    const char *body;
    int delivered;
    net_http_request_t request; /* what was sent */
} tape_t;

static base_err_t *play(net_http_response_t *response, void *sender,
                        const net_http_request_t *request, const base_call_t *call,
                        apr_pool_t *pool)
{
    tape_t *tape = sender;

    ck_assert(call->deadline == request->deadline);
    tape->request = *request;
    response->delivered = tape->delivered || tape->status;
    if (!tape->status)
        return base_err_make(tape->kind, 0, pool, "the tape says so");
    response->status = tape->status;
    response->body = tape->body;
    response->body_len = strlen(tape->body);
    return NULL;
}

START_TEST(looks)
{
    tape_t rows[] = {
        {.status = 200, .body = SET(KEY("k"))},
        {.status = 200, .body = "<html>"},
        {.status = 200, .body = SET("")},
        {.status = 204, .body = ""},
        {.status = 301, .body = SET(KEY("k"))},
        {.status = 404, .body = SET(KEY("k"))},
        {.status = 500, .body = ""},
        {.kind = BASE_ERR_UNAVAILABLE},
        {.kind = BASE_ERR_TIMEOUT, .delivered = 1},
    };
    size_t i;

    for (i = 0; i < COUNT(rows); i++) {
        const auth_kids_source_t source = {"issuer.example", "/keys?x=1", play, &rows[i]};
        auth_kids_answer_t answer;
        const base_err_t *err = auth_kids_fetch(&answer, &source, 12345, unit_pool);

        ck_assert_msg(!err == (i == 0), "row %d", (int)i);
        ck_assert_int_eq(answer.is_elsewhere, rows[i].status == 301);
        ck_assert_int_eq(answer.is_delivered, rows[i].delivered || rows[i].status);
        ck_assert_str_eq(rows[i].request.method, "GET");
        ck_assert_str_eq(rows[i].request.target, "/keys?x=1");
        ck_assert_str_eq(rows[i].request.host, "issuer.example");
        ck_assert(rows[i].request.deadline == 12345 && rows[i].request.body_len == 0);
        ck_assert_uint_eq(rows[i].request.answer_max, AUTH_KIDS_ANSWER_MAX);
        if (err && rows[i].status)
            ck_assert(err->kind == BASE_ERR_NONSENSE && strstr(err->words, "issuer.example"));
        else if (err)
            ck_assert(err->kind == rows[i].kind);
        else
            ck_assert(auth_kids_has(&answer.set, "k"));
    }
}
END_TEST

/* --- when to look ----------------------------------------------------------------------------- */

static auth_kids_watch_t watch;
static apr_time_t now;          /* of the running test */
static auth_kids_copies_t copy; /* of whoever asks */

static void begin(void)
{
    memset(&watch, 0, sizeof(watch));
    now = 1000 * SECOND;
    copy = (auth_kids_copies_t){1, 1};
}

/* An asker's one question, without patience unless it says so. */
static auth_kids_advice_t ask_as(const char *kid, int is_looker, int is_late)
{
    const auth_kids_question_t question = {kid, now, copy, is_looker, is_late};

    return auth_kids_ask(&watch, &question);
}

static auth_kids_advice_t ask(const char *kid)
{
    return ask_as(kid, 0, 0);
}

/* The verdict, and whether the asker has the turn. */
static void expect(const char *kid, auth_kids_verdict_e verdict, int should_look)
{
    auth_kids_advice_t advice = ask(kid);

    ck_assert_msg(advice.verdict == verdict, "%s: %d", kid, (int)advice.verdict);
    ck_assert_int_eq(advice.should_look, should_look);
}

static auth_kids_change_e ends(const char *text, int is_delivered)
{
    auth_kids_answer_t answer = {.is_delivered = is_delivered};

    if (text)
        ck_assert_ptr_null(read_text(&answer.set, text));
    return auth_kids_end(&watch, watch.begun_at, text != NULL, &answer, now);
}

/* A server that knows k1 and k2, which mod_auth_openidc has had; the look began at `now`. */
static void begin_known(void)
{
    begin();
    expect("k1", AUTH_KIDS_ASK_AGAIN, 1);
    ck_assert(ends(SET(KEY("k1") "," KEY("k2")), 1) == AUTH_KIDS_AS_BEFORE);
    auth_kids_tried(&watch, "k1", copy);
    auth_kids_tried(&watch, "k2", copy);
}

START_TEST(the_first_look_is_waited_for)
{
    begin();
    expect("k1", AUTH_KIDS_ASK_AGAIN, 1);
    now += SECOND;
    expect("k1", AUTH_KIDS_ASK_AGAIN, 0); /* one at a time */
    expect("x", AUTH_KIDS_ASK_AGAIN, 0);
    ck_assert(ask_as("k1", 0, 1).verdict == AUTH_KIDS_UNAVAILABLE); /* can't wait any longer */
    ck_assert(ends(SET(KEY("k1")), 1) == AUTH_KIDS_AS_BEFORE);
    expect("k1", AUTH_KIDS_KNOWN, 0);
    expect("x", AUTH_KIDS_UNKNOWN, 0);
}
END_TEST

START_TEST(an_outage_at_the_start)
{
    begin();
    expect("k1", AUTH_KIDS_ASK_AGAIN, 1);
    ck_assert(ends(NULL, 0) == AUTH_KIDS_OUT);
    expect("k1", AUTH_KIDS_UNAVAILABLE, 0);
    now += 4 * SECOND;
    expect("k1", AUTH_KIDS_UNAVAILABLE, 0);
    now += 1 * SECOND;
    expect("k1", AUTH_KIDS_UNAVAILABLE, 1); /* again, but nobody waits for it */
    expect("k1", AUTH_KIDS_UNAVAILABLE, 0);
    ck_assert(ends(NULL, 1) == AUTH_KIDS_AS_BEFORE); /* said already */
    now += 29 * SECOND;
    expect("k1", AUTH_KIDS_UNAVAILABLE, 0); /* it has heard us: not so soon */
    now += 1 * SECOND;
    expect("k1", AUTH_KIDS_UNAVAILABLE, 1);
    ck_assert(ends(SET(KEY("k1")), 1) == AUTH_KIDS_BACK);
    expect("k1", AUTH_KIDS_KNOWN, 0);
    expect("x", AUTH_KIDS_UNKNOWN, 0);
}
END_TEST

START_TEST(an_unknown_key)
{
    begin_known();
    now += 59 * SECOND;
    expect("x", AUTH_KIDS_UNKNOWN, 0); /* the last look has found new keys */
    now += 1 * SECOND;
    expect("x", AUTH_KIDS_ASK_AGAIN, 1); /* whoever looks sees what it finds, */
    expect("x", AUTH_KIDS_UNKNOWN, 0);   /* others are refused at once, */
    expect("k1", AUTH_KIDS_KNOWN, 0);    /* and known ones go on */
    ck_assert(ask_as("x", 1, 0).verdict == AUTH_KIDS_ASK_AGAIN);
    ck_assert(ask_as("x", 1, 1).verdict == AUTH_KIDS_UNKNOWN);
    ck_assert(ends(SET(KEY("k1") "," KEY("k2")), 1) == AUTH_KIDS_AS_BEFORE);
    ck_assert(ask_as("x", 1, 0).verdict == AUTH_KIDS_UNKNOWN);
    now += 44 * SECOND;
    expect("x", AUTH_KIDS_UNKNOWN, 0); /* nothing new was found */
    now += 1 * SECOND;
    expect("x", AUTH_KIDS_ASK_AGAIN, 1);
}
END_TEST

START_TEST(a_flood_is_two_looks_a_minute)
{
    apr_time_t end, times[64];
    int count = 0, i;

    begin_known();
    for (end = now + 600 * SECOND; now < end; now += SECOND / 10) {
        if (ask("x").should_look) {
            times[count++] = now;
            ends(SET(KEY("k1") "," KEY("k2")), 1);
        }
    }
    ck_assert_int_eq(count, 12); /* 60 s, then every 45 s */
    for (i = 2; i < count; i++)
        ck_assert(times[i] - times[i - 2] > 60 * SECOND);
}
END_TEST

START_TEST(a_rotation)
{
    begin_known();
    now += 60 * SECOND;
    expect("k3", AUTH_KIDS_ASK_AGAIN, 1);
    ends(SET(KEY("k2") "," KEY("k3")), 1);
    ck_assert(ask_as("k3", 1, 0).verdict == AUTH_KIDS_KNOWN);
    expect("k2", AUTH_KIDS_KNOWN, 0);
    expect("k1", AUTH_KIDS_UNKNOWN, 0); /* withdrawn */
}
END_TEST

START_TEST(a_refresh)
{
    begin_known();
    now += 299 * SECOND;
    expect("k1", AUTH_KIDS_KNOWN, 0);
    now += 1 * SECOND;
    expect("k1", AUTH_KIDS_KNOWN, 1); /* behind it */
    expect("k1", AUTH_KIDS_KNOWN, 0);
    ck_assert(ends(SET(KEY("k2")), 1) == AUTH_KIDS_AS_BEFORE);
    expect("k1", AUTH_KIDS_UNKNOWN, 0);
    expect("k2", AUTH_KIDS_KNOWN, 0);
    /* idle for long: what is known is no longer trusted without a look */
    now += 3600 * SECOND;
    expect("k2", AUTH_KIDS_ASK_AGAIN, 1);
    expect("k2", AUTH_KIDS_ASK_AGAIN, 0);
    ck_assert(ask_as("k2", 0, 1).verdict == AUTH_KIDS_KNOWN);
    ends(SET(KEY("k2")), 1);
    expect("k2", AUTH_KIDS_KNOWN, 0);
}
END_TEST

START_TEST(an_outage_later)
{
    begin_known();
    now += 300 * SECOND;
    expect("k1", AUTH_KIDS_KNOWN, 1);
    ck_assert(ends(NULL, 0) == AUTH_KIDS_OUT);
    expect("k1", AUTH_KIDS_KNOWN, 0);
    expect("x", AUTH_KIDS_UNKNOWN, 0);
    now += 44 * SECOND;
    expect("x", AUTH_KIDS_UNKNOWN, 0);
    now += 1 * SECOND;
    expect("k1", AUTH_KIDS_KNOWN, 1);
    ck_assert(ends(NULL, 1) == AUTH_KIDS_AS_BEFORE);
    now += 7200 * SECOND;
    expect("k1", AUTH_KIDS_KNOWN, 1); /* nobody waits in an outage */
    ck_assert(ends(SET(KEY("k1")), 1) == AUTH_KIDS_BACK);
    expect("k1", AUTH_KIDS_KNOWN, 0);
}
END_TEST

START_TEST(a_redirect)
{
    auth_kids_answer_t answer = {.is_delivered = 1, .is_elsewhere = 1};

    begin();
    expect("k1", AUTH_KIDS_ASK_AGAIN, 1);
    ck_assert(auth_kids_end(&watch, watch.begun_at, 0, &answer, now) == AUTH_KIDS_OUT);
    expect("k1", AUTH_KIDS_KNOWN, 0); /* for mod_auth_openidc to follow */
    expect("x", AUTH_KIDS_KNOWN, 0);
    begin_known();
    now += 300 * SECOND;
    expect("k1", AUTH_KIDS_KNOWN, 1);
    auth_kids_end(&watch, watch.begun_at, 0, &answer, now);
    expect("k1", AUTH_KIDS_KNOWN, 0);
    expect("x", AUTH_KIDS_UNKNOWN, 0);
}
END_TEST

START_TEST(whoever_looks_may_die)
{
    auth_kids_answer_t answer = {.is_delivered = 1};
    apr_time_t lost;

    begin();
    expect("k1", AUTH_KIDS_ASK_AGAIN, 1);
    lost = now;
    now += 6 * SECOND;
    expect("k1", AUTH_KIDS_ASK_AGAIN, 0);
    now += 1 * SECOND;
    expect("k1", AUTH_KIDS_ASK_AGAIN, 1);
    /* it was only slow: the other one's result is not touched */
    ck_assert(auth_kids_end(&watch, lost, 0, &answer, now) == AUTH_KIDS_AS_BEFORE);
    ck_assert(watch.is_looking && !watch.is_failing);
    ends(SET(KEY("k1")), 1);
    ck_assert(auth_kids_end(&watch, watch.begun_at, 0, &answer, now) == AUTH_KIDS_AS_BEFORE);
    expect("k1", AUTH_KIDS_KNOWN, 0);
}
END_TEST

START_TEST(one_goes_first)
{
    begin();
    ask("k1");
    ends(SET(KEY("k1") "," KEY("k2")), 1);
    ck_assert_int_eq(ask("k1").is_pilot, 1);
    expect("k1", AUTH_KIDS_ASK_AGAIN, 0);
    expect("k2", AUTH_KIDS_ASK_AGAIN, 0);
    ck_assert(ask_as("k1", 0, 1).verdict == AUTH_KIDS_KNOWN);
    now += 2 * SECOND; /* it has got lost: the next one */
    ck_assert_int_eq(ask("k1").is_pilot, 1);
    auth_kids_tried(&watch, "k1", copy);
    ck_assert_int_eq(ask("k1").is_pilot, 0);
    expect("k1", AUTH_KIDS_KNOWN, 0);
    ck_assert_int_eq(ask("k2").is_pilot, 1);
    expect("k1", AUTH_KIDS_KNOWN, 0);
    auth_kids_tried(&watch, "k2", copy);
    auth_kids_tried(&watch, "gone", copy);
    /* the next look remembers */
    now += 300 * SECOND;
    ask("k1");
    ends(SET(KEY("k3") "," KEY("k1")), 1);
    ck_assert_int_eq(ask("k1").is_pilot, 0);
    ck_assert_int_eq(ask("k3").is_pilot, 1);
}
END_TEST

/* mod_auth_openidc forgets the key set when httpd restarts. */
START_TEST(one_goes_first_after_a_restart)
{
    begin_known();
    copy.start = 2;
    ck_assert_int_eq(ask("k1").is_pilot, 1);
    expect("k1", AUTH_KIDS_ASK_AGAIN, 0);
    copy.start = 1; /* an old child */
    expect("k1", AUTH_KIDS_KNOWN, 0);
    auth_kids_tried(&watch, "k1", copy);
    copy.start = 2;
    ck_assert_int_eq(ask("k1").is_pilot, 1);
    auth_kids_tried(&watch, "k1", copy);
    auth_kids_tried(&watch, "k1", (auth_kids_copies_t){1, 1});
    ck_assert_int_eq(ask("k1").is_pilot, 0);
    /* also through a look */
    now += 300 * SECOND;
    ask("k1");
    ends(SET(KEY("k2") "," KEY("k1")), 1);
    ck_assert_int_eq(ask("k1").is_pilot, 0);
    ck_assert_int_eq(ask("k2").is_pilot, 1);
}
END_TEST

/* And it has one for each virtual host. */
START_TEST(one_goes_first_for_each_host)
{
    begin_known();
    copy.hosts = 1 << 5;
    ck_assert_int_eq(ask("k1").is_pilot, 1);
    copy.hosts = 1;
    expect("k1", AUTH_KIDS_KNOWN, 0);
    copy.hosts = 1 << 5;
    expect("k1", AUTH_KIDS_ASK_AGAIN, 0);
    auth_kids_tried(&watch, "k1", copy);
    expect("k1", AUTH_KIDS_KNOWN, 0);
    copy.hosts = 1;
    expect("k1", AUTH_KIDS_KNOWN, 0);
    copy = (auth_kids_copies_t){2, 1}; /* a restart is one for them all */
    ck_assert_int_eq(ask("k1").is_pilot, 1);
    auth_kids_tried(&watch, "k1", copy);
    copy.hosts = 1 << 5;
    ck_assert_int_eq(ask("k1").is_pilot, 1);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("auth/kids");
    TCase *tcase = unit_case(suite, "kids");

    tcase_add_test(tcase, key_sets);
    tcase_add_test(tcase, ceilings);
    tcase_add_test(tcase, looks);
    tcase_add_test(tcase, the_first_look_is_waited_for);
    tcase_add_test(tcase, an_outage_at_the_start);
    tcase_add_test(tcase, an_unknown_key);
    tcase_add_test(tcase, a_flood_is_two_looks_a_minute);
    tcase_add_test(tcase, a_rotation);
    tcase_add_test(tcase, a_refresh);
    tcase_add_test(tcase, an_outage_later);
    tcase_add_test(tcase, a_redirect);
    tcase_add_test(tcase, whoever_looks_may_die);
    tcase_add_test(tcase, one_goes_first);
    tcase_add_test(tcase, one_goes_first_after_a_restart);
    tcase_add_test(tcase, one_goes_first_for_each_host);
    return suite;
}
