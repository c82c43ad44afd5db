/* SPDX-License-Identifier: Apache-2.0 */
/* aws/endpoint: URLs taken and refused, the public hosts, who wins. */
#include "aws/endpoint.h"

#include <string.h>

#include "unit.h"

/* The environment of the running test: name, value, name, value, NULL. */
static const char *const *variables;

static const char *env(const char *name)
{
    const char *const *pos;

    for (pos = variables; pos && *pos; pos += 2)
        if (strcmp(pos[0], name) == 0)
            return pos[1];
    return NULL;
}

static const struct {
    const char *url;
    int tls;
    const char *host;
    int port;
    const char *header;
} taken[] = {
    {"https://dynamodb.us-east-1.amazonaws.com", 1, "dynamodb.us-east-1.amazonaws.com", 443,
     "dynamodb.us-east-1.amazonaws.com"},
    {"https://Example.COM/", 1, "example.com", 443, "example.com"},
    {"HTTPS://example.com:443", 1, "example.com", 443, "example.com"},
    {"https://example.com:80", 1, "example.com", 80, "example.com:80"},
    {"https://a_b.c-d:8443", 1, "a_b.c-d", 8443, "a_b.c-d:8443"},
    {"http://localhost", 0, "localhost", 80, "localhost"},
    {"http://LocalHost:8000/", 0, "localhost", 8000, "localhost:8000"},
    {"http://localhost:443", 0, "localhost", 443, "localhost:443"},
    {"http://127.0.0.1:8000", 0, "127.0.0.1", 8000, "127.0.0.1:8000"},
    {"http://127.255.1.2", 0, "127.255.1.2", 80, "127.255.1.2"},
    {"http://[::1]:8000", 0, "::1", 8000, "[::1]:8000"},
    {"http://[0:0:0:0:0:0:0:1]", 0, "::1", 80, "[::1]"},
    {"http://[::ffff:127.0.0.1]", 0, "::ffff:127.0.0.1", 80, "[::ffff:127.0.0.1]"},
    {"https://[FD00:EC2::23]:65535", 1, "fd00:ec2::23", 65535, "[fd00:ec2::23]:65535"},
    {"https://192.0.2.7", 1, "192.0.2.7", 443, "192.0.2.7"},
};

START_TEST(urls_taken)
{
    aws_endpoint_t endpoint;
    base_err_t *err = aws_endpoint_parse(&endpoint, taken[_i].url, 0, unit_pool);

    ck_assert_msg(!err, "%s: %s", taken[_i].url, err ? err->words : "");
    ck_assert_int_eq(endpoint.tls, taken[_i].tls);
    ck_assert_str_eq(endpoint.host, taken[_i].host);
    ck_assert_int_eq(endpoint.port, taken[_i].port);
    ck_assert_str_eq(endpoint.host_header, taken[_i].header);
}
END_TEST

