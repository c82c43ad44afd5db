/* SPDX-License-Identifier: Apache-2.0 */
/* One call of an AWS JSON service: sign, send, judge, and once more where aws/retry.c says so.
 *
 *     aws_client_call -> attempt -> sign -> options.send -> judge -> request.read
 *            ^                                                |
 *            +---- AWS_RETRY_AGAIN <---- judge_failure <------+ an error
 *
 * Every attempt is signed anew with a fresh clock (IAM User Guide, "Create a signed AWS API
 * request": a date is good for five minutes, but a day's change needs another key). Signed are
 * Host, Content-Type, X-Amz-Date, X-Amz-Security-Token and X-Amz-Target; not signed is what a proxy
 * may rewrite (Accept-Encoding, User-Agent) and what only describes the attempt (amz-sdk-*).
 *
 * Answers are taken as AWS sends them or not at all: a redirect is not followed, for the signature
 * and the token would go to another host, and a 200 that is no JSON of the protocol is a failure,
 * never an empty result.
 */
#include "aws/client.h"

#include <string.h>
#include <strings.h>

#include <apr_atomic.h>
#include <apr_strings.h>
#include <apr_thread_mutex.h>

#include "aws/fault.h"
#include "aws/retry.h"
#include "aws/sigv4.h"
#include "base/crc32.h"
#include "base/digest.h"
#include "base/hash.h"
#include "base/stamp.h"

#define HEADERS_MAX 10
#define CONTENT_TYPE_STEM "application/x-amz-json-1." /* its minor version follows */
#define SHOWN_MAX 64                                  /* bytes of a peer's header in an error */
#define SECRET_BLOCK 16                               /* bytes of a secret that are never shown */

struct aws_client_t {
    aws_client_options_t options;
    aws_endpoint_t endpoint;
    int has_seed;
    unsigned char seed[BASE_HASH_UUID_BYTES]; /* of the invocation ids */
    volatile apr_uint32_t invocations;        /* atomic */
    base_digest_kit_t *digests;
    apr_thread_mutex_t *lock; /* over what stands below */
    int has_key;
    apr_uint64_t key_generation;
    char key_day[AWS_SIGV4_DAY_LEN];
    unsigned char key[AWS_SIGV4_KEY_BYTES];
};

/* The headers of one attempt: those that are signed stand first, Host at their head. */
typedef struct {
    net_http_header_t list[HEADERS_MAX];
    int count;
} headers_t;

/* One call under way. */
typedef struct {
    aws_client_t *client;
    const aws_client_request_t *request;
    aws_client_outcome_t *outcome;
    base_call_t *call;
    apr_pool_t *pool;
    aws_creds_t creds;
    char stamp[BASE_STAMP_AMZ_SIZE];
    char invocation[BASE_HASH_UUID_SIZE];
    int number;       /* of the attempt, from 1 */
    apr_time_t begun; /* when it was sent, on base_call_clock() */
    headers_t headers;
    net_http_request_t http;
    net_http_response_t response;
    int answered;       /* the response came whole */
    const char *unfit;  /* why x-amz-crc32 does not vouch for it, NULL: it does, or is not there */
    base_err_t *unread; /* why the body of a 200 is none of the operation's, NULL: it was read */
    int is_judged;      /* both are known */
} exchange_t;

static apr_status_t forget_key(void *data)
{
    aws_client_t *client = data;

    base_hash_wipe(client->key, sizeof(client->key));
    return APR_SUCCESS;
}

aws_client_t *aws_client_make(const aws_client_options_t *options, apr_pool_t *pool)
{
    aws_client_t *client = apr_pcalloc(pool, sizeof(*client));

    client->options = *options;
    client->endpoint = *options->endpoint;
    client->endpoint.host = apr_pstrdup(pool, options->endpoint->host);
    client->endpoint.host_header = apr_pstrdup(pool, options->endpoint->host_header);
    client->options.endpoint = &client->endpoint;
    client->options.region = apr_pstrdup(pool, options->region);
    client->options.service = apr_pstrdup(pool, options->service);
    client->options.target_prefix = apr_pstrdup(pool, options->target_prefix);
    client->options.content_type = apr_pstrdup(pool, options->content_type);
    client->options.user_agent = apr_pstrdup(pool, options->user_agent);
    client->has_seed = base_hash_random(client->seed, sizeof(client->seed));
    client->digests = base_digest_kit_make(pool);
    if (apr_thread_mutex_create(&client->lock, APR_THREAD_MUTEX_DEFAULT, pool) != APR_SUCCESS)
        client->lock = NULL; /* then every signature derives its key: slower, as right */
    apr_pool_cleanup_register(pool, client, forget_key, apr_pool_cleanup_null);
    return client;
}

