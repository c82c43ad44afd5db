/* SPDX-License-Identifier: Apache-2.0 */
/* Connections of net/conn.h played from memory: what is sent is swallowed, the answer is always the
 * same. Linked in place of conn.o and conn_pool.o, so that all above them is the real thing. */
#ifndef BENCH_CONNS_H
#define BENCH_CONNS_H

#include "answers.h"
#include "net/conn.h"

/* The one pool, with one kept connection. */
net_conn_pool_t *conns_make(answers_t answer);

#endif
