/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 7517 section 5 (JWK Set), RFC 7518 section 6.3 (RSA keys).
 *
 * mod_auth_openidc as resource server fetches the key set for every token whose key it does not
 * find in the set that it has, without a bound: a stranger's 10,000 tokens make 10,000 fetches.
 * Who knows which keys there are lets only those tokens through that have one of them. An id counts
 * only if mod_auth_openidc will find its key as well, or that one would make it fetch each time:
 * RSA with its two numbers, and not meant for encryption.
 *
 * When to look, per key set and server:
 *
 *   nothing known --ask--> look --end--> known --5 min or an unknown id--> look behind it
 *        ^                  |  askers wait     askers go on with what is known
 *        +----- failed -----+  (the next look comes soon; until then: unavailable)
 *
 * Two fetches a minute are the measure, mod_auth_openidc's included, which makes one of its own
 * when there is a new key. It would make one for each request that comes while the first is under
 * way, so the first one goes alone, as a pilot. What it has fetched it forgets when httpd restarts.
 */
#include "auth/kids.h"

#include <string.h>

#include "base/hash.h"
#include "base/json.h"

#define KEY_MAX 65536 /* bytes of one key with its certificates: a tree costs a multiple */
#define REFRESH apr_time_from_sec(300)     /* a set that is older is looked at again */
#define INTERVAL apr_time_from_sec(45)     /* between the looks that unknown ids cause */
#define INTERVAL_NEW apr_time_from_sec(60) /* behind a set that is new to mod_auth_openidc too */
#define RETRY apr_time_from_sec(30) /* nothing known, and the issuer answers, but no key set */
#define RETRY_UNHEARD apr_time_from_sec(5) /* nothing known, and the issuer can't be reached */
#define LOOK_LOST (AUTH_KIDS_LOOK + apr_time_from_sec(2)) /* who began it that long ago is dead */
#define PILOT apr_time_from_sec(2) /* so long others wait for a pilot's fetch */

/* --- a key set ------------------------------------------------------------------------------ */

/* A member's text, NULL when it is absent or no string. */
static const char *text_of(apr_size_t *len, const base_json_t *key, const char *name)
{
    base_json_t value;

    if (!base_json_find(&value, key, name) || value.kind != BASE_SCAN_STRING)
        return NULL;
    return base_json_text(len, &value);
}

static int is(const base_json_t *key, const char *name, const char *text)
{
    apr_size_t len;
    const char *bytes = text_of(&len, key, name);

    return bytes && len == strlen(text) && !memcmp(bytes, text, len);
}

/* Absent, or that text. */
static int may_be(const base_json_t *key, const char *name, const char *text)
{
    base_json_t value;

    return !base_json_find(&value, key, name) || is(key, name, text);
}

static int is_base64url(const base_json_t *key, const char *name, apr_pool_t *pool)
{
    apr_size_t len, decoded;
    const char *bytes = text_of(&len, key, name);

    return bytes && len > 0 && base_hash_base64url_decode(&decoded, bytes, len, pool);
}

/* An id that no token can have is none. */
static int take_kid(auth_kids_kid_t *kid, const base_json_t *key)
{
    apr_size_t len;
    const char *bytes = text_of(&len, key, "kid");

    if (!bytes || !auth_token_is_kid(bytes, len))
        return 0;
    kid->len = (unsigned char)len;
    kid->tried = (auth_kids_copies_t){0, 0};
    memcpy(kid->bytes, bytes, len);
    return 1;
}

/* The place of an id in the set, or -1. */
static int find(const auth_kids_set_t *set, const char *kid, apr_size_t len)
{
    int i;

    for (i = 0; i < set->count; i++) {
        if (set->kids[i].len == len && !memcmp(set->kids[i].bytes, kid, len))
            return i;
    }
    return -1;
}

int auth_kids_has(const auth_kids_set_t *set, const char *kid)
{
    return find(set, kid, strlen(kid)) >= 0;
}

/* One key. Others than those that count may be there, and look as they like; of members that stand
 * twice the last one counts. */