static const struct {
    const char *url;
    const char *words; /* part of what is said */
} refused[] = {
    {"", "https://HOST"},
    {"example.com", "https://HOST"},
    {"//example.com", "https://HOST"},
    {"ftp://example.com", "https://HOST"},
    {" https://example.com", "https://HOST"},
    {"https:/example.com", "https://HOST"},
    {"https://", "host name"},
    {"https:///", "host name"},
    {"https://:8000", "host name"},
    {"https://user@example.com", "user name"},
    {"https://user:CANARY@example.com", "user name"},
    {"https://example.com/path", "behind the host"},
    {"https://example.com//", "behind the host"},
    {"https://example.com?a", "behind the host"},
    {"https://example.com/?a", "behind the host"},
    {"https://example.com#a", "behind the host"},
    {"https://example.com:", "port"},
    {"https://example.com:0", "port"},
    {"https://example.com:080", "port"},
    {"https://example.com:65536", "port"},
    {"https://example.com:123456", "port"},
    {"https://example.com:99999999999999999999", "port"},
    {"https://example.com:+80", "port"},
    {"https://example.com:8o", "port"},
    {"https://example.com:80:80", "host name"},
    {"https://example.com.", "host name"},
    {"https://.example.com", "host name"},
    {"https://a..b", "host name"},
    {"https://-a.b", "host name"},
    {"https://a-.b", "host name"},
    {"https://a.b-", "host name"},
    {"https://a b", "host name"},
    {"https://a\r\nX", "host name"},
    {"https://\xc3\xa4.de", "host name"},
    {"https://a%41", "host name"},
    {"https://::1", "host name"},
    {"https://[::1", "host name"},
    {"https://[::1]x", "host name"},
    {"https://[]", "host name"},
    {"https://[", "host name"},
    {"https://[::1%25lo]", "host name"},
    {"https://[127.0.0.1]", "host name"},
    {"http://127.1", "host name"}, /* resolvers read these as numbers */
    {"http://2130706433", "host name"},
    {"https://1.2.3.256", "host name"},
    {"https://a.0x7f", "host name"},
    {"http://example.com", "loopback"},
    {"http://10.0.0.1:8000", "loopback"},
    {"http://128.0.0.1", "loopback"},
    {"http://127.0.0.1.example.com", "loopback"},
    {"http://localhost.example.com", "loopback"},
    {"http://[::2]", "loopback"},
    {"http://[::ffff:10.0.0.1]", "loopback"},
    {"http://0.0.0.0", "loopback"},
};

START_TEST(urls_refused)
{
    aws_endpoint_t endpoint;
    base_err_t *err = aws_endpoint_parse(&endpoint, refused[_i].url, 0, unit_pool);

    ck_assert_msg(err != NULL, "%s was taken", refused[_i].url);
    ck_assert_int_eq(err->kind, BASE_ERR_INVALID);
    ck_assert_msg(strstr(err->words, refused[_i].words) != NULL, "%s: %s", refused[_i].url,
                  err->words);
    ck_assert_msg(strstr(err->words, "expected") != NULL, "%s: %s", refused[_i].url, err->words);
    ck_assert_ptr_null(strstr(err->words, "CANARY"));
}
END_TEST

START_TEST(label_and_name_lengths)
{
    aws_endpoint_t endpoint;
    char url[400] = "https://";

    memset(url + 8, 'a', 63);
    ck_assert_ptr_null(aws_endpoint_parse(&endpoint, url, 0, unit_pool));
    memset(url + 8, 'a', 64);
    ck_assert_ptr_nonnull(aws_endpoint_parse(&endpoint, url, 0, unit_pool));
    memset(url + 8, 'a', 253);
    url[8 + 60] = url[8 + 120] = url[8 + 180] = url[8 + 240] = '.';
    ck_assert_ptr_null(aws_endpoint_parse(&endpoint, url, 0, unit_pool));
    url[8 + 253] = 'a';
    ck_assert_ptr_nonnull(aws_endpoint_parse(&endpoint, url, 0, unit_pool));
}
END_TEST

START_TEST(unsafe_http)
{
    aws_endpoint_t endpoint;

    ck_assert_ptr_null(aws_endpoint_parse(&endpoint, "http://dynamodb:8000", 1, unit_pool));
    ck_assert_int_eq(endpoint.tls, 0);
    ck_assert_str_eq(endpoint.host_header, "dynamodb:8000");
    ck_assert_ptr_nonnull(aws_endpoint_parse(&endpoint, "http://dynamodb:x", 1, unit_pool));
}
END_TEST

