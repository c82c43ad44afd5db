/* SPDX-License-Identifier: Apache-2.0 */
/* Credentials from the environment, by the names of the AWS SDKs and Tools Reference Guide ("AWS
 * access keys").
 *
 * Read once: httpd's environment is that of its start, and getenv() beside other threads is safe
 * only before they run. Surrounding white space is taken off, since a line break at the end of a
 * mounted secret is never part of it.
 */
#include "aws/creds.h"

#include <string.h>

#include <apr_strings.h>

#define ID_NAME "AWS_ACCESS_KEY_ID"
#define SECRET_NAME "AWS_SECRET_ACCESS_KEY"
#define TOKEN_NAME "AWS_SESSION_TOKEN"

/* A variable without its surrounding white space, NULL when nothing is left. */
static const char *read_trimmed(aws_endpoint_env_fn *env, const char *name, apr_pool_t *pool)
{
    static const char blanks[] = " \t\r\n\v\f";
    const char *value = env(name);
    apr_size_t len;

    if (!value)
        return NULL;
    value += strspn(value, blanks);
    len = strlen(value);
    while (len > 0 && strchr(blanks, value[len - 1]))
        len--;
    return len > 0 ? apr_pstrmemdup(pool, value, len) : NULL;
}

static base_err_t *get(aws_creds_t *creds, void *source, const base_call_t *call, apr_pool_t *pool)
{
    const aws_creds_t *kept = source;

    (void)call;
    if (!kept->access_key_id)
        return base_err_make(BASE_ERR_UNAVAILABLE, 0, pool, ID_NAME " is not set");
    if (!kept->secret_access_key)
        return base_err_make(BASE_ERR_UNAVAILABLE, 0, pool,
                             ID_NAME " is set, " SECRET_NAME " is not");
    *creds = *kept; /* lent: it never changes */
    return NULL;
}

aws_creds_source_t *aws_creds_env_make(aws_endpoint_env_fn *env, apr_pool_t *pool)
{
    aws_creds_source_t *source = apr_pcalloc(pool, sizeof(*source));
    aws_creds_t *kept = apr_pcalloc(pool, sizeof(*kept));

    kept->access_key_id = read_trimmed(env, ID_NAME, pool);
    kept->secret_access_key = read_trimmed(env, SECRET_NAME, pool);
    kept->session_token = read_trimmed(env, TOKEN_NAME, pool);
    kept->generation = 1; /* the set never changes */
    source->name = "environment";
    source->get = get;
    source->source = kept;
    return source;
}