static const char *take_key(auth_kids_set_t *set, const base_scan_span_t *text, apr_pool_t *pool)
{
    auth_kids_kid_t kid;
    base_json_t key;
    base_scan_t scan;

    base_scan_init(&scan, text->ptr, text->len, AUTH_TOKEN_DEPTH_MAX);
    if (text->len > KEY_MAX || !base_json_take(&key, &scan, pool) || key.kind != BASE_SCAN_OBJECT ||
        !is(&key, "kty", "RSA") || !may_be(&key, "use", "sig") || !may_be(&key, "alg", "RS256") ||
        !is_base64url(&key, "n", pool) || !is_base64url(&key, "e", pool) || !take_kid(&kid, &key) ||
        find(set, kid.bytes, kid.len) >= 0)
        return NULL;
    if (set->count == AUTH_KIDS_MAX)
        return "too many keys";
    set->kids[set->count++] = kid;
    return NULL;
}

const char *auth_kids_read(auth_kids_set_t *set, const char *text, apr_size_t len, apr_pool_t *pool)
{
    auth_token_member_t keys = {.name = "keys"};
    const char *why = NULL;
    base_scan_span_t key;
    base_scan_t scan;
    apr_pool_t *scratch;

    set->count = 0;
    if (!auth_token_read(&keys, 1, text, len, pool) || keys.kind != BASE_SCAN_ARRAY)
        return "no key set";
    base_scan_init(&scan, keys.value.ptr, keys.value.len, AUTH_TOKEN_DEPTH_MAX);
    base_scan_enter(&scan, BASE_SCAN_ARRAY);
    apr_pool_create(&scratch, pool);
    while (!why && base_scan_element(&scan) && base_scan_skip(&scan, &key)) {
        why = take_key(set, &key, scratch);
        apr_pool_clear(scratch);
    }
    apr_pool_destroy(scratch);
    if (why || scan.why)
        return why ? why : "no key set";
    return set->count ? NULL : "no key for RS256 in the key set";
}

/* --- a look ---------------------------------------------------------------------------- */

/* RFC 9110 section 15.4: those that name another place; 304, say, names none. */
static int is_redirect(int status)
{
    return (status >= 301 && status <= 303) || status == 307 || status == 308;
}

base_err_t *auth_kids_fetch(auth_kids_answer_t *answer, const auth_kids_source_t *source,
                            apr_time_t deadline, apr_pool_t *pool)
{
    static const net_http_header_t headers[] = {
        {"Accept", "application/json"}, {"User-Agent", "mod_items"}, {"Connection", "close"}};
    const net_http_request_t request = {
        .method = "GET",
        .target = source->target,
        .host = source->host,
        .headers = headers,
        .header_count = (int)(sizeof(headers) / sizeof(headers[0])),
        .answer_max = AUTH_KIDS_ANSWER_MAX,
        .deadline = deadline,
        .fresh = 1,
    };
    const base_call_t call = {.deadline = deadline};
    net_http_send_fn *const send = source->send;
    net_http_response_t response = {.status = 0};
    const char *why;
    base_err_t *err;

    answer->set.count = 0;
    answer->is_elsewhere = 0;
    err = send(&response, source->sender, &request, &call, pool);
    answer->is_delivered = response.delivered;
    if (err)
        return err;
    answer->is_elsewhere = is_redirect(response.status);
    if (answer->is_elsewhere)
        return base_err_make(BASE_ERR_NONSENSE, 0, pool,
                             "%s answers with a redirect (%d), which is not followed", source->host,
                             response.status);
    if (response.status != 200)
        return base_err_make(BASE_ERR_NONSENSE, 0, pool, "%s answers %d", source->host,
                             response.status);
    why = auth_kids_read(&answer->set, response.body, response.body_len, pool);
    return why ? base_err_make(BASE_ERR_NONSENSE, 0, pool, "the answer of %s: %s", source->host,
                               why)
               : NULL;
}

/* --- when to look --------------------------------------------------------------------------- */

/* Begin a look if it is time. */
static int take_turn(auth_kids_watch_t *watch, apr_time_t now)
{
    if (now < watch->again_at || (watch->is_looking && now < watch->begun_at + LOOK_LOST))
        return 0;
    watch->is_looking = 1;
    watch->begun_at = now;
    watch->again_at = now + (watch->good_at ? INTERVAL : LOOK_LOST);
    return 1;
}

static int is_under_way(const auth_kids_watch_t *watch, apr_time_t now)
{
    return watch->is_looking && now < watch->begun_at + LOOK_LOST;
}

