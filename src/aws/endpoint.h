/* SPDX-License-Identifier: Apache-2.0 */
/* Service, region and options to the host that is called.
 *
 * Pure: the environment is an argument. Source: AWS SDKs and Tools Reference
 * Guide, "Service-specific endpoints" and "Regions"; botocore's endpoint rules.
 */
#ifndef AWS_ENDPOINT_H
#define AWS_ENDPOINT_H

#include <apr_pools.h>

#include "base/err.h"

typedef struct {
    int tls;
    const char *host; /* name or address, an IPv6 address without brackets; lower case */
    int port;
    const char *host_header; /* as in Host and in the signature: brackets, port unless default */
} aws_endpoint_t;

/* An environment: the value of a variable, or NULL. Callers count blanks alone as not set. */
typedef const char *aws_endpoint_env_fn(const char *name);

/* The signing region: the directive's, else AWS_REGION, else AWS_DEFAULT_REGION; copied to pool.
 * BASE_ERR_INVALID when there is none, or one that is no region name ([a-z0-9-]{1,63}). */
base_err_t *aws_endpoint_region(const char **region, const char *directive,
                                aws_endpoint_env_fn *env, apr_pool_t *pool) BASE_ERR_CHECKED;

/* An endpoint from a URL: scheme, host, optional port, no path beyond "/", no user, query or
 * fragment. http is taken only to a loopback address or localhost, unless unsafe_http.
 * BASE_ERR_INVALID with words that say what was expected. */
base_err_t *aws_endpoint_parse(aws_endpoint_t *endpoint, const char *url, int unsafe_http,
                               apr_pool_t *pool) BASE_ERR_CHECKED;

/* DynamoDB's endpoint. Precedence: the directive's URL, AWS_ENDPOINT_URL_DYNAMODB, AWS_ENDPOINT_URL
 * (both left out when AWS_IGNORE_CONFIGURED_ENDPOINT_URLS is true), else the public host of the
 * region; region "local" is http://localhost:8000. AWS_USE_FIPS_ENDPOINT and
 * AWS_USE_DUALSTACK_ENDPOINT choose among the public hosts; with a URL they are refused. */
base_err_t *aws_endpoint_dynamodb(aws_endpoint_t *endpoint, const char *region,
                                  const char *directive, int unsafe_http, aws_endpoint_env_fn *env,
                                  apr_pool_t *pool) BASE_ERR_CHECKED;

#endif
