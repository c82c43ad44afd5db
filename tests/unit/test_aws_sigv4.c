/* SPDX-License-Identifier: Apache-2.0 */
/* aws/sigv4: every stage against the cases in tests/vectors/sigv4, and what is refused. */
#include "aws/sigv4.h"

#include "aws_message.h"
#include "base/hash.h"

#define ROOT "tests/vectors/sigv4"

static const char *case_file(const char *folder, const char *name)
{
    apr_size_t len;

    return unit_read_file(&len, apr_pstrcat(unit_pool, folder, "/", name, NULL));
}

static int has_file(const char *folder, const char *name)
{
    apr_finfo_t info;

    return apr_stat(&info, apr_pstrcat(unit_pool, folder, "/", name, NULL), APR_FINFO_TYPE,
                    unit_pool) == APR_SUCCESS;
}

static void read_request(aws_sigv4_request_t *request, aws_message_t *message, const char *folder)
{
    base_digest_t *digest = base_digest_make(unit_pool);
    char *line, *target, *version, *query;
    char *hash = apr_palloc(unit_pool, AWS_SIGV4_HEX_SIZE);

    aws_message_read(message, apr_pstrcat(unit_pool, folder, "/request", NULL));
    line = apr_pstrdup(unit_pool, message->line);
    target = strchr(line, ' ');
    version = strrchr(line, ' '); /* a blank in the path is one of the cases */
    ck_assert_msg(target && version > target, "%s: %s", folder, message->line);
    *target++ = '\0';
    *version = '\0';
    query = strchr(target, '?');
    if (query)
        *query++ = '\0';
    ck_assert(aws_sigv4_payload_hash(hash, digest, message->body, message->body_len));
    request->method = line;
    request->path = target;
    request->query = query;
    request->headers = message->headers;
    request->header_count = message->count;
    request->payload_hash = hash;
}

static void read_scope(aws_sigv4_scope_t *scope, const char *text)
{
    scope->access_key_id = aws_message_fact(text, "access-key");
    scope->region = aws_message_fact(text, "region");
    scope->service = aws_message_fact(text, "service");
    scope->stamp = aws_message_fact(text, "time");
}

static void check_case(const char *folder)
{
    base_digest_t *digest = base_digest_make(unit_pool);
    const char *facts = case_file(folder, "scope");
    unsigned char key[AWS_SIGV4_KEY_BYTES];
    char signature[AWS_SIGV4_HEX_SIZE];
    const char *names, *canonical, *string_to_sign;
    aws_sigv4_request_t request;
    aws_sigv4_scope_t scope;
    aws_message_t message;

    read_request(&request, &message, folder);
    read_scope(&scope, facts);
    canonical = aws_sigv4_canonical(&names, &request, unit_pool);
    ck_assert(aws_sigv4_key(key, digest, aws_message_fact(facts, "secret"), &scope));
    if (has_file(folder, "refused")) {
        ck_assert_msg(!canonical && !names, "%s was not refused", folder);
        ck_assert_ptr_null(aws_sigv4_authorization(digest, &scope, key, &request, unit_pool));
        return;
    }
    ck_assert_msg(canonical != NULL, "%s was refused", folder);
    ck_assert_msg(strcmp(canonical, case_file(folder, "canonical")) == 0, "%s:\n%s", folder,
                  canonical);
    string_to_sign = aws_sigv4_string_to_sign(digest, &scope, canonical, unit_pool);
    ck_assert_msg(strcmp(string_to_sign, case_file(folder, "string-to-sign")) == 0, "%s:\n%s",
                  folder, string_to_sign);
    ck_assert(aws_sigv4_signature(signature, digest, key, string_to_sign));
    ck_assert_msg(strcmp(signature, case_file(folder, "signature")) == 0, "%s: %s", folder,
                  signature);
    ck_assert_msg(strcmp(aws_sigv4_authorization(digest, &scope, key, &request, unit_pool),
                         case_file(folder, "authorization")) == 0,
                  "%s: authorization", folder);
}

START_TEST(every_case_in_every_stage)
{
    ck_assert_int_ge(aws_message_walk(ROOT, check_case), 50);
}
END_TEST

