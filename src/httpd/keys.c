/* SPDX-License-Identifier: Apache-2.0 */
/* One piece of anonymous shared memory per key set, made before the children are and never given
 * back: old children use theirs until they end, and the next start finds it again by its name, URL
 * and roots. A restart with other URLs adds some, up to a ceiling. Mapped without a pool: a child
 * that exits destroys the process's pools, while a look of its own may be about to write here.
 *
 * The lock in it is robust: a child that is killed while it holds it leaves it to the next one. It
 * is never held for longer than it takes to copy a set, and no clean-up takes it.
 *
 * A look is a detached thread of the child whose request has the turn, since no request may be held
 * by it but those that can't be answered without. If the child ends in its midst, another one looks
 * as soon as that one's time is over.
 */
#include "httpd/keys.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>

#include <http_config.h>
#include <http_log.h>
#include <apr_hash.h>
#include <apr_strings.h>

#include "httpd/log.h"

APLOG_USE_MODULE(items);

#define RETAINED "mod_items-key-sets" /* the list's name among the retained data */
#define SETS_MAX 256                  /* key sets in the life of a server */
#define ASK_AGAIN apr_time_from_msec(10)

/* What processes share. */
typedef struct {
    pthread_mutex_t lock;
    int is_writing; /* whoever died with the lock may have left half a set */
    auth_kids_watch_t watch;
} shared_t;

typedef struct segment_t segment_t;
struct segment_t {
    segment_t *next;
    const char *name;
    shared_t *shared;
    int start; /* of httpd's, the last; see auth_kids_copies_t */
};

typedef struct {
    segment_t *first;
    int count;
} list_t;

/* What a child has of a key set. */
typedef struct {
    shared_t *shared;
    auth_kids_copies_t copy; /* mod_auth_openidc's, for this virtual host */
    const char *url;
    auth_kids_source_t source;
    server_rec *server; /* whose log hears of outages */
} watched_t;

/* settings and names -> watched_t: made in child_init before the child has threads, only read
 * afterwards. */
static apr_hash_t *watches;

/* --- what is watched ------------------------------------------------------------------------ */

const char *httpd_keys_why_not(const httpd_settings_t *settings, const char *proxy,
                               apr_pool_t *pool)
{
    const httpd_settings_keys_t *keys = &settings->keys;
    int i;

    if (!settings->collection.table || !httpd_settings_has_tokens(settings) ||
        (!keys->uri && keys->has_metadata != 1))
        return "";
    if (keys->has_metadata == 1)
        return "OIDCOAuthServerMetadataURL says where they are";
    if (keys->proxy)
        return "OIDCOutgoingProxy is set";
    if (proxy)
        return apr_pstrcat(pool, "the environment names a proxy (", proxy, ")", NULL);
    if (keys->unverified == 1)
        return "OIDCOAuthSSLValidateServer is Off";
    for (i = 0; keys->kids && i < keys->kids->nelts; i++) {
        if (!APR_ARRAY_IDX(keys->kids, i, const char *)[0])
            return "a file of OIDCOAuthVerifyCertFiles has no key id (kid#file)";
    }
    return NULL;
}

static const char *name_of(const httpd_settings_keys_t *keys, apr_pool_t *pool)
{
    return apr_pstrcat(pool, keys->uri, "\n", keys->ca_file ? keys->ca_file : "", NULL);
}

/* --- shared memory -------------------------------------------------------------------------- */

static segment_t *find(const char *name)
{
    const list_t *list = ap_retained_data_get(RETAINED);
    segment_t *segment;

    for (segment = list ? list->first : NULL; segment; segment = segment->next) {
        if (!strcmp(segment->name, name))
            return segment;
    }
    return NULL;
}

/* 0, or an errno. */
static int make_lock(pthread_mutex_t *lock)
{
    pthread_mutexattr_t attr;
    int status = pthread_mutexattr_init(&attr);

    if (status)
        return status;
    status = pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
    if (!status)
        status = pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
    if (!status)
        status = pthread_mutex_init(lock, &attr);
    pthread_mutexattr_destroy(&attr);
    return status;
}

base_err_t *httpd_keys_prepare(const httpd_settings_t *settings, apr_pool_t *process,
                               apr_pool_t *pool)
{
    const char *name = name_of(&settings->keys, pool);
    list_t *list = ap_retained_data_get(RETAINED);
    segment_t *segment = find(name);
    shared_t *shared;
    int status;

    if (segment) {
        segment->start++;
        return NULL;
    }
    if (!list)
        list = ap_retained_data_create(RETAINED, sizeof(*list));
    if (list->count == SETS_MAX)
        return base_err_make(BASE_ERR_INTERNAL, 0, pool,
                             "more than %d key sets since httpd was started", SETS_MAX);
    shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        return base_err_make(BASE_ERR_INTERNAL, errno, pool, "no shared memory");
    status = make_lock(&shared->lock);
    if (status) {
        munmap(shared, sizeof(*shared));
        return base_err_make(BASE_ERR_INTERNAL, status, pool, "no lock in shared memory");
    }
    segment = apr_pcalloc(process, sizeof(*segment));
    segment->name = apr_pstrdup(process, name);
    segment->shared = shared;
    segment->start = 1;
    segment->next = list->first;
    list->first = segment;
    list->count++;
    return NULL;
}

