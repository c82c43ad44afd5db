/* SPDX-License-Identifier: Apache-2.0 */
/* An error answer of an AWS JSON service: its code and its message.
 *
 * Pure; any thread. Knows the envelope, not what a code means.
 */
#ifndef AWS_FAULT_H
#define AWS_FAULT_H

#include <apr_pools.h>

#define AWS_FAULT_CODE_MAX 128    /* a longer code is none */
#define AWS_FAULT_MESSAGE_MAX 256 /* bytes of a message that are kept */

typedef struct {
    const char *code;    /* [A-Za-z0-9._-]+, or NULL: the status alone speaks */
    const char *message; /* for the log: one line of printable ASCII, or NULL */
} aws_fault_t;

/* header: the answer's X-Amzn-Errortype, or NULL. The code is the header's, else the body's member
 * `code`, else its `__type`; cut at ':', and of the rest what follows the last '#'. A body that is
 * no JSON object counts as none. A message that repeats what the request was signed with is
 * withheld. */
void aws_fault_read(aws_fault_t *fault, const char *header, const char *body, apr_size_t len,
                    apr_pool_t *pool);

#endif