/* The key that the AWS General Reference derives in its example. */
START_TEST(published_signing_key)
{
    base_digest_t *digest = base_digest_make(unit_pool);
    const aws_sigv4_scope_t scope = {"AKIDEXAMPLE", "us-east-1", "iam", "20150830T123600Z"};
    unsigned char key[AWS_SIGV4_KEY_BYTES];
    char hex[AWS_SIGV4_HEX_SIZE];

    ck_assert(aws_sigv4_key(key, digest, "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", &scope));
    base_hash_hex(hex, key, sizeof(key));
    ck_assert_str_eq(hex, "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9");
}
END_TEST

START_TEST(key_changes_with_each_part)
{
    base_digest_t *digest = base_digest_make(unit_pool);
    const aws_sigv4_scope_t base = {"A", "us-east-1", "dynamodb", "20260212T235959Z"};
    aws_sigv4_scope_t other = base;
    unsigned char first[AWS_SIGV4_KEY_BYTES], second[AWS_SIGV4_KEY_BYTES];

    ck_assert(aws_sigv4_key(first, digest, "secret", &base));
    other.stamp = "20260212T000000Z";
    ck_assert(aws_sigv4_key(second, digest, "secret", &other));
    ck_assert_mem_eq(first, second, sizeof(first)); /* the same day */
    other.stamp = "20260213T000000Z";
    ck_assert(aws_sigv4_key(second, digest, "secret", &other));
    ck_assert_mem_ne(first, second, sizeof(first));
    other = base;
    other.region = "us-east-2";
    ck_assert(aws_sigv4_key(second, digest, "secret", &other));
    ck_assert_mem_ne(first, second, sizeof(first));
    other = base;
    other.service = "sts";
    ck_assert(aws_sigv4_key(second, digest, "secret", &other));
    ck_assert_mem_ne(first, second, sizeof(first));
    ck_assert(aws_sigv4_key(second, digest, "secret2", &base));
    ck_assert_mem_ne(first, second, sizeof(first));
}
END_TEST

START_TEST(endless_secret_is_refused)
{
    base_digest_t *digest = base_digest_make(unit_pool);
    const aws_sigv4_scope_t scope = {"A", "r", "s", "20260212T101112Z"};
    unsigned char key[AWS_SIGV4_KEY_BYTES];
    char *secret = apr_palloc(unit_pool, 601);

    memset(secret, 'x', 600);
    secret[600] = '\0';
    ck_assert(!aws_sigv4_key(key, digest, secret, &scope));
    secret[507] = '\0';
    ck_assert(aws_sigv4_key(key, digest, secret, &scope));
}
END_TEST

static const net_http_header_t basic[] = {{"Host", "h"}, {"X-Amz-Date", "20260212T101112Z"}};

/* The canonical path and query of a request line's. */
static const char *canonical_lines(const char *path, const char *query)
{
    const aws_sigv4_request_t request = {"GET", path, query, basic, 2, "-"};
    const char *names;
    const char *canonical = aws_sigv4_canonical(&names, &request, unit_pool);

    if (!canonical)
        return NULL;
    ck_assert(strncmp(canonical, "GET\n", 4) == 0);
    return apr_pstrmemdup(unit_pool, canonical + 4,
                          (apr_size_t)(strstr(canonical, "\nhost:") - canonical - 4));
}

static const struct {
    const char *path;
    const char *query;
    const char *lines;
} targets[] = {
    {"", NULL, "/\n"},
    {"/", "", "/\n"},
    {"/a/../../b", NULL, "/b\n"},
    {"/a/b/..", NULL, "/a\n"},
    {"/a/b/../", NULL, "/a/\n"},
    {"/a/.", NULL, "/a\n"},
    {"/..a/.b/...", NULL, "/..a/.b/...\n"},
    {"/ab/..", NULL, "/\n"},
    {"/a%20b", NULL, "/a%2520b\n"},
    {"/*+:@", NULL, "/%2A%2B%3A%40\n"},
    {"/", "a", "/\na="},
    {"/", "&&a&", "/\na="},
    {"/", "=", "/\n="},
    {"/", "b=2&a=2&a=1&a", "/\na=&a=1&a=2&b=2"},
    {"/", "a-b=1&a=2", "/\na=2&a-b=1"}, /* by name: as whole text it would be the other way */
    {"/", "a=b=c", "/\na=b%3Dc"},
    {"/", "a=+", "/\na=%2B"},
    {"/", "a=%7e%2f%2F", "/\na=~%2F%2F"},
    {"/", "a=%", "/\na=%25"},
    {"/", "a=%4", "/\na=%254"},
    {"/", "a=%zz", "/\na=%25zz"},
};

