/* SPDX-License-Identifier: Apache-2.0 */
/* Names to addresses, because libcurl must not do it: whatever its time-outs say, it joins the
 * thread that sits in getaddrinfo() (10 s with a silent server), and CURLOPT_QUICK_EXIT came only
 * with 7.87. Addresses go to it through CURLOPT_RESOLVE.
 *
 * One look-up runs at a time, in a detached thread that ends with it, so a silent DNS costs one
 * thread and no more. One address of a family is given, rotating: libcurl spends half of its time
 * or all of it on a first address that does not answer.
 *
 *   nothing known --get--> look-up --answer--> fresh --60 s--> stale --get--> look-up behind it
 *                             +----failure---> remembered for 1 s; what was known stays in use
 *
 * The thread blocks every signal: httpd's are for httpd's threads.
 */
#include "net/resolve.h"

#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>

#include <apr_strings.h>

#include "base/call.h"

#define ADDRESSES_MAX 16 /* of a family */

typedef struct {
    char address[ADDRESSES_MAX][INET6_ADDRSTRLEN];
    int count;
    unsigned next;
} family_t;

struct net_resolve_t {
    apr_pool_t *pool; /* unmanaged, used by make and close only */
    const char *host;
    net_resolve_lookup_fn *lookup;
    apr_interval_time_t fresh, retry;
    int is_literal;
    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t done;
    family_t families[2]; /* the preferred one first */
    int is_known;
    int is_running;
    apr_time_t fresh_until;
    apr_time_t asked_at;
    apr_time_t retry_at; /* after a failure: not before this */
    int failure;         /* getaddrinfo's of the last look-up, 0 for none */
    int failure_errno;
};

static int is_literal(const char *host)
{
    unsigned char bytes[sizeof(struct in6_addr)];

    return inet_pton(AF_INET, host, bytes) == 1 || inet_pton(AF_INET6, host, bytes) == 1;
}

net_resolve_t *net_resolve_make(const char *host, net_resolve_lookup_fn *lookup,
                                apr_interval_time_t fresh, apr_interval_time_t retry)
{
    net_resolve_t *resolver;
    apr_pool_t *pool;

    if (apr_pool_create_unmanaged_ex(&pool, NULL, NULL) != APR_SUCCESS)
        return NULL;
    resolver = apr_pcalloc(pool, sizeof(*resolver));
    resolver->pool = pool;
    resolver->host = apr_pstrdup(pool, host);
    resolver->lookup = lookup ? lookup : getaddrinfo;
    resolver->fresh = fresh ? fresh : NET_RESOLVE_FRESH;
    resolver->retry = retry ? retry : NET_RESOLVE_RETRY;
    resolver->is_literal = is_literal(host);
    if (pthread_mutex_init(&resolver->lock, NULL)) {
        apr_pool_destroy(pool);
        return NULL;
    }
    if (!base_call_condition(&resolver->done)) {
        pthread_mutex_destroy(&resolver->lock);
        apr_pool_destroy(pool);
        return NULL;
    }
    return resolver;
}

int net_resolve_is_literal(const net_resolve_t *resolver)
{
    return resolver->is_literal;
}

/* --- the look-up --------------------------------------------------------------------------- */

static void add_address(family_t *family, const struct addrinfo *info)
{
    const void *bytes;

    if (family->count == ADDRESSES_MAX)
        return;
    if (info->ai_family == AF_INET)
        bytes = &((const struct sockaddr_in *)(const void *)info->ai_addr)->sin_addr;
    else
        bytes = &((const struct sockaddr_in6 *)(const void *)info->ai_addr)->sin6_addr;
    if (inet_ntop(info->ai_family, bytes, family->address[family->count], INET6_ADDRSTRLEN))
        family->count++;
}

/* The system's order (RFC 6724) decides which family is tried first. */
static void sort_addresses(family_t families[2], const struct addrinfo *infos)
{
    const struct addrinfo *info;
    int first = 0;

    memset(families, 0, 2 * sizeof(*families));
    for (info = infos; info; info = info->ai_next) {
        if (!info->ai_addr || (info->ai_family != AF_INET && info->ai_family != AF_INET6))
            continue;
        if (!first)
            first = info->ai_family;
        add_address(&families[info->ai_family != first], info);
    }
}