/* The kept key, if it is that of the set and the day. */
static int recall_key(unsigned char key[AWS_SIGV4_KEY_BYTES], aws_client_t *client,
                      apr_uint64_t generation, const char *day)
{
    int found;

    if (!client->lock)
        return 0;
    apr_thread_mutex_lock(client->lock);
    found = client->has_key && client->key_generation == generation &&
            memcmp(client->key_day, day, AWS_SIGV4_DAY_LEN) == 0;
    if (found)
        memcpy(key, client->key, AWS_SIGV4_KEY_BYTES);
    apr_thread_mutex_unlock(client->lock);
    return found;
}

static void keep_key(aws_client_t *client, const unsigned char key[AWS_SIGV4_KEY_BYTES],
                     apr_uint64_t generation, const char *day)
{
    if (!client->lock)
        return;
    apr_thread_mutex_lock(client->lock);
    memcpy(client->key, key, AWS_SIGV4_KEY_BYTES);
    memcpy(client->key_day, day, AWS_SIGV4_DAY_LEN);
    client->key_generation = generation;
    client->has_key = 1;
    apr_thread_mutex_unlock(client->lock);
}

static void add_header(headers_t *headers, const char *name, const char *value)
{
    headers->list[headers->count].name = name;
    headers->list[headers->count].value = value;
    headers->count++;
}

/* The Authorization of the headers so far, NULL when they can't be signed. */
static const char *authorize(const exchange_t *exchange, base_digest_t *digest,
                             const headers_t *headers)
{
    aws_client_t *client = exchange->client;
    const aws_client_request_t *called = exchange->request;
    const aws_creds_t *creds = &exchange->creds;
    char payload_hash[AWS_SIGV4_HEX_SIZE];
    const aws_sigv4_scope_t scope = {creds->access_key_id, client->options.region,
                                     client->options.service, exchange->stamp};
    const aws_sigv4_request_t request = {"POST",         "/",         NULL, headers->list,
                                         headers->count, payload_hash};
    unsigned char key[AWS_SIGV4_KEY_BYTES];
    const char *authorization = NULL;
    int has_key = recall_key(key, client, creds->generation, exchange->stamp);

    if (!has_key && aws_sigv4_key(key, digest, creds->secret_access_key, &scope)) {
        keep_key(client, key, creds->generation, exchange->stamp);
        has_key = 1;
    }
    if (has_key && aws_sigv4_payload_hash(payload_hash, digest, called->body, called->body_len))
        authorization = aws_sigv4_authorization(digest, &scope, key, &request, exchange->pool);
    base_hash_wipe(key, sizeof(key));
    return authorization;
}

/* Everything that goes out with this attempt. */
static base_err_t *sign(headers_t *headers, exchange_t *exchange)
{
    static const char *const attempts[AWS_RETRY_ATTEMPTS_MAX] = {"attempt=1; max=2",
                                                                 "attempt=2; max=2"};
    const aws_client_options_t *options = &exchange->client->options;
    apr_pool_t *pool = exchange->pool;
    const char *authorization = NULL;
    base_digest_t *digest;

    base_stamp_amz(exchange->stamp, options->now());
    headers->count = 0;
    add_header(headers, "Host", options->endpoint->host_header);
    add_header(headers, "Content-Type", options->content_type);
    add_header(headers, "X-Amz-Date", exchange->stamp);
    add_header(headers, "X-Amz-Target",
               apr_pstrcat(pool, options->target_prefix, exchange->request->operation, NULL));
    if (exchange->creds.session_token)
        add_header(headers, "X-Amz-Security-Token", exchange->creds.session_token);
    digest = base_digest_take(exchange->client->digests, pool);
    if (digest) {
        authorization = authorize(exchange, digest, headers);
        base_digest_give(exchange->client->digests, digest);
    }
    if (!authorization)
        return base_err_make(BASE_ERR_INTERNAL, 0, pool, "the request could not be signed");
    add_header(headers, "amz-sdk-invocation-id", exchange->invocation);
    add_header(headers, "amz-sdk-request", attempts[exchange->number - 1]);
    add_header(headers, "Accept-Encoding", "identity"); /* x-amz-crc32 is over the wire's bytes */
    add_header(headers, "User-Agent", options->user_agent);
    add_header(headers, "Authorization", authorization);
    return NULL;
}