static const struct {
    const char *region;
    const char *variables[5];
    const char *host; /* NULL: refused */
} hosts[] = {
    {"us-east-1", {NULL}, "dynamodb.us-east-1.amazonaws.com"},
    {"eu-central-1", {NULL}, "dynamodb.eu-central-1.amazonaws.com"},
    {"cn-north-1", {NULL}, "dynamodb.cn-north-1.amazonaws.com.cn"},
    {"us-gov-west-1", {NULL}, "dynamodb.us-gov-west-1.amazonaws.com"},
    {"us-iso-east-1", {NULL}, "dynamodb.us-iso-east-1.c2s.ic.gov"},
    {"us-isob-east-1", {NULL}, "dynamodb.us-isob-east-1.sc2s.sgov.gov"},
    {"us-isof-south-1", {NULL}, "dynamodb.us-isof-south-1.csp.hci.ic.gov"},
    {"eu-isoe-west-1", {NULL}, "dynamodb.eu-isoe-west-1.cloud.adc-e.uk"},
    {"eusc-de-east-1", {NULL}, "dynamodb.eusc-de-east-1.amazonaws.eu"},
    {"us-east-1", {"AWS_USE_FIPS_ENDPOINT", "true"}, "dynamodb-fips.us-east-1.amazonaws.com"},
    {"us-east-1", {"AWS_USE_FIPS_ENDPOINT", "True"}, "dynamodb-fips.us-east-1.amazonaws.com"},
    {"us-east-1", {"AWS_USE_FIPS_ENDPOINT", "false"}, "dynamodb.us-east-1.amazonaws.com"},
    {"us-east-1", {"AWS_USE_DUALSTACK_ENDPOINT", "true"}, "dynamodb.us-east-1.api.aws"},
    {"us-east-1",
     {"AWS_USE_DUALSTACK_ENDPOINT", "true", "AWS_USE_FIPS_ENDPOINT", "true"},
     "dynamodb-fips.us-east-1.api.aws"},
    {"cn-north-1",
     {"AWS_USE_DUALSTACK_ENDPOINT", "true"},
     "dynamodb.cn-north-1.api.amazonwebservices.com.cn"},
    {"us-gov-east-1", {"AWS_USE_FIPS_ENDPOINT", "true"}, "dynamodb.us-gov-east-1.amazonaws.com"},
    {"us-gov-east-1",
     {"AWS_USE_DUALSTACK_ENDPOINT", "true", "AWS_USE_FIPS_ENDPOINT", "true"},
     "dynamodb-fips.us-gov-east-1.api.aws"},
    {"local", {NULL}, "localhost:8000"},
    {"local", {"AWS_USE_FIPS_ENDPOINT", "true"}, NULL},
    {"local", {"AWS_USE_DUALSTACK_ENDPOINT", "true"}, NULL},
    {"us-east-1", {"AWS_ENDPOINT_URL", "https://e.test", "AWS_USE_FIPS_ENDPOINT", "true"}, NULL},
};

START_TEST(public_hosts)
{
    aws_endpoint_t endpoint;
    base_err_t *err;

    variables = hosts[_i].variables;
    err = aws_endpoint_dynamodb(&endpoint, hosts[_i].region, NULL, 0, env, unit_pool);
    if (!hosts[_i].host) {
        ck_assert_int_eq(err->kind, BASE_ERR_INVALID);
        return;
    }
    ck_assert_ptr_null(err);
    ck_assert_str_eq(endpoint.host_header, hosts[_i].host);
    ck_assert_int_eq(endpoint.tls, strcmp(hosts[_i].region, "local") != 0);
    ck_assert_int_eq(endpoint.port, endpoint.tls ? 443 : 8000);
}
END_TEST

#define GLOBAL "AWS_ENDPOINT_URL", "https://global.test"
#define OWN "AWS_ENDPOINT_URL_DYNAMODB", "https://own.test"
#define IGNORE "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true"

static const struct {
    const char *directive;
    const char *variables[9];
    const char *host;
} winners[] = {
    {NULL, {GLOBAL}, "global.test"},
    {NULL, {OWN}, "own.test"},
    {NULL, {GLOBAL, OWN}, "own.test"},
    {NULL, {GLOBAL, OWN, IGNORE}, "dynamodb.us-east-1.amazonaws.com"},
    {NULL, {GLOBAL, "AWS_ENDPOINT_URL_DYNAMODB", " "}, "global.test"},
    {NULL, {"AWS_ENDPOINT_URL", ""}, "dynamodb.us-east-1.amazonaws.com"},
    {NULL, {"AWS_ENDPOINT_URL_STS", "https://sts.test"}, "dynamodb.us-east-1.amazonaws.com"},
    {NULL, {GLOBAL, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "false"}, "global.test"},
    {"https://directive.test", {NULL}, "directive.test"},
    {"https://directive.test", {GLOBAL, OWN}, "directive.test"},
    {"https://directive.test", {GLOBAL, OWN, IGNORE}, "directive.test"},
};

