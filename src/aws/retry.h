/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a failed attempt is worth another one, and what AWS's exception names say about it.
 *
 * Pure: facts and the clock's reading in, verdict out. Any thread.
 */
#ifndef AWS_RETRY_H
#define AWS_RETRY_H

#include <apr_time.h>

#include "base/err.h"

#define AWS_RETRY_ATTEMPTS_MAX 2 /* of one call */

typedef enum {
    AWS_RETRY_STOP,  /* the failure stands */
    AWS_RETRY_AGAIN, /* once more, now, on a new connection */
    AWS_RETRY_LATE   /* once more would do, but the deadline is used up */
} aws_retry_verdict_e;

/* A failed attempt. */
typedef struct {
    int number;           /* which attempt it was, from 1 */
    int is_read;          /* the operation changes nothing */
    base_err_kind_e kind; /* of its error */
    int status;           /* of the answer, 0 when none came whole */
    int reused;           /* facts of net/http.h */
    int delivered;
    int begun;
    apr_time_t now;      /* on base_call_clock() */
    apr_time_t deadline; /* of the call, likewise */
} aws_retry_failure_t;

aws_retry_verdict_e aws_retry_next(const aws_retry_failure_t *failure);

/* What an error answer means for any AWS service: BASE_ERR_THROTTLED, BASE_ERR_UNAVAILABLE
 * (transient or 5xx), else BASE_ERR_INTERNAL. code: AWS's exception name, or NULL. */
base_err_kind_e aws_retry_class(int status, const char *code);

#endif
