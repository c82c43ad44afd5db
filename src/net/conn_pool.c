/* SPDX-License-Identifier: Apache-2.0 */
/* The pool of connections: a bounded stack, the warmest on top.
 *
 * A slot is empty, taken, or kept; its way:
 *
 *   empty --acquire--> taken --open_new--> taken --put(NULL)--> kept --acquire, check--> taken
 *     ^                  +----- error, put(why), check failed: net_conn_close -----+
 *     +---------------------------------- release ----------------------------------+
 *
 * empty + kept + taken is connection_max, whatever fails. The memory of all slots is allocated when
 * the pool is made, hence nothing grows with the number of exchanges.
 */
#include "net/conn.h"

#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <apr_strings.h>

#include "base/hash.h"

#define IDLE_MAX apr_time_from_sec(50)
#define AGE_MAX apr_time_from_sec(300)
#define MARK_BYTES 1 /* which is a page */

struct net_conn_pool_t {
    apr_pool_t *pool; /* unmanaged, used by make and close only */
    net_conn_options_t options;
    net_conn_peer_t peer;
    pid_t pid;
    char *mark;           /* its one byte is 1 in the process that made the pool; or NULL */
    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t freed;
    net_conn_t **empty;
    net_conn_t **kept; /* a stack; at the bottom the longest unused */
    int empty_count;
    int kept_count;
};

/* --- life ----------------------------------------------------------------------------------- */

/* A page that a fork leaves empty in the child (madvise(2): MADV_WIPEONFORK), since to ask for the
 * process id is a system call for each exchange. Where there is no such thing, that is done. */
