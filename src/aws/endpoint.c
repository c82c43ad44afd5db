/* SPDX-License-Identifier: Apache-2.0 */
/* Where DynamoDB is. The public hosts follow botocore's partitions and DynamoDB endpoint rules; the
 * precedence is that of the AWS SDKs and Tools Reference Guide, "Service-specific endpoints".
 *
 * Decided: a URL is never quoted in an error, since it may hold a password; the words say which
 * variable it came from and what was expected. A host name that only a resolver's generosity makes
 * an address ("127.1") is refused, so that the loopback rule judges what is really called.
 */
#include "aws/endpoint.h"

#include <string.h>
#include <strings.h>

#include <arpa/inet.h>
#include <netinet/in.h>

#include <apr_strings.h>

#define SHAPE "expected https://HOST or http://HOST, optionally with :PORT"
#define REGION_MAX 63
#define HOST_MAX 253

typedef struct {
    const char *prefix; /* of its regions */
    const char *suffix;
    const char *dual_suffix; /* of the hosts that answer over IPv6 too */
    int plain_is_fips;       /* its plain host is the FIPS one */
} partition_t;

/* The longer prefix first; the last line takes the rest. */
static const partition_t partitions[] = {
    {"cn-", "amazonaws.com.cn", "api.amazonwebservices.com.cn", 0}, /* aws-cn */
    {"us-gov-", "amazonaws.com", "api.aws", 1},                     /* aws-us-gov */
    {"us-isob-", "sc2s.sgov.gov", "api.aws.scloud", 0},             /* aws-iso-b */
    {"us-isof-", "csp.hci.ic.gov", "api.aws.hci.ic.gov", 0},        /* aws-iso-f */
    {"us-iso-", "c2s.ic.gov", "api.aws.ic.gov", 0},                 /* aws-iso */
    {"eu-isoe-", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk", 0},    /* aws-iso-e */
    {"eusc-", "amazonaws.eu", "api.amazonwebservices.eu", 0},       /* aws-eusc */
    {"", "amazonaws.com", "api.aws", 0},                            /* aws */
};

/* What the environment says; blanks alone are nothing. */
static const char *read_env(aws_endpoint_env_fn *env, const char *name)
{
    const char *value = env(name);

    return value && value[strspn(value, " \t\r\n\v\f")] ? value : NULL;
}

static int env_is_true(aws_endpoint_env_fn *env, const char *name)
{
    const char *value = read_env(env, name);

    return value && strcasecmp(value, "true") == 0;
}

static int is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static int is_lower_alnum(char c)
{
    return (c >= 'a' && c <= 'z') || is_digit(c);
}

static int is_region(const char *name)
{
    apr_size_t len = strlen(name), i;

    if (len < 1 || len > REGION_MAX || name[0] == '-' || name[len - 1] == '-')
        return 0;
    for (i = 0; i < len; i++)
        if (!is_lower_alnum(name[i]) && name[i] != '-')
            return 0;
    return 1;
}

base_err_t *aws_endpoint_region(const char **region, const char *directive,
                                aws_endpoint_env_fn *env, apr_pool_t *pool)
{
    static const char *const names[] = {"AWS_REGION", "AWS_DEFAULT_REGION"};
    const char *value = directive, *origin = "the configured region";
    apr_size_t i;

    for (i = 0; !value && i < sizeof(names) / sizeof(names[0]); i++) {
        value = read_env(env, names[i]);
        origin = names[i];
    }
    if (!value)
        return base_err_make(
            BASE_ERR_INVALID, 0, pool,
            "no AWS region: expected one in the configuration, in AWS_REGION or in "
            "AWS_DEFAULT_REGION");
    if (!is_region(value))
        return base_err_make(BASE_ERR_INVALID, 0, pool,
                             "%s is no region name: expected something like us-east-1 "
                             "(lower-case letters, digits, '-'; at most %d characters)",
                             origin, REGION_MAX);
    *region = apr_pstrdup(pool, value);
    return NULL;
}

/* Letters, digits, '-' and '_' in labels of 1 to 63, joined by dots; host is in lower case. */
static int is_name(const char *host)
{
    const char *pos;
    apr_size_t label = 0;

    if (strlen(host) > HOST_MAX)
        return 0;
    for (pos = host; *pos; pos++) {
        if (*pos == '.') {
            if (label == 0 || pos[-1] == '-')
                return 0;
            label = 0;
        } else if (is_lower_alnum(*pos) || *pos == '_' || (*pos == '-' && label > 0)) {
            if (++label > 63)
                return 0;
        } else {
            return 0;
        }
    }
    return label > 0 && pos[-1] != '-';
}

/* A last label of digits, or 0x…, makes resolvers read the name as a number. */
static int looks_numeric(const char *host)
{
    const char *dot = strrchr(host, '.');
    const char *label = dot ? dot + 1 : host;

    return label[strspn(label, "0123456789")] == '\0' || strncmp(label, "0x", 2) == 0;
}

/* An IPv6 address in brackets, into its usual spelling. */
static const char *read_ipv6(int *loopback, const char *text, apr_size_t len, apr_pool_t *pool)
{
    struct in6_addr address;
    char spelled[INET6_ADDRSTRLEN];

    if (len < 2 || text[len - 1] != ']' ||
        inet_pton(AF_INET6, apr_pstrmemdup(pool, text + 1, len - 2), &address) != 1 ||
        !inet_ntop(AF_INET6, &address, spelled, sizeof(spelled)))
        return NULL;
    *loopback = IN6_IS_ADDR_LOOPBACK(&address) ||
                (IN6_IS_ADDR_V4MAPPED(&address) && address.s6_addr[12] == 127);
    return apr_pstrdup(pool, spelled);
}

static const char *read_host(int *loopback, const char *text, apr_size_t len, apr_pool_t *pool)
{
    struct in_addr address;
    char *host, *pos;

    *loopback = 0;
    if (len > 0 && text[0] == '[')
        return read_ipv6(loopback, text, len, pool);
    host = apr_pstrmemdup(pool, text, len);
    for (pos = host; *pos; pos++)
        if (*pos >= 'A' && *pos <= 'Z')
            *pos = (char)(*pos - 'A' + 'a');
    if (!is_name(host))
        return NULL;
    if (inet_pton(AF_INET, host, &address) == 1)
        *loopback = host[0] == '1' && strncmp(host, "127.", 4) == 0;
    else if (looks_numeric(host))
        return NULL;
    else
        *loopback = strcmp(host, "localhost") == 0;
    return host;
}

/* Digits without a leading zero, 1 to 65535; 0 for anything else. */
static int read_port(const char *text, apr_size_t len)
{
    int port = 0;
    apr_size_t i;

    if (len < 1 || len > 5 || text[0] == '0')
        return 0;
    for (i = 0; i < len; i++) {
        if (!is_digit(text[i]))
            return 0;
        port = port * 10 + (text[i] - '0');
    }
    return port <= 65535 ? port : 0;
}

/* The scheme's end, NULL for a scheme that is not ours. */
static const char *read_scheme(int *tls, const char *url)
{
    if (strncasecmp(url, "https://", 8) == 0) {
        *tls = 1;
        return url + 8;
    }
    *tls = 0;
    return strncasecmp(url, "http://", 7) == 0 ? url + 7 : NULL;
}

/* Where the port begins, behind its colon; NULL without one. */
static const char *find_port(const char *authority, apr_size_t len)
{
    const char *end = authority + len, *pos;

    for (pos = end; pos > authority && pos[-1] != ']'; pos--)
        if (pos[-1] == ':')
            return pos;
    return NULL;
}

static void set_host_header(aws_endpoint_t *endpoint, apr_pool_t *pool)
{
    const char *host = endpoint->host;

    if (strchr(host, ':'))
        host = apr_pstrcat(pool, "[", host, "]", NULL);
    if (endpoint->port == (endpoint->tls ? 443 : 80))
        endpoint->host_header = host;
    else
        endpoint->host_header = apr_psprintf(pool, "%s:%d", host, endpoint->port);
}

base_err_t *aws_endpoint_parse(aws_endpoint_t *endpoint, const char *url, int unsafe_http,
                               apr_pool_t *pool)
{
    const char *authority = read_scheme(&endpoint->tls, url);
    const char *port;
    apr_size_t len;
    int loopback;

    if (!authority)
        return base_err_make(BASE_ERR_INVALID, 0, pool, "no http or https URL: " SHAPE);
    len = strcspn(authority, "/?#");
    if (memchr(authority, '@', len))
        return base_err_make(BASE_ERR_INVALID, 0, pool, "a user name in the URL: " SHAPE);
    if (authority[len] && strcmp(authority + len, "/") != 0)
        return base_err_make(BASE_ERR_INVALID, 0, pool, "something behind the host: " SHAPE);
    port = find_port(authority, len);
    endpoint->port = endpoint->tls ? 443 : 80;
    if (port) {
        endpoint->port = read_port(port, (apr_size_t)(authority + len - port));
        len = (apr_size_t)(port - 1 - authority);
    }
    if (endpoint->port == 0)
        return base_err_make(BASE_ERR_INVALID, 0, pool, "no port from 1 to 65535: " SHAPE);
    endpoint->host = read_host(&loopback, authority, len, pool);
    if (!endpoint->host)
        return base_err_make(BASE_ERR_INVALID, 0, pool,
                             "no host name, IPv4 address or IPv6 address in brackets: " SHAPE);
    if (!endpoint->tls && !loopback && !unsafe_http)
        return base_err_make(BASE_ERR_INVALID, 0, pool,
                             "plain http to %s, which is no loopback address: expected https, or "
                             "the word unsafe-http beside the URL",
                             endpoint->host);
    set_host_header(endpoint, pool);
    return NULL;
}

static void set_public_host(aws_endpoint_t *endpoint, const char *region, int fips, int dual,
                            apr_pool_t *pool)
{
    const partition_t *partition = partitions;

    while (strncmp(region, partition->prefix, strlen(partition->prefix)) != 0)
        partition++;
    if (partition->plain_is_fips && !dual)
        fips = 0;
    endpoint->tls = 1;
    endpoint->port = 443;
    endpoint->host = apr_pstrcat(pool, fips ? "dynamodb-fips." : "dynamodb.", region, ".",
                                 dual ? partition->dual_suffix : partition->suffix, NULL);
    set_host_header(endpoint, pool);
}

/* The URL that somebody configured, NULL without one; *origin says who. */
static const char *find_url(const char **origin, const char *directive, aws_endpoint_env_fn *env)
{
    static const char *const names[] = {"AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL"};
    const char *url = directive;
    apr_size_t i;

    *origin = "the configured endpoint";
    if (url || env_is_true(env, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"))
        return url;
    for (i = 0; !url && i < sizeof(names) / sizeof(names[0]); i++) {
        url = read_env(env, names[i]);
        *origin = names[i];
    }
    return url;
}

base_err_t *aws_endpoint_dynamodb(aws_endpoint_t *endpoint, const char *region,
                                  const char *directive, int unsafe_http, aws_endpoint_env_fn *env,
                                  apr_pool_t *pool)
{
    const char *origin;
    const char *url = find_url(&origin, directive, env);
    int fips = env_is_true(env, "AWS_USE_FIPS_ENDPOINT");
    int dual = env_is_true(env, "AWS_USE_DUALSTACK_ENDPOINT");
    base_err_t *err;

    if (!url && strcmp(region, "local") == 0) {
        url = "http://localhost:8000"; /* DynamoDB Local's own, in every SDK */
        origin = "the endpoint of region local";
    }
    if (!url) {
        set_public_host(endpoint, region, fips, dual, pool);
        return NULL;
    }
    if (fips || dual)
        return base_err_make(BASE_ERR_INVALID, 0, pool,
                             "%s: expected none beside %s, which chooses among AWS's own hosts",
                             origin, fips ? "AWS_USE_FIPS_ENDPOINT" : "AWS_USE_DUALSTACK_ENDPOINT");
    err = aws_endpoint_parse(endpoint, url, unsafe_http, pool);
    return err ? base_err_wrap(err, pool, "%s", origin) : NULL;
}