START_TEST(paths_and_queries)
{
    ck_assert_str_eq(canonical_lines(targets[_i].path, targets[_i].query), targets[_i].lines);
}
END_TEST

START_TEST(too_many_parameters)
{
    char query[2 * (AWS_SIGV4_PARAMETERS_MAX + 1) + 1];
    int i;

    for (i = 0; i <= AWS_SIGV4_PARAMETERS_MAX; i++)
        memcpy(query + 2 * i, "a&", 3);
    ck_assert_ptr_null(canonical_lines("/", query));
    query[2 * AWS_SIGV4_PARAMETERS_MAX] = '\0';
    ck_assert_ptr_nonnull(canonical_lines("/", query));
}
END_TEST

START_TEST(too_long)
{
    char *path = apr_palloc(unit_pool, AWS_SIGV4_CANONICAL_MAX + 1);

    memset(path, 'a', AWS_SIGV4_CANONICAL_MAX);
    path[0] = '/';
    path[AWS_SIGV4_CANONICAL_MAX] = '\0';
    ck_assert_ptr_null(canonical_lines(path, NULL));
    path[AWS_SIGV4_CANONICAL_MAX / 2] = '\0';
    ck_assert_ptr_nonnull(canonical_lines(path, NULL));
    memset(path + 1, ' ', AWS_SIGV4_CANONICAL_MAX / 2 - 1); /* three bytes each */
    ck_assert_ptr_null(canonical_lines(path, NULL));
    ck_assert_ptr_null(canonical_lines("/", path));
}
END_TEST

static const struct {
    const char *name;
    const char *value;
    const char *line; /* NULL: refused */
} headers[] = {
    {"A", " \t b \t c  ", "a:b c\n"},
    {"A", "", "a:\n"},
    {"A", "   ", "a:\n"},
    {"A!#$%&'*+-.^_`|~9", "x", "a!#$%&'*+-.^_`|~9:x\n"},
    {"A", "\xc3\xa4", "a:\xc3\xa4\n"},
    {"", "x", NULL},
    {"a:", "x", NULL},
    {"a\n", "x", NULL},
    {"\xc3\xa4", "x", NULL},
    {"a", "x\ny", NULL},
    {"a", "x\r", NULL},
    {"a", "x\x7f", NULL},
    {"x-amz-date", "20260212T101112Z", NULL}, /* two dates */
};

START_TEST(header_forms)
{
    const net_http_header_t list[] = {basic[0], basic[1], {headers[_i].name, headers[_i].value}};
    const aws_sigv4_request_t request = {"GET", "/", NULL, list, 3, "-"};
    const char *names;
    const char *canonical = aws_sigv4_canonical(&names, &request, unit_pool);

    if (!headers[_i].line)
        ck_assert_ptr_null(canonical);
    else
        ck_assert(canonical && strstr(canonical, headers[_i].line));
}
END_TEST

START_TEST(too_many_headers)
{
    net_http_header_t list[AWS_SIGV4_HEADERS_MAX + 1];
    aws_sigv4_request_t request = {"GET", "/", NULL, list, AWS_SIGV4_HEADERS_MAX + 1, "-"};
    const char *names;
    int i;

    list[0] = basic[0];
    list[1] = basic[1];
    for (i = 2; i <= AWS_SIGV4_HEADERS_MAX; i++) {
        list[i].name = "a";
        list[i].value = "b";
    }
    ck_assert_ptr_null(aws_sigv4_canonical(&names, &request, unit_pool));
    request.header_count--;
    ck_assert_ptr_nonnull(aws_sigv4_canonical(&names, &request, unit_pool));
    ck_assert_str_eq(names, "a;host;x-amz-date");
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("aws/sigv4");
    TCase *tcase = unit_case(suite, "vectors");

    tcase_add_test(tcase, every_case_in_every_stage);
    tcase = unit_case(suite, "key");
    tcase_add_test(tcase, published_signing_key);
    tcase_add_test(tcase, key_changes_with_each_part);
    tcase_add_test(tcase, endless_secret_is_refused);
    tcase = unit_case(suite, "canonical");
    tcase_add_loop_test(tcase, paths_and_queries, 0, sizeof(targets) / sizeof(targets[0]));
    tcase_add_test(tcase, too_many_parameters);
    tcase_add_test(tcase, too_long);
    tcase_add_loop_test(tcase, header_forms, 0, sizeof(headers) / sizeof(headers[0]));
    tcase_add_test(tcase, too_many_headers);
    return suite;
}
