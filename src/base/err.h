/* SPDX-License-Identifier: Apache-2.0 */
/* The error value: why something failed, with its story.
 *
 * NULL is success.  An error is made on failure only, in the pool of whoever
 * asked, and never changed afterwards.  It is returned upwards and logged once,
 * by httpd/log.c.  The words are for the log: they may name hosts and tables
 * and never reach a client.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <apr_errno.h>
#include <apr_pools.h>

/* What kind of failure, for the one table in items/reply.c that answers clients. */
typedef enum {
    BASE_ERR_INVALID,     /* what the caller handed in is not acceptable */
    BASE_ERR_CONFLICT,    /* a condition of a write did not hold */
    BASE_ERR_DENIED,      /* AWS refuses us: permissions, signature, table missing */
    BASE_ERR_TOO_LARGE,   /* over a limit of the store */
    BASE_ERR_THROTTLED,   /* the store asks us to slow down */
    BASE_ERR_TIMEOUT,     /* a deadline is used up */
    BASE_ERR_UNAVAILABLE, /* the store can't be reached, or says it can't serve */
    BASE_ERR_UNTRUSTED,   /* its certificate is refused: to try again changes nothing */
    BASE_ERR_NONSENSE,    /* the peer answered what its protocol does not allow */
    BASE_ERR_INTERNAL     /* a fault of ours */
} base_err_kind_e;

typedef struct base_err_t base_err_t;
struct base_err_t {
    base_err_kind_e kind;
    apr_status_t status;    /* errno of the system, 0 when there is none */
    const char *code;       /* AWS's exception name, or NULL */
    const char *request_id; /* AWS's request id, or NULL */
    const char *words;      /* one clause, no full stop */
    const base_err_t *cause;
};

#define BASE_ERR_CHECKED __attribute__((warn_unused_result))

/* A new error in pool. status 0 when no system call failed. */
base_err_t *base_err_make(base_err_kind_e kind, apr_status_t status, apr_pool_t *pool,
                          const char *format, ...) __attribute__((format(printf, 4, 5)));

/* A further fact about cause, which must not be NULL: its kind, status, code and request id. */
base_err_t *base_err_wrap(const base_err_t *cause, apr_pool_t *pool, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The words of err and its causes joined by ": ", the status as text behind the innermost. */
const char *base_err_format(const base_err_t *err, apr_pool_t *pool);

/* The kind as one lower-case word for logs ("timeout"). Static text. */
const char *base_err_kind_name(base_err_kind_e kind);

#endif