START_TEST(precedence)
{
    aws_endpoint_t endpoint;

    variables = winners[_i].variables;
    ck_assert_ptr_null(
        aws_endpoint_dynamodb(&endpoint, "us-east-1", winners[_i].directive, 0, env, unit_pool));
    ck_assert_str_eq(endpoint.host, winners[_i].host);
}
END_TEST

START_TEST(bad_url_names_its_origin)
{
    static const char *const bad[] = {"AWS_ENDPOINT_URL_DYNAMODB", "http://far.test", NULL};
    aws_endpoint_t endpoint;
    base_err_t *err;

    variables = bad;
    err = aws_endpoint_dynamodb(&endpoint, "us-east-1", NULL, 0, env, unit_pool);
    ck_assert_int_eq(err->kind, BASE_ERR_INVALID);
    ck_assert_str_eq(err->words, "AWS_ENDPOINT_URL_DYNAMODB");
    ck_assert_ptr_nonnull(strstr(base_err_format(err, unit_pool), "unsafe-http"));
    err = aws_endpoint_dynamodb(&endpoint, "us-east-1", "x", 0, env, unit_pool);
    ck_assert_str_eq(err->words, "the configured endpoint");
}
END_TEST

static const struct {
    const char *directive;
    const char *variables[5];
    const char *region; /* NULL: refused */
} regions[] = {
    {"eu-west-1", {NULL}, "eu-west-1"},
    {"eu-west-1", {"AWS_REGION", "us-east-1"}, "eu-west-1"},
    {NULL, {"AWS_REGION", "us-east-1", "AWS_DEFAULT_REGION", "us-east-2"}, "us-east-1"},
    {NULL, {"AWS_REGION", "  ", "AWS_DEFAULT_REGION", "us-east-2"}, "us-east-2"},
    {NULL, {"AWS_DEFAULT_REGION", "local"}, "local"},
    {NULL, {NULL}, NULL},
    {"", {"AWS_REGION", "us-east-1"}, NULL},
    {"US-EAST-1", {NULL}, NULL},
    {"us_east_1", {NULL}, NULL},
    {"us-east-1 ", {NULL}, NULL},
    {"us.east", {NULL}, NULL},
    {"us/east", {NULL}, NULL},
    {"-us", {NULL}, NULL},
    {"us-", {NULL}, NULL},
    {NULL, {"AWS_REGION", "us east", "AWS_DEFAULT_REGION", "us-east-2"}, NULL},
    {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", {NULL}, NULL},
};

START_TEST(signing_region)
{
    const char *region = NULL;
    base_err_t *err;

    variables = regions[_i].variables;
    err = aws_endpoint_region(&region, regions[_i].directive, env, unit_pool);
    if (!regions[_i].region) {
        ck_assert_int_eq(err->kind, BASE_ERR_INVALID);
        ck_assert_ptr_nonnull(strstr(err->words, "expected"));
        return;
    }
    ck_assert_ptr_null(err);
    ck_assert_str_eq(region, regions[_i].region);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("aws/endpoint");
    TCase *tcase = unit_case(suite, "parse");

    tcase_add_loop_test(tcase, urls_taken, 0, sizeof(taken) / sizeof(taken[0]));
    tcase_add_loop_test(tcase, urls_refused, 0, sizeof(refused) / sizeof(refused[0]));
    tcase_add_test(tcase, label_and_name_lengths);
    tcase_add_test(tcase, unsafe_http);
    tcase = unit_case(suite, "dynamodb");
    tcase_add_loop_test(tcase, public_hosts, 0, sizeof(hosts) / sizeof(hosts[0]));
    tcase_add_loop_test(tcase, precedence, 0, sizeof(winners) / sizeof(winners[0]));
    tcase_add_test(tcase, bad_url_names_its_origin);
    tcase = unit_case(suite, "region");
    tcase_add_loop_test(tcase, signing_region, 0, sizeof(regions) / sizeof(regions[0]));
    return suite;
}