/* 0 when the lock is beyond repair; then nobody is refused here. */
static int take(shared_t *shared)
{
    int status = pthread_mutex_lock(&shared->lock);

    if (status == EOWNERDEAD) {
        if (shared->is_writing)
            memset(&shared->watch, 0, sizeof(shared->watch));
        shared->is_writing = 0;
        status = pthread_mutex_consistent(&shared->lock);
    }
    return !status;
}

static void give(shared_t *shared)
{
    pthread_mutex_unlock(&shared->lock);
}

/* --- a child -------------------------------------------------------------------------------- */

static watched_t *watched(const httpd_settings_t *settings)
{
    return watches ? apr_hash_get(watches, &settings, sizeof(settings)) : NULL;
}

static void put(const httpd_settings_t *settings, const watched_t *watch, apr_pool_t *pool)
{
    const httpd_settings_t **key = apr_palloc(pool, sizeof(*key));
    watched_t *own = apr_pmemdup(pool, watch, sizeof(*own));

    own->copy.hosts = (apr_uint64_t)1
                      << apr_hash_count(watches) % 64; /* the same in all children */
    *key = settings;
    apr_hash_set(watches, key, sizeof(*key), own);
}

void httpd_keys_start(apr_pool_t *pool)
{
    watches = apr_hash_make(pool);
}

int httpd_keys_share(const httpd_settings_t *settings, apr_pool_t *pool)
{
    const char *name = name_of(&settings->keys, pool);
    const watched_t *watch = apr_hash_get(watches, name, APR_HASH_KEY_STRING);

    if (!watch)
        return 0;
    put(settings, watch, pool);
    return 1;
}

void httpd_keys_watch(const httpd_settings_t *settings, const auth_kids_source_t *source,
                      server_rec *server, apr_pool_t *pool)
{
    const char *name = name_of(&settings->keys, pool);
    const segment_t *segment = find(name);
    watched_t *watch;

    if (!segment)
        return;
    watch = apr_pcalloc(pool, sizeof(*watch));
    watch->shared = segment->shared;
    watch->copy.start = segment->start;
    watch->url = settings->keys.uri;
    watch->source = *source;
    watch->server = server;
    apr_hash_set(watches, name, APR_HASH_KEY_STRING, watch);
    put(settings, watch, pool);
}

/* --- looks ---------------------------------------------------------------------------------- */

/* Once for each outage and its end, whoever notices. */
static void tell(const watched_t *watch, auth_kids_change_e change, int has_keys,
                 const auth_kids_answer_t *answer, const base_err_t *err, apr_pool_t *pool)
{
    if (change == AUTH_KIDS_BACK)
        ap_log_error(APLOG_MARK, APLOG_NOTICE, 0, watch->server,
                     "%s: the key set of the issuer is there again: %s", HTTPD_LOG_KEYS_BACK,
                     watch->url);
    else if (change == AUTH_KIDS_OUT && has_keys)
        ap_log_error(APLOG_MARK, APLOG_WARNING, 0, watch->server,
                     "%s: the key set of the issuer can't be had; the keys that are known stay in "
                     "use: %s: %s",
                     HTTPD_LOG_KEYS_STALE, watch->url, base_err_format(err, pool));
    else if (change == AUTH_KIDS_OUT)
        ap_log_error(
            APLOG_MARK, APLOG_ERR, 0, watch->server,
            "%s: the key set of the issuer can't be had, so %s: %s: %s", HTTPD_LOG_KEYS_OUT,
            answer->is_elsewhere ? "mod_auth_openidc is left to fetch it for each token of "
                                   "an unknown key"
                                 : "tokens are answered 503",
            watch->url, base_err_format(err, pool));
}

static void end_look(const watched_t *watch, apr_time_t begun, const auth_kids_answer_t *answer,
                     const base_err_t *err, apr_pool_t *pool)
{
    auth_kids_change_e change;
    int has_keys;

    if (!take(watch->shared))
        return;
    watch->shared->is_writing = 1;
    change = auth_kids_end(&watch->shared->watch, begun, err == NULL, answer, base_call_clock());
    watch->shared->is_writing = 0;
    has_keys = watch->shared->watch.good_at != 0;
    give(watch->shared);
    tell(watch, change, has_keys, answer, err, pool);
}