/* The peer's text as it may stand in a line of a log: printable ASCII, nothing long. */
static const char *shown(const char *text, apr_pool_t *pool)
{
    char *copy = apr_pstrndup(pool, text, SHOWN_MAX);
    char *pos;

    for (pos = copy; *pos; pos++)
        if (*pos < ' ' || *pos > '~')
            *pos = '?';
    return copy;
}

/* The request id, of which only what an id is made of is kept. */
static void note_request_id(base_call_t *call, const net_http_response_t *response)
{
    static const char is_kept[256] = {
        ['A' ... 'Z'] = 1, ['a' ... 'z'] = 1, ['0' ... '9'] = 1, ['-'] = 1, ['.'] = 1,
        ['/'] = 1,         [':'] = 1,         ['_'] = 1,         ['='] = 1, ['+'] = 1};
    const char *id = net_http_header(response, "x-amzn-RequestId");
    apr_size_t len = 0;

    for (; id && *id && len < sizeof(call->remote_id) - 1; id++) {
        call->remote_id[len] = *id;
        len += (apr_size_t)is_kept[(unsigned char)*id];
    }
    call->remote_id[len] = '\0';
}

/* x-amz-crc32, when there is one, must be the body's: NULL, or why it is not. */
static const char *check_checksum(const net_http_response_t *response)
{
    const char *text = net_http_header(response, "x-amz-crc32");
    apr_uint64_t claimed = 0;
    const char *pos;

    if (!text)
        return NULL;
    for (pos = text; *pos >= '0' && *pos <= '9' && pos - text < 10; pos++)
        claimed = claimed * 10 + (apr_uint64_t)(*pos - '0');
    if (pos == text || *pos)
        return "x-amz-crc32 is no number";
    return base_crc32(response->body, response->body_len) == claimed
               ? NULL
               : "x-amz-crc32 does not fit the body";
}

/* Of this protocol, whatever its minor version and its parameters (RFC 9110 section 8.3.1). */
static int is_json_type(const char *type)
{
    apr_size_t len = strlen(CONTENT_TYPE_STEM);

    return strncasecmp(type, CONTENT_TYPE_STEM, len) == 0 && type[len] >= '0' && type[len] <= '9' &&
           (!type[len + 1] || strchr("; \t", type[len + 1]));
}

/* One of AWS's own, errors included, undamaged, and in a 200 the answer to what was asked? Whatever
 * stands between us and AWS may have put itself in its place, and where the answer was another
 * request's the next one gets ours: such a connection is not used again. */
static int is_sound(void *judge, const net_http_response_t *response)
{
    exchange_t *exchange = judge;
    const aws_client_request_t *request = exchange->request;
    const char *type = net_http_header(response, "Content-Type");
    int is_known = type && is_json_type(type);

    exchange->unfit = check_checksum(response);
    exchange->unread = NULL;
    exchange->is_judged = 1;
    if (response->status == 200 && is_known && !exchange->unfit)
        exchange->unread =
            request->read(request->reader, response->body, response->body_len, exchange->pool);
    return is_known && !exchange->unfit && !exchange->unread;
}

static base_err_t *judge_checksum(exchange_t *exchange)
{
    if (!exchange->is_judged)
        (void)is_sound(exchange, &exchange->response);
    return exchange->unfit
               ? base_err_make(BASE_ERR_NONSENSE, 0, exchange->pool, "%s", exchange->unfit)
               : NULL;
}

static base_err_t *judge_success(exchange_t *exchange)
{
    const net_http_response_t *response = &exchange->response;
    const char *type = net_http_header(response, "Content-Type");
    base_err_t *err;

    if (!type || !is_json_type(type))
        return base_err_make(BASE_ERR_NONSENSE, 0, exchange->pool,
                             "answer 200 is not JSON of AWS's: content type \"%s\"",
                             type ? shown(type, exchange->pool) : "");
    err = judge_checksum(exchange);
    if (err)
        return err;
    return exchange->unread ? base_err_wrap(exchange->unread, exchange->pool, "answer 200") : NULL;
}