static void *run(void *data)
{
    const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    net_resolve_t *resolver = data;
    struct addrinfo *infos = NULL;
    family_t families[2];
    int failure = resolver->lookup(resolver->host, NULL, &hints, &infos);
    int failure_errno = failure == EAI_SYSTEM ? errno : 0;

    sort_addresses(families, failure ? NULL : infos);
    if (!failure && infos)
        freeaddrinfo(infos);
    if (!failure && families[0].count == 0)
        failure = EAI_NONAME;
    pthread_mutex_lock(&resolver->lock);
    resolver->failure = failure;
    resolver->failure_errno = failure_errno;
    if (failure) {
        resolver->retry_at = base_call_clock() + resolver->retry;
    } else {
        families[0].next = resolver->families[0].next;
        families[1].next = resolver->families[1].next;
        memcpy(resolver->families, families, sizeof(families));
        resolver->is_known = 1;
        resolver->fresh_until = base_call_clock() + resolver->fresh;
    }
    resolver->is_running = 0;
    pthread_cond_broadcast(&resolver->done);
    pthread_mutex_unlock(&resolver->lock);
    return NULL;
}

/* Under the lock. A thread that can't be had is a failed look-up. */
static void start(net_resolve_t *resolver)
{
    pthread_attr_t attr;
    pthread_t thread;
    sigset_t all, before;
    int status = pthread_attr_init(&attr);

    if (!status) {
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before); /* inherited by the thread */
        pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
        resolver->is_running = 1;
        resolver->asked_at = base_call_clock();
        status = pthread_create(&thread, &attr, run, resolver);
        pthread_sigmask(SIG_SETMASK, &before, NULL);
        pthread_attr_destroy(&attr);
    }
    if (status) {
        resolver->is_running = 0;
        resolver->failure = EAI_SYSTEM;
        resolver->failure_errno = status;
        resolver->retry_at = base_call_clock() + resolver->retry;
    }
}

/* --- asking -------------------------------------------------------------------------------- */

/* Under the lock: wait for a look-up's end, 0 when the deadline came first. */
static int wait_done(net_resolve_t *resolver, apr_time_t deadline)
{
    return base_call_wait(&resolver->done, &resolver->lock, deadline) || resolver->is_known ||
           !resolver->is_running;
}

static void pick(net_resolve_answer_t *answer, net_resolve_t *resolver)
{
    int i;

    for (i = 0; i < 2; i++) {
        family_t *family = &resolver->families[i];

        if (family->count > 0)
            apr_cpystrn(answer->address[answer->count++],
                        family->address[family->next++ % (unsigned)family->count],
                        INET6_ADDRSTRLEN);
    }
}

static base_err_t *failed(const net_resolve_t *resolver, apr_pool_t *pool)
{
    if (resolver->failure == EAI_SYSTEM)
        return base_err_make(BASE_ERR_UNAVAILABLE, resolver->failure_errno, pool,
                             "DNS: can't look up %s", resolver->host);
    return base_err_make(BASE_ERR_UNAVAILABLE, 0, pool, "DNS: can't look up %s: %s", resolver->host,
                         gai_strerror(resolver->failure));
}

base_err_t *net_resolve_get(net_resolve_answer_t *answer, net_resolve_t *resolver,
                            apr_time_t deadline, apr_pool_t *pool)
{
    base_err_t *err = NULL;
    apr_time_t now;

    answer->count = 0;
    if (resolver->is_literal) {
        apr_cpystrn(answer->address[answer->count++], resolver->host, INET6_ADDRSTRLEN);
        return NULL;
    }
    pthread_mutex_lock(&resolver->lock);
    now = base_call_clock();
    if (!resolver->is_running && now >= resolver->retry_at &&
        (!resolver->is_known || now >= resolver->fresh_until))
        start(resolver);
    while (!resolver->is_known && resolver->is_running && !err)
        if (!wait_done(resolver, deadline))
            err = base_err_make(BASE_ERR_TIMEOUT, 0, pool, "DNS: timeout looking up %s",
                                resolver->host);
    if (resolver->is_known)
        pick(answer, resolver);
    else if (!err)
        err = failed(resolver, pool);
    pthread_mutex_unlock(&resolver->lock);
    return err;
}

void net_resolve_doubt(net_resolve_t *resolver)
{
    apr_time_t again;

    if (resolver->is_literal)
        return;
    pthread_mutex_lock(&resolver->lock);
    again = resolver->asked_at + resolver->retry; /* a dead peer must not flood DNS */
    if (resolver->fresh_until > again)
        resolver->fresh_until = again;
    pthread_mutex_unlock(&resolver->lock);
}

void net_resolve_close(net_resolve_t *resolver)
{
    apr_pool_t *pool = resolver->pool;

    pthread_mutex_lock(&resolver->lock);
    while (resolver->is_running)
        pthread_cond_wait(&resolver->done, &resolver->lock);
    pthread_mutex_unlock(&resolver->lock);
    pthread_cond_destroy(&resolver->done);
    pthread_mutex_destroy(&resolver->lock);
    apr_pool_destroy(pool);
}