typedef struct {
    apr_pool_t *pool;
    const watched_t *watch;
    apr_time_t begun;
} look_t;

static void *run(void *data)
{
    look_t *look = data;
    apr_pool_t *pool = look->pool;
    auth_kids_answer_t *answer = apr_pcalloc(pool, sizeof(*answer));
    const base_err_t *err =
        auth_kids_fetch(answer, &look->watch->source, look->begun + AUTH_KIDS_LOOK, pool);

    end_look(look->watch, look->begun, answer, err, pool);
    apr_pool_destroy(pool);
    return NULL;
}

/* A thread that blocks every signal: httpd's are for httpd's threads. 0, or an errno. */
static int start_thread(look_t *look)
{
    pthread_attr_t attr;
    pthread_t thread;
    sigset_t all, before;
    int status = pthread_attr_init(&attr);

    if (status)
        return status;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before); /* inherited by the thread */
    pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    status = pthread_create(&thread, &attr, run, look);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attr);
    return status;
}

/* Look, in the background. What can't even be begun has failed. */
static void begin_look(const watched_t *watch, apr_time_t begun)
{
    static const auth_kids_answer_t nothing;
    apr_pool_t *pool;
    look_t *look;
    int status;

    /* of its own, because the thread outlives the request */
    if (apr_pool_create_unmanaged_ex(&pool, NULL, NULL) != APR_SUCCESS)
        return;
    look = apr_palloc(pool, sizeof(*look));
    *look = (look_t){pool, watch, begun};
    status = start_thread(look);
    if (!status)
        return;
    end_look(watch, begun, &nothing,
             base_err_make(BASE_ERR_INTERNAL, status, pool, "no thread for it"), pool);
    apr_pool_destroy(pool);
}

/* --- requests ------------------------------------------------------------------------------- */

static int is_static(const httpd_settings_t *settings, const char *kid)
{
    const apr_array_header_t *kids = settings->keys.kids;
    int i;

    for (i = 0; kids && i < kids->nelts; i++) {
        if (!strcmp(APR_ARRAY_IDX(kids, i, const char *), kid))
            return 1;
    }
    return 0;
}

/* One question, and the look that it may cause. */
static auth_kids_advice_t ask(const watched_t *watch, auth_kids_question_t *question)
{
    auth_kids_advice_t advice = {AUTH_KIDS_KNOWN, 0, 0};

    if (!take(watch->shared))
        return advice;
    advice = auth_kids_ask(&watch->shared->watch, question);
    give(watch->shared);
    if (advice.should_look) {
        question->is_looker = 1;
        begin_look(watch, question->now);
    }
    return advice;
}

httpd_keys_verdict_e httpd_keys_judge(int *is_pilot, const httpd_settings_t *settings,
                                      const char *kid)
{
    const watched_t *watch = watched(settings);
    auth_kids_question_t question = {.kid = kid, .now = base_call_clock()};
    const apr_time_t limit = question.now + AUTH_KIDS_WAIT;
    auth_kids_advice_t advice;

    *is_pilot = 0;
    if (!watch || is_static(settings, kid))
        return HTTPD_KEYS_KNOWN;
    question.copy = watch->copy;
    for (;;) {
        advice = ask(watch, &question);
        if (advice.verdict != AUTH_KIDS_ASK_AGAIN)
            break;
        apr_sleep(ASK_AGAIN);
        question.now = base_call_clock();
        question.is_late = question.now >= limit;
    }
    *is_pilot = advice.is_pilot;
    if (advice.verdict == AUTH_KIDS_KNOWN)
        return HTTPD_KEYS_KNOWN;
    return advice.verdict == AUTH_KIDS_UNKNOWN ? HTTPD_KEYS_UNKNOWN : HTTPD_KEYS_UNAVAILABLE;
}

void httpd_keys_tried(const httpd_settings_t *settings, const char *kid)
{
    const watched_t *watch = watched(settings);

    if (!watch || !take(watch->shared))
        return;
    auth_kids_tried(&watch->shared->watch, kid, watch->copy);
    give(watch->shared);
}

int httpd_keys_is_out(const httpd_settings_t *settings)
{
    const watched_t *watch = watched(settings);
    auth_kids_question_t question = {.kid = "", .now = base_call_clock(), .is_late = 1};
    int is_out;

    if (!watch)
        return 0;
    ask(watch, &question);
    if (!take(watch->shared))
        return 0;
    is_out = watch->shared->watch.is_failing && !watch->shared->watch.is_elsewhere;
    give(watch->shared);
    return is_out;
}
