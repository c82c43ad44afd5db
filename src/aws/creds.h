/* SPDX-License-Identifier: Apache-2.0 */
/* A credential snapshot, and the interface of whatever has credentials.
 *
 * A snapshot is copied into the asker's pool, or lent for good by a source whose set never changes,
 * so that a request signs with one set and nobody counts references. Never logged.
 */
#ifndef AWS_CREDS_H
#define AWS_CREDS_H

#include <apr_pools.h>

#include "aws/endpoint.h"
#include "base/call.h"
#include "base/err.h"

typedef struct {
    const char *access_key_id;
    const char *secret_access_key;
    const char *session_token; /* NULL for long-term keys */
    apr_uint64_t generation;   /* changes whenever the set does: the name of derived keys */
} aws_creds_t;

/* A source of credentials. get is called on any thread and locks inside. */
typedef struct {
    const char *name; /* for the log: "environment" */
    base_err_t *(*get)(aws_creds_t *creds, void *source, const base_call_t *call, apr_pool_t *pool);
    void *source;
} aws_creds_source_t;

/* BASE_ERR_UNAVAILABLE when the source has none. */
base_err_t *aws_creds_get(aws_creds_t *creds, const aws_creds_source_t *source,
                          const base_call_t *call, apr_pool_t *pool) BASE_ERR_CHECKED;

/* The environment's: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, read once, now;
 * blanks alone count as not set. The source lives in pool. */
aws_creds_source_t *aws_creds_env_make(aws_endpoint_env_fn *env, apr_pool_t *pool);

#endif
