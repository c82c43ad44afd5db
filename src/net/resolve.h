/* SPDX-License-Identifier: Apache-2.0 */
/* One host's addresses, looked up in a thread of its own and remembered: a silent DNS never holds a
 * request beyond its deadline, and an outage of DNS does not stop what was known before.
 *
 * Any thread, but only of the process that made it. The thread starts with the first look-up, so a
 * resolver may be made in child-init. Its memory is its own and lives as long as the process: a
 * thread inside getaddrinfo() can't be ended, hence no pool's clean-up may wait for it.
 */
#ifndef NET_RESOLVE_H
#define NET_RESOLVE_H

#include <netdb.h>
#include <netinet/in.h>

#include <apr_time.h>

#include "base/err.h"

#define NET_RESOLVE_FRESH apr_time_from_sec(60) /* younger answers are not asked for again */
#define NET_RESOLVE_RETRY apr_time_from_sec(1)  /* nor is a failure, or what was doubted */

typedef struct net_resolve_t net_resolve_t;

/* getaddrinfo(), or a test's; what it gives is handed to freeaddrinfo(). */
typedef int net_resolve_lookup_fn(const char *host, const char *service,
                                  const struct addrinfo *hints, struct addrinfo **addresses);

/* At most one address of each family, the preferred one first. */
typedef struct {
    int count;
    char address[2][INET6_ADDRSTRLEN];
} net_resolve_answer_t;

/* host: a name, or an address, which is answered as it is. lookup NULL: getaddrinfo(). fresh
 * and retry: the intervals above, 0 for theirs. NULL when the system refuses memory or locks. */
net_resolve_t *net_resolve_make(const char *host, net_resolve_lookup_fn *lookup,
                                apr_interval_time_t fresh, apr_interval_time_t retry);

/* Is the host an address itself? */
int net_resolve_is_literal(const net_resolve_t *resolver);

/* Addresses to try now; another call gets the next ones. Answers that are no longer fresh are still
 * given while the thread asks again. Waits only when nothing is known, at most until deadline.
 * BASE_ERR_TIMEOUT, or BASE_ERR_UNAVAILABLE with what DNS said. Errors are made in pool. */
base_err_t *net_resolve_get(net_resolve_answer_t *answer, net_resolve_t *resolver,
                            apr_time_t deadline, apr_pool_t *pool) BASE_ERR_CHECKED;

/* The addresses did not work: ask again in the background, though not within the retry
 * interval. */
void net_resolve_doubt(net_resolve_t *resolver);

/* Wait for a look-up that runs, then free everything: the end for programs that must leave nothing
 * behind. Nobody else may use the resolver any more; a server never calls it. */
void net_resolve_close(net_resolve_t *resolver);

#endif