/* A message that shows a secret in spite of aws/fault.c is worth less than the secret. Looked for
 * in blocks: messages are cut, and a session token is longer than what is left of one. Values
 * shorter than a block are those of emulators, and words. */
static int shows(const char *message, const char *secret)
{
    apr_size_t len = secret ? strlen(secret) : 0, message_len = strlen(message), pos;

    for (pos = 0; pos + SECRET_BLOCK <= len; pos += SECRET_BLOCK)
        if (memmem(message, message_len, secret + pos, SECRET_BLOCK))
            return 1;
    return 0;
}

static const char *safe_message(const aws_fault_t *fault, const exchange_t *exchange)
{
    const aws_creds_t *creds = &exchange->creds;

    if (!fault->message || shows(fault->message, creds->session_token) ||
        shows(fault->message, creds->secret_access_key))
        return NULL;
    return fault->message;
}

/* An error answer, in AWS's words. */
static base_err_t *judge_fault(exchange_t *exchange)
{
    const net_http_response_t *response = &exchange->response;
    const char *message;
    aws_fault_t fault;
    base_err_t *err;

    if (response->status < 500) {
        err = judge_checksum(exchange);
        if (err)
            return err;
    }
    aws_fault_read(&fault, net_http_header(response, "X-Amzn-Errortype"), response->body,
                   response->body_len, exchange->pool);
    message = safe_message(&fault, exchange);
    err = base_err_make(aws_retry_class(response->status, fault.code), 0, exchange->pool,
                        "answer %d %s%s%s", response->status,
                        fault.code ? fault.code : "without an AWS error code", message ? ": " : "",
                        message ? message : "");
    err->code = fault.code;
    exchange->outcome->error_body = response->body;
    exchange->outcome->error_body_len = response->body_len;
    exchange->outcome->error_message = message;
    return err;
}

/* The answer as a whole. */
static base_err_t *judge(exchange_t *exchange)
{
    int status = exchange->response.status;
    base_err_t *err;

    if (status == 200)
        err = judge_success(exchange);
    else if (status >= 400 && status <= 599)
        err = judge_fault(exchange);
    else
        err = base_err_make(BASE_ERR_NONSENSE, 0, exchange->pool, "answer %d%s", status,
                            status >= 300 && status <= 399 ? " is a redirect, not followed" : "");
    if (err && exchange->call->remote_id[0])
        err->request_id = apr_pstrdup(exchange->pool, exchange->call->remote_id);
    return err;
}

/* The request of this attempt. */
static base_err_t *compose(exchange_t *exchange)
{
    const aws_client_options_t *options = &exchange->client->options;
    net_http_request_t *http = &exchange->http;
    base_err_t *err = sign(&exchange->headers, exchange);

    if (err)
        return err;
    memset(http, 0, sizeof(*http));
    http->method = "POST";
    http->target = "/";
    http->host = options->endpoint->host_header;
    http->headers = exchange->headers.list + 1; /* Host is the floor below's to write */
    http->header_count = exchange->headers.count - 1;
    http->body = exchange->request->body;
    http->body_len = exchange->request->body_len;
    http->answer_max =
        exchange->request->answer_max ? exchange->request->answer_max : options->answer_max;
    http->fresh = exchange->number > 1;
    http->is_sound = is_sound;
    http->judge = exchange;
    exchange->begun = base_call_clock();
    http->deadline = exchange->begun + options->attempt_timeout;
    if (http->deadline > exchange->call->deadline)
        http->deadline = exchange->call->deadline;
    return NULL;
}

/* One exchange, judged. */
static base_err_t *attempt(exchange_t *exchange)
{
    const aws_client_options_t *options = &exchange->client->options;
    const char *operation = exchange->request->operation;
    net_http_response_t *response = &exchange->response;
    base_call_t *call = exchange->call;
    base_err_t *err;

    memset(response, 0, sizeof(*response));
    exchange->answered = 0;
    exchange->is_judged = 0;
    exchange->outcome->error_body = NULL;
    exchange->outcome->error_body_len = 0;
    exchange->outcome->error_message = NULL;
    err = compose(exchange);
    if (err)
        return err;
    call->attempts++;
    base_call_trace(call, 1, "%s attempt %d to %s", operation, exchange->number,
                    exchange->http.host);
    err = options->send(response, options->sender, &exchange->http, call, exchange->pool);
    call->remote_time += base_call_clock() - exchange->begun;
    if (err)
        return err;
    exchange->answered = 1;
    note_request_id(call, response);
    base_call_trace(call, 1, "%s attempt %d: status %d, %" APR_SIZE_T_FMT " bytes", operation,
                    exchange->number, response->status, response->body_len);
    return judge(exchange);
}

