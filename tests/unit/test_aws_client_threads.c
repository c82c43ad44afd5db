/* SPDX-License-Identifier: Apache-2.0 */
/* aws/client in the hands of many threads: the signing key that it keeps is fought over by two days
 * and two sets of credentials, and no signature is ever made with a wrong one; digests go from hand
 * to hand. */
#include "aws/client.h"

#include <string.h>

#include "aws/sigv4.h"
#include "base/stamp.h"
#include "many.h"

#define BODY "{\"TableName\":\"items\"}"

/* A day and a set: everything that makes a key. */
typedef struct {
    apr_time_t now;
    aws_creds_t creds;
    const char *authorization; /* what must be sent: invocation ids are not signed */
} signer_t;

/* 20260212 and 20260213 with either set. */
static signer_t signers[] = {
    {APR_TIME_C(1770854400000000), {"A", "secret", NULL, 1}, NULL},
    {APR_TIME_C(1770940800000000), {"A", "secret", NULL, 1}, NULL},
    {APR_TIME_C(1770854400000000), {"B", "another", "token", 2}, NULL},
    {APR_TIME_C(1770940800000000), {"B", "another", "token", 2}, NULL},
};

/* Whose turn it is, per thread. */
static __thread const signer_t *signer;

static apr_time_t now(void)
{
    return signer->now;
}

static base_err_t *give(aws_creds_t *creds, void *unused, const base_call_t *call, apr_pool_t *pool)
{
    (void)unused, (void)call, (void)pool;
    *creds = signer->creds;
    return NULL;
}

static const aws_creds_source_t source = {"test", give, NULL};

static const char *expected(const signer_t *of)
{
    char stamp[BASE_STAMP_AMZ_SIZE], hash[AWS_SIGV4_HEX_SIZE];
    const aws_sigv4_scope_t scope = {of->creds.access_key_id, "r", "s", stamp};
    unsigned char key[AWS_SIGV4_KEY_BYTES];
    const net_http_header_t headers[] = {{"Host", "h"},
                                         {"Content-Type", "x/y"},
                                         {"X-Amz-Date", stamp},
                                         {"X-Amz-Target", "P.GetItem"},
                                         {"X-Amz-Security-Token", of->creds.session_token}};
    const aws_sigv4_request_t canonical = {
        "POST", "/", NULL, headers, of->creds.session_token ? 5 : 4, hash};
    base_digest_t *digest = base_digest_make(unit_pool);

    ck_assert_ptr_nonnull(digest);
    base_stamp_amz(stamp, of->now);
    ck_assert(aws_sigv4_payload_hash(hash, digest, BODY, sizeof(BODY) - 1));
    ck_assert(aws_sigv4_key(key, digest, of->creds.secret_access_key, &scope));
    return aws_sigv4_authorization(digest, &scope, key, &canonical, unit_pool);
}

static base_err_t *verify(net_http_response_t *response, void *sender,
                          const net_http_request_t *request, const base_call_t *call,
                          apr_pool_t *pool)
{
    static const net_http_header_t answered[] = {{"Content-Type", "application/x-amz-json-1.0"},
                                                 {"x-amzn-RequestId", "R1"}};

    (void)sender, (void)call;
    if (strcmp(request->headers[request->header_count - 1].value, signer->authorization) != 0)
        return base_err_make(BASE_ERR_INTERNAL, 0, pool, "wrong signature");
    response->status = 200;
    response->headers = answered;
    response->header_count = 2;
    response->body = "{}";
    response->body_len = 2;
    return NULL;
}

static base_err_t *read_answer(void *reads, const char *body, apr_size_t len, apr_pool_t *pool)
{
    (void)body, (void)pool;
    *(int *)reads += len == 2;
    return NULL;
}

static int call_once(void *client, int thread, int turn, apr_pool_t *pool)
{
    int reads = 0;
    const aws_client_request_t request = {"GetItem", BODY, sizeof(BODY) - 1, 1, read_answer,
                                          &reads,    0};
    aws_client_outcome_t outcome;
    base_call_t call;
    base_err_t *err;

    /* Runs of one key between the changes: both what is kept and what is replaced are seen. */
    signer = &signers[(thread + turn / 16) % 4];
    base_call_init(&call, apr_time_from_sec(60));
    err = aws_client_call(&outcome, client, &request, &call, pool);
    return !err && reads == 1 && call.attempts == 1;
}

START_TEST(many_threads_sign_with_their_own_key)
{
    static const aws_endpoint_t endpoint = {0, "h", 80, "h"};
    const aws_client_options_t options = {&endpoint, "r",    "s",  "P.",     "x/y", "agent",
                                          &source,   verify, NULL, 60000000, 100,   now};
    size_t i;

    for (i = 0; i < sizeof(signers) / sizeof(*signers); i++)
        signers[i].authorization = expected(&signers[i]);
    many_run(call_once, aws_client_make(&options, unit_pool), MANY_TURNS);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("aws/client threads");
    TCase *tcase = unit_case(suite, "threads");

    tcase_set_timeout(tcase, MANY_SECONDS);
    tcase_add_test(tcase, many_threads_sign_with_their_own_key);
    return suite;
}