/* Nothing is known. The first look is worth waiting for, later ones are not. */
static auth_kids_verdict_e judge_nothing(const auth_kids_watch_t *watch,
                                         const auth_kids_question_t *question)
{
    if (watch->is_failing)
        return watch->is_elsewhere ? AUTH_KIDS_KNOWN : AUTH_KIDS_UNAVAILABLE;
    return question->is_late ? AUTH_KIDS_UNAVAILABLE : AUTH_KIDS_ASK_AGAIN;
}

static int is_tried(auth_kids_copies_t tried, auth_kids_copies_t copy)
{
    return tried.start > copy.start || (tried.start == copy.start && tried.hosts & copy.hosts);
}

/* An id of the set: the first token of a new one goes alone. */
static void judge_known(auth_kids_advice_t *advice, auth_kids_watch_t *watch,
                        auth_kids_copies_t tried, const auth_kids_question_t *question)
{
    apr_time_t now = question->now;

    advice->verdict = AUTH_KIDS_KNOWN;
    if (question->is_late)
        return;
    /* So old that the server must have been idle: what is known may be wrong by now. */
    if (now - watch->good_at >= 2 * REFRESH && !watch->is_failing && is_under_way(watch, now)) {
        advice->verdict = AUTH_KIDS_ASK_AGAIN;
    } else if (!is_tried(tried, question->copy)) {
        if (now < watch->pilot_at + PILOT) {
            advice->verdict = AUTH_KIDS_ASK_AGAIN;
        } else {
            watch->pilot_at = now;
            advice->is_pilot = 1;
        }
    }
}

auth_kids_advice_t auth_kids_ask(auth_kids_watch_t *watch, const auth_kids_question_t *question)
{
    const int place = find(&watch->set, question->kid, strlen(question->kid));
    auth_kids_advice_t advice = {AUTH_KIDS_UNKNOWN, 0, 0};
    apr_time_t now = question->now;

    if (place < 0 || now - watch->good_at >= REFRESH)
        advice.should_look = take_turn(watch, now);
    if (!watch->good_at)
        advice.verdict = judge_nothing(watch, question);
    else if (place >= 0)
        judge_known(&advice, watch, watch->set.kids[place].tried, question);
    else if ((advice.should_look || question->is_looker) && !question->is_late &&
             is_under_way(watch, now))
        advice.verdict = AUTH_KIDS_ASK_AGAIN; /* the one that looks sees what it finds */
    return advice;
}

void auth_kids_tried(auth_kids_watch_t *watch, const char *kid, auth_kids_copies_t copy)
{
    const int place = find(&watch->set, kid, strlen(kid));
    auth_kids_copies_t *tried;

    watch->pilot_at = 0;
    if (place < 0)
        return;
    tried = &watch->set.kids[place].tried;
    if (tried->start < copy.start)
        *tried = copy;
    else if (tried->start == copy.start)
        tried->hosts |= copy.hosts;
}

/* Take over a set; when its keys were tried is remembered. 1 if there are new ones. */
static int take_set(auth_kids_set_t *known, const auth_kids_set_t *set)
{
    auth_kids_copies_t tried[AUTH_KIDS_MAX];
    int i, is_new = 0;

    for (i = 0; i < set->count; i++) {
        const int before = find(known, set->kids[i].bytes, set->kids[i].len);

        tried[i] = before >= 0 ? known->kids[before].tried : (auth_kids_copies_t){0, 0};
        is_new = is_new || before < 0;
    }
    *known = *set;
    for (i = 0; i < set->count; i++)
        known->kids[i].tried = tried[i];
    return is_new;
}

auth_kids_change_e auth_kids_end(auth_kids_watch_t *watch, apr_time_t begun, int given,
                                 const auth_kids_answer_t *answer, apr_time_t now)
{
    int was_failing = watch->is_failing;

    if (watch->begun_at != begun || !watch->is_looking)
        return AUTH_KIDS_AS_BEFORE;
    watch->is_looking = 0;
    watch->is_failing = !given;
    watch->is_elsewhere = answer->is_elsewhere;
    if (given) {
        watch->again_at = begun + (take_set(&watch->set, &answer->set) ? INTERVAL_NEW : INTERVAL);
        watch->good_at = begun;
        return was_failing ? AUTH_KIDS_BACK : AUTH_KIDS_AS_BEFORE;
    }
    if (!watch->good_at)
        watch->again_at = answer->is_delivered ? begun + RETRY : now + RETRY_UNHEARD;
    return was_failing ? AUTH_KIDS_AS_BEFORE : AUTH_KIDS_OUT;
}