static aws_retry_verdict_e judge_failure(const exchange_t *exchange, const base_err_t *err)
{
    aws_retry_failure_t failure;

    failure.number = exchange->number;
    failure.is_read = exchange->request->is_read;
    failure.kind = err->kind;
    failure.status = exchange->answered ? exchange->response.status : 0;
    failure.reused = exchange->response.reused;
    failure.delivered = exchange->response.delivered;
    failure.begun = exchange->response.begun;
    failure.now = base_call_clock();
    failure.deadline = exchange->call->deadline;
    return aws_retry_next(&failure);
}

/* The failure that stands, with what only this floor knows. */
static base_err_t *tell(const exchange_t *exchange, const base_err_t *err, int late)
{
    const char *operation = exchange->request->operation;
    const char *host = exchange->client->endpoint.host_header;
    int attempts = exchange->number;
    base_err_t *told;

    if (!late)
        return base_err_wrap(err, exchange->pool, "%s at %s, %d attempt%s", operation, host,
                             attempts, attempts == 1 ? "" : "s");
    told = base_err_make(BASE_ERR_TIMEOUT, 0, exchange->pool,
                         "%s at %s, %d attempt%s, timeout of the whole call", operation, host,
                         attempts, attempts == 1 ? "" : "s");
    told->code = err->code;
    told->request_id = err->request_id;
    told->cause = err;
    return told;
}

/* 16 bytes that no other call has: the client's seed with a count in its last four. They are no
 * secret, and fresh random bytes for each would cost as much as the signature. */
static int number_invocation(unsigned char bytes[BASE_HASH_UUID_BYTES], aws_client_t *client)
{
    apr_uint32_t number;
    int i;

    if (!client->has_seed)
        return base_hash_random(bytes, BASE_HASH_UUID_BYTES);
    number = apr_atomic_inc32(&client->invocations);
    memcpy(bytes, client->seed, BASE_HASH_UUID_BYTES);
    for (i = 0; i < 4; i++)
        bytes[BASE_HASH_UUID_BYTES - 1 - i] ^= (unsigned char)(number >> (8 * i) & 0xff);
    return 1;
}

/* What stays the same over the attempts of a call. */
static base_err_t *prepare(exchange_t *exchange)
{
    unsigned char bytes[BASE_HASH_UUID_BYTES];
    base_err_t *err;

    if (base_call_left(exchange->call->deadline) == 0)
        return base_err_make(BASE_ERR_TIMEOUT, 0, exchange->pool,
                             "timeout before anything was sent");
    err = aws_creds_get(&exchange->creds, exchange->client->options.creds, exchange->call,
                        exchange->pool);
    if (err)
        return err;
    if (!number_invocation(bytes, exchange->client))
        return base_err_make(BASE_ERR_INTERNAL, 0, exchange->pool, "the crypto library failed");
    base_hash_uuid(exchange->invocation, bytes);
    return NULL;
}

base_err_t *aws_client_call(aws_client_outcome_t *outcome, aws_client_t *client,
                            const aws_client_request_t *request, base_call_t *call,
                            apr_pool_t *pool)
{
    aws_retry_verdict_e verdict;
    exchange_t exchange;
    base_err_t *err;

    memset(outcome, 0, sizeof(*outcome));
    memset(&exchange, 0, sizeof(exchange));
    exchange.client = client;
    exchange.request = request;
    exchange.outcome = outcome;
    exchange.call = call;
    exchange.pool = pool;
    err = prepare(&exchange);
    if (err)
        return tell(&exchange, err, 0);
    for (;;) {
        exchange.number++;
        err = attempt(&exchange);
        if (!err) {
            net_http_forget(&exchange.response);
            return NULL;
        }
        verdict = judge_failure(&exchange, err);
        if (verdict != AWS_RETRY_AGAIN)
            return tell(&exchange, err, verdict == AWS_RETRY_LATE);
        base_call_trace(call, 1, "%s attempt %d failed, once more: %s", request->operation,
                        exchange.number, base_err_format(err, pool));
        if (exchange.response.delivered)
            outcome->maybe_done = 1;
        net_http_forget(&exchange.response); /* two answers at once would be twice the memory */
    }
}
