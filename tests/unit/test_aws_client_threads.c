/* SPDX-License-Identifier: Apache-2.0 */
/* aws/client: eight threads share one client while days and credentials change under them; whoever
 * gets a request checks its signature from what it carries. */
#include "aws/client.h"

#include <string.h>

#include <apr_strings.h>
#include <apr_thread_proc.h>

#include "aws/sigv4.h"
#include "unit.h"

#define THREADS 8
#define CALLS 200
#define DAY 1770854400 /* 2026-02-12 */

static const aws_creds_t sets[] = {{"A", "secret", NULL, 1}, {"B", "another", "token", 2}};

static const net_http_header_t answer_headers[] = {{"Content-Type", "application/x-amz-json-1.0"}};

/* Which of the sets an Authorization names. */
static const aws_creds_t *set_of(const char *authorization)
{
    static const char start[] = "AWS4-HMAC-SHA256 Credential=";

    if (strncmp(authorization, start, strlen(start)) != 0)
        return NULL;
    return &sets[authorization[strlen(start)] == 'B'];
}

/* The Authorization that these headers call for. */
static const char *expected(const net_http_request_t *request, const aws_creds_t *set,
                            apr_pool_t *pool)
{
    const net_http_header_t *sent = request->headers;
    const net_http_header_t headers[] = {
        {"Host", request->host}, sent[0], sent[1], sent[2], sent[3]};
    unsigned char key[AWS_SIGV4_KEY_BYTES];
    char hash[AWS_SIGV4_HEX_SIZE];
    const aws_sigv4_request_t canonical = {"POST", "/", NULL, headers, set->session_token ? 5 : 4,
                                           hash};
    const aws_sigv4_scope_t scope = {set->access_key_id, "r", "s", sent[1].value};
    base_digest_t *digest = base_digest_make(pool);

    if (!digest || !aws_sigv4_payload_hash(hash, digest, request->body, request->body_len) ||
        !aws_sigv4_key(key, digest, set->secret_access_key, &scope))
        return "";
    return aws_sigv4_authorization(digest, &scope, key, &canonical, pool);
}

static base_err_t *verify(net_http_response_t *response, void *sender,
                          const net_http_request_t *request, const base_call_t *call,
                          apr_pool_t *pool)
{
    const char *authorization = request->headers[request->header_count - 1].value;
    const aws_creds_t *set = set_of(authorization);

    (void)sender;
    (void)call;
    if (!set || strcmp(expected(request, set, pool), authorization) != 0)
        return base_err_make(BASE_ERR_INTERNAL, 0, pool, "wrong signature");
    response->status = 200;
    response->headers = answer_headers;
    response->header_count = 1;
    response->body = "{}";
    response->body_len = 2;
    return NULL;
}

/* One of two days, so that threads fight over the kept key. */
static apr_time_t two_days(void)
{
    return apr_time_from_sec(DAY + 86400 * (apr_time_now() & 1));
}

/* One of two sets, likewise. */
static base_err_t *give_either(aws_creds_t *creds, void *unused, const base_call_t *call,
                               apr_pool_t *pool)
{
    (void)unused;
    (void)call;
    (void)pool;
    *creds = sets[apr_time_now() >> 1 & 1];
    return NULL;
}

static base_err_t *count_answer(void *reader, const char *body, apr_size_t len, apr_pool_t *pool)
{
    int *reads = reader;

    (void)pool;
    *reads += len == 2 && memcmp(body, "{}", 2) == 0;
    return NULL;
}

static void *APR_THREAD_FUNC call_often(apr_thread_t *thread, void *client)
{
    int reads = 0, i;
    const aws_client_request_t request = {"GetItem", "{}", 2, 1, count_answer, &reads, 0};
    apr_pool_t *pool;

    if (apr_pool_create_unmanaged_ex(&pool, NULL, NULL) != APR_SUCCESS)
        return NULL;
    for (i = 0; i < CALLS; i++) {
        aws_client_outcome_t outcome;
        base_call_t call;

        base_call_init(&call, apr_time_from_sec(20));
        if (aws_client_call(&outcome, client, &request, &call, pool))
            reads = -CALLS;
        apr_pool_clear(pool);
    }
    apr_pool_destroy(pool);
    apr_thread_exit(thread, reads == CALLS ? APR_SUCCESS : APR_EGENERAL);
    return NULL;
}

START_TEST(days_and_credentials_change)
{
    static const aws_endpoint_t endpoint = {0, "h", 80, "h"};
    static const aws_creds_source_t either = {"either", give_either, NULL};
    const aws_client_options_t options = {&endpoint, "r",    "s",  "P.",     "x/y", "agent",
                                          &either,   verify, NULL, 20000000, 100,   two_days};
    aws_client_t *client = aws_client_make(&options, unit_pool);
    apr_thread_t *threads[THREADS];
    int i;

    for (i = 0; i < THREADS; i++)
        ck_assert_int_eq(apr_thread_create(&threads[i], NULL, call_often, client, unit_pool),
                         APR_SUCCESS);
    for (i = 0; i < THREADS; i++) {
        apr_status_t status = APR_EGENERAL;

        ck_assert_int_eq(apr_thread_join(&status, threads[i]), APR_SUCCESS);
        ck_assert_int_eq(status, APR_SUCCESS);
    }
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("aws/client, threads");
    TCase *tcase = unit_case(suite, "threads");

    tcase_add_test(tcase, days_and_credentials_change);
    return suite;
}