static void make_mark(net_conn_pool_t *conns)
{
    char *mark = mmap(NULL, MARK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    conns->pid = getpid();
    if (mark == MAP_FAILED)
        return;
    if (madvise(mark, MARK_BYTES, MADV_WIPEONFORK)) {
        munmap(mark, MARK_BYTES);
        return;
    }
    *mark = 1;
    conns->mark = mark;
}

static int is_of_this_process(const net_conn_pool_t *conns)
{
    return conns->mark ? *conns->mark == 1 : getpid() == conns->pid;
}

static int make_locks(net_conn_pool_t *conns)
{
    if (!base_call_condition(&conns->freed))
        return 0;
    if (pthread_mutex_init(&conns->lock, NULL)) {
        pthread_cond_destroy(&conns->freed);
        return 0;
    }
    return 1;
}

static void make_slots(net_conn_pool_t *conns)
{
    int count = conns->options.connection_max, i;
    net_conn_t *slots = apr_pcalloc(conns->pool, (apr_size_t)count * sizeof(*slots));
    char *buffers = apr_palloc(conns->pool, (apr_size_t)count * NET_CONN_CHUNK);

    conns->empty = apr_palloc(conns->pool, (apr_size_t)count * sizeof(*conns->empty));
    conns->kept = apr_palloc(conns->pool, (apr_size_t)count * sizeof(*conns->kept));
    for (i = 0; i < count; i++) {
        slots[i].peer = &conns->peer;
        slots[i].buffer = buffers + (apr_size_t)i * NET_CONN_CHUNK;
        conns->empty[i] = &slots[i];
    }
    conns->empty_count = count;
}

static void set_peer(net_conn_pool_t *conns)
{
    net_conn_options_t *options = &conns->options;
    net_conn_peer_t *peer = &conns->peer;

    if (!options->idle_max)
        options->idle_max = IDLE_MAX;
    if (!options->age_max)
        options->age_max = AGE_MAX;
    peer->host = apr_pstrdup(conns->pool, options->host);
    peer->port = options->port;
    peer->tls = options->tls;
    peer->name = apr_psprintf(conns->pool, strchr(peer->host, ':') ? "[%s]:%d" : "%s:%d",
                              peer->host, peer->port);
    peer->url =
        apr_pstrcat(conns->pool, options->tls ? "https://" : "http://", peer->name, "/", NULL);
    options->host = peer->host;
    options->ca_file = NULL; /* the caller's, and needed only now */
}

base_err_t *net_conn_pool_make(net_conn_pool_t **conns, const net_conn_options_t *options,
                               apr_pool_t *pool)
{
    net_conn_pool_t *made;
    apr_pool_t *own;
    base_err_t *err = NULL;

    *conns = NULL;
    if (options->connection_max < 1)
        return base_err_make(BASE_ERR_INVALID, 0, pool, "a pool needs room for one connection");
    if (apr_pool_create_unmanaged_ex(&own, NULL, NULL) != APR_SUCCESS)
        return base_err_make(BASE_ERR_INTERNAL, APR_ENOMEM, pool, "no memory for connections");
    made = apr_pcalloc(own, sizeof(*made));
    made->pool = own;
    made->options = *options;
    set_peer(made);
    make_slots(made);
    made->peer.resolver = net_resolve_make(made->peer.host, options->lookup, 0, 0);
    if (!made->peer.resolver) {
        apr_pool_destroy(own);
        return base_err_make(BASE_ERR_INTERNAL, 0, pool, "no locks for addresses");
    }
    if (options->tls)
        err = net_conn_trust(&made->peer, options->ca_file, pool);
    if (!err && !make_locks(made))
        err = base_err_make(BASE_ERR_INTERNAL, 0, pool, "no locks for connections");
    if (err) {
        net_conn_distrust(&made->peer);
        net_resolve_close(made->peer.resolver);
        apr_pool_destroy(own);
        return err;
    }
    make_mark(made);
    *conns = made;
    return NULL;
}

const char *net_conn_pool_name(const net_conn_pool_t *conns)
{
    return conns->peer.name;
}

void net_conn_pool_count(net_conn_pool_t *conns, int *taken, int *kept)
{
    pthread_mutex_lock(&conns->lock);
    *kept = conns->kept_count;
    *taken = conns->options.connection_max - conns->kept_count - conns->empty_count;
    pthread_mutex_unlock(&conns->lock);
}

void net_conn_pool_close(net_conn_pool_t *conns)
{
    apr_pool_t *own = conns->pool;
    int i;

    for (i = 0; i < conns->kept_count; i++)
        net_conn_close(conns->kept[i]);
    net_resolve_close(conns->peer.resolver);
    net_conn_distrust(&conns->peer);
    pthread_cond_destroy(&conns->freed);
    pthread_mutex_destroy(&conns->lock);
    if (conns->mark)
        munmap(conns->mark, MARK_BYTES);
    apr_pool_destroy(own);
}

/* --- slots ---------------------------------------------------------------------- */

/* Connections of one age would all end at once. */
static apr_interval_time_t spread(apr_interval_time_t age)
{
    unsigned char random;

    /* A broken generator shows itself where it matters; here the middle will do. */
    if (!base_hash_random(&random, 1))
        random = 128;
    return age * 4 / 5 + age * 2 / 5 * random / 255;
}

static const char unused_too_long[] = "unused for too long";

/* NULL: good. */
static const char *check(const net_conn_pool_t *conns, net_conn_t *conn, apr_time_t now)
{
    if (now - conn->idle_at >= conns->options.idle_max)
        return unused_too_long;
    return now >= conn->old_at ? "too old" : net_conn_check(conn);
}

/* Under the lock: the connection that is unused longest. */
static net_conn_t *pop_bottom(net_conn_pool_t *conns)
{
    net_conn_t *conn = conns->kept[0];

    conns->kept_count--;
    memmove(conns->kept, conns->kept + 1, (apr_size_t)conns->kept_count * sizeof(*conns->kept));
    return conn;
}

/* Under the lock: a slot to use, empty or kept, NULL when all are taken. */
static net_conn_t *grab(net_conn_pool_t *conns, int fresh)
{
    if (!fresh && conns->kept_count > 0)
        return conns->kept[--conns->kept_count];
    if (conns->empty_count > 0)
        return conns->empty[--conns->empty_count];
    return conns->kept_count > 0 ? pop_bottom(conns) : NULL;
}

static net_conn_t *acquire(net_conn_pool_t *conns, int fresh, apr_time_t limit)
{
    net_conn_t *conn;
    int in_time = 1;

    pthread_mutex_lock(&conns->lock);
    while (!(conn = grab(conns, fresh)) && in_time)
        in_time =
            base_call_wait(&conns->freed, &conns->lock, limit); /* too late still looks once more */
    pthread_mutex_unlock(&conns->lock);
    return conn;
}

/* Give back a slot, kept or empty by what is in it; returns a connection that was unused for too
 * long, so that a pool which has become quiet shrinks, or NULL. */
static net_conn_t *release(net_conn_pool_t *conns, net_conn_t *conn)
{
    apr_time_t now = base_call_clock();
    net_conn_t *unused = NULL;

    conn->idle_at = now;
    pthread_mutex_lock(&conns->lock);
    if (conn->easy)
        conns->kept[conns->kept_count++] = conn;
    else
        conns->empty[conns->empty_count++] = conn;
    if (conns->kept_count > 0 && now - conns->kept[0]->idle_at >= conns->options.idle_max)
        unused = pop_bottom(conns);
    pthread_cond_signal(&conns->freed);
    pthread_mutex_unlock(&conns->lock);
    return unused;
}

void net_conn_pool_put(net_conn_pool_t *conns, net_conn_t *conn, const char *close_why,
                       const base_call_t *call)
{
    do {
        base_call_trace(call, 2, "connection to %s %s%s", conns->peer.name,
                        close_why ? "closed: " : "kept", close_why ? close_why : "");
        if (close_why)
            net_conn_close(conn);
        conn = release(conns, conn);
        close_why = unused_too_long;
    } while (conn);
}

/* A slot whose connection was no good: change it for a kept connection if there is one. */
static net_conn_t *trade(net_conn_pool_t *conns, net_conn_t *conn)
{
    pthread_mutex_lock(&conns->lock);
    if (conns->kept_count > 0) {
        conns->empty[conns->empty_count++] = conn;
        conn = conns->kept[--conns->kept_count];
        pthread_cond_signal(&conns->freed);
    }
    pthread_mutex_unlock(&conns->lock);
    return conn;
}

/* A new connection is checked as a kept one: what a peer sends before it was asked would be taken
 * for the answer. */
static base_err_t *open_new(const net_conn_pool_t *conns, net_conn_t *conn, apr_time_t limit,
                            apr_pool_t *pool)
{
    base_err_t *err = net_conn_open(conn, limit, pool);
    const char *why = err ? NULL : net_conn_check(conn);

    if (why)
        err = base_err_make(BASE_ERR_UNAVAILABLE, 0, pool, "a new connection to %s is no good: %s",
                            conns->peer.name, why);
    return err;
}

base_err_t *net_conn_pool_take(net_conn_t **conn, net_conn_pool_t *conns,
                               const net_conn_pool_want_t *want, const base_call_t *call,
                               apr_pool_t *pool)
{
    apr_time_t now = base_call_clock(), limit = now + conns->options.connect_timeout;
    net_conn_t *slot;
    const char *why;
    base_err_t *err;

    *conn = NULL;
    if (!is_of_this_process(conns))
        return base_err_make(BASE_ERR_INTERNAL, 0, pool, "connections to %s don't outlive a fork",
                             conns->peer.name);
    if (now >= want->deadline)
        return base_err_make(BASE_ERR_TIMEOUT, 0, pool, "timeout before the call of %s",
                             conns->peer.name);
    if (limit > want->deadline)
        limit = want->deadline;
    slot = acquire(conns, want->fresh, limit);
    if (!slot)
        return base_err_make(BASE_ERR_UNAVAILABLE, 0, pool,
                             "no free connection to %s, all %d taken", conns->peer.name,
                             conns->options.connection_max);
    while (slot->easy && (why = want->fresh ? "a new one is wanted" : check(conns, slot, now))) {
        base_call_trace(call, 2, "connection to %s closed: %s", conns->peer.name, why);
        net_conn_close(slot);
        if (!want->fresh)
            slot = trade(conns, slot);
    }
    if (slot->easy) {
        slot->is_reused = 1;
    } else {
        err = open_new(conns, slot, limit, pool);
        if (err) {
            net_conn_pool_put(conns, slot, "not opened", call);
            return err;
        }
        slot->is_reused = 0;
        slot->old_at = base_call_clock() + spread(conns->options.age_max);
        base_call_trace(call, 2, "connection to %s opened", conns->peer.name);
    }
    *conn = slot;
    return NULL;
}
