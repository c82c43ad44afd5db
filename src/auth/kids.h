/* SPDX-License-Identifier: Apache-2.0 */
/* The ids of an issuer's keys: read from the key set that it publishes, and when to look again.
 *
 * Ids only: whether a signature is right is somebody else's business, but whoever knows the ids can
 * refuse a token without looking for a key that does not exist. Pure but for auth_kids_fetch(),
 * which is handed a send function; every clock is an argument. A watch is plain data that lives in
 * memory shared by processes; whoever calls holds its lock.
 */
#ifndef AUTH_KIDS_H
#define AUTH_KIDS_H

#include <apr_pools.h>
#include <apr_time.h>

#include "auth/token.h"
#include "base/err.h"
#include "net/http.h"

#define AUTH_KIDS_MAX 64                    /* keys of a set; Cognito publishes two */
#define AUTH_KIDS_ANSWER_MAX (1024 * 1024)  /* bytes of a key set */
#define AUTH_KIDS_LOOK apr_time_from_sec(5) /* a look takes at most this long */
#define AUTH_KIDS_WAIT AUTH_KIDS_LOOK       /* and nobody waits longer for one */

/* --- a key set ------------------------------------------------------------------------------ */

/* mod_auth_openidc keeps a key set of its own, which ends with httpd's start or restart, for each
 * virtual host that is configured apart. */
typedef struct {
    int start;          /* each start and restart has a higher number, from 1 on */
    apr_uint64_t hosts; /* a bit for each: one of whoever asks */
} auth_kids_copies_t;

typedef struct {
    unsigned char len;
    char bytes[AUTH_TOKEN_KID_MAX];
    auth_kids_copies_t tried; /* those that had a token of this key, and so fetched the key set */
} auth_kids_kid_t;

typedef struct {
    int count;
    auth_kids_kid_t kids[AUTH_KIDS_MAX];
} auth_kids_set_t;

/* Read a JWK Set: the ids of those keys that can have signed a token of ours (RSA, for RS256
 * signatures). NULL, or static words when it is no key set, has no such key, or too many. */
const char *auth_kids_read(auth_kids_set_t *set, const char *text, apr_size_t len,
                           apr_pool_t *pool);

/* Is there such an id? */
int auth_kids_has(const auth_kids_set_t *set, const char *kid);

/* --- a look --------------------------------------------------------------------------------- */

/* Where the key set is, and who asks for it. */
typedef struct {
    const char *host;   /* the Host header */
    const char *target; /* path and query */
    net_http_send_fn *send;
    void *sender;
} auth_kids_source_t;

/* What a look gave. */
typedef struct {
    auth_kids_set_t set;
    int is_delivered; /* the issuer had our request, whatever came of it */
    int is_elsewhere; /* it was answered with a redirect, which is not followed */
} auth_kids_answer_t;

/* One look, before deadline on base_call_clock(). Errors say what was wrong with the answer. */
base_err_t *auth_kids_fetch(auth_kids_answer_t *answer, const auth_kids_source_t *source,
                            apr_time_t deadline, apr_pool_t *pool) BASE_ERR_CHECKED;

/* --- when to look --------------------------------------------------------------------------- */

/* All zero at first. Times are on base_call_clock(). */
typedef struct {
    auth_kids_set_t set;
    apr_time_t good_at;  /* begin of the last look that gave a set; 0: nothing is known yet */
    apr_time_t begun_at; /* of the last look */
    apr_time_t again_at; /* no look before */
    apr_time_t pilot_at; /* when mod_auth_openidc was last left to fetch the key set */
    int is_looking;
    int is_failing;   /* the last look gave nothing */
    int is_elsewhere; /* because of a redirect */
} auth_kids_watch_t;

typedef enum {
    AUTH_KIDS_KNOWN,
    AUTH_KIDS_UNKNOWN,
    AUTH_KIDS_ASK_AGAIN,  /* in a moment: a look is under way whose result counts */
    AUTH_KIDS_UNAVAILABLE /* nothing is known, and the key set can't be had */
} auth_kids_verdict_e;

typedef struct {
    const char *kid;
    apr_time_t now;
    auth_kids_copies_t copy; /* of the asker */
    int is_looker;           /* a look that this asker began may be under way */
    int is_late;             /* can't wait any longer: never answered with ASK_AGAIN */
} auth_kids_question_t;

typedef struct {
    auth_kids_verdict_e verdict;
    int should_look; /* the asker looks, then says auth_kids_end(), come what may */
    int is_pilot;    /* mod_auth_openidc will fetch the key set for this one: auth_kids_tried() */
} auth_kids_advice_t;

auth_kids_advice_t auth_kids_ask(auth_kids_watch_t *watch, const auth_kids_question_t *question);

/* mod_auth_openidc is done with the token of a pilot, for that copy. */
void auth_kids_tried(auth_kids_watch_t *watch, const char *kid, auth_kids_copies_t copy);

typedef enum {
    AUTH_KIDS_AS_BEFORE,
    AUTH_KIDS_OUT, /* an outage begins */
    AUTH_KIDS_BACK /* an outage is over */
} auth_kids_change_e;

/* The look that was begun at this time is over. given: whether answer->set counts; the rest of
 * answer does in any case. A look that another one has overtaken changes nothing. */
auth_kids_change_e auth_kids_end(auth_kids_watch_t *watch, apr_time_t begun, int given,
                                 const auth_kids_answer_t *answer, apr_time_t now);

#endif
