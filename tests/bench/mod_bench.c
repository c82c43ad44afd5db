/* SPDX-License-Identifier: Apache-2.0 */
/* What a request costs inside httpd at the least: the two rows that all others are compared with.
 *
 *     BenchAnswer memory               the item, from memory
 *     BenchAnswer socket HOST:PORT     one exchange with the backend over a kept connection, a
 *     BenchAnswer tls HOST:PORT CA     canned request, the answer's body handed on
 *
 * /items and what is below it is claimed as mod_items and mod_proxy claim theirs, before httpd maps
 * it to a file, so that no row pays for a directory walk. Nothing is signed, judged or converted; a
 * blocking send and a blocking receive are all there is: whoever does more costs more.
 *
 * Connections are kept by the child, the one used last on top: were each thread to have its own, a
 * slow client would wander through all of them and pay for cold ones.
 *
 * A module for the benchmark alone: one configuration for the whole server, kept in file scope.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <openssl/ssl.h>

#include <httpd.h>
#include <http_config.h>
#include <http_log.h>
#include <http_protocol.h>
#include <http_request.h>
#include <apr_strings.h>

#include "answers.h"

#define HANDLER "bench"
#define MOUNT "/items"
#define ANSWER_MAX (64 * 1024)
#define PATIENCE_S 5

static void register_hooks(apr_pool_t *pool);
static const char *set_answer(cmd_parms *cmd, void *unused, const char *how, const char *peer,
                              const char *ca_file);

static const command_rec commands[] = {
    AP_INIT_TAKE123("BenchAnswer", set_answer, NULL, RSRC_CONF,
                    "memory, socket HOST:PORT or tls HOST:PORT CA"),
    {.name = NULL}, /* */
};

AP_DECLARE_MODULE(bench) = {
    STANDARD20_MODULE_STUFF,
    NULL,           /* */
    NULL,           /* */
    NULL,           /* */
    NULL,           /* */
    commands,       /* */
    register_hooks, /* */
    0,              /* */
};

typedef struct conn_t conn_t;
struct conn_t {
    int fd;
    SSL *ssl;
    conn_t *next;
    char answer[ANSWER_MAX];
};

static struct {
    const char *how; /* NULL: not for us */
    const char *host;
    apr_port_t port;
    const char *ca_file;
    SSL_CTX *tls; /* of the child */
    answers_t item;
    const char *request;
    size_t request_len;
    pthread_mutex_t lock;
    conn_t *kept;
} bench = {.lock = PTHREAD_MUTEX_INITIALIZER};

static const char *set_answer(cmd_parms *cmd, void *unused, const char *how, const char *peer,
                              const char *ca_file)
{
    char *host = NULL, *scope = NULL;

    (void)unused;
    bench.how = how;
    bench.ca_file = ca_file;
    if (!strcmp(how, "memory"))
        return NULL;
    if (!peer || apr_parse_addr_port(&host, &scope, &bench.port, peer, cmd->pool) || !host)
        return "BenchAnswer: HOST:PORT is missing";
    bench.host = host;
    return NULL;
}

/* As long as one that mod_items sends, with a signature that nobody checks. */
static void make_request(apr_pool_t *pool)
{
    static const char body[] =
        "{\"TableName\":\"items\",\"Key\":{\"id\":{\"S\":\"" ANSWERS_ID "\"}}}";

    bench.request = apr_psprintf(
        pool,
        "POST / HTTP/1.1\r\nHost: %s:%d\r\nContent-Type: application/x-amz-json-1.0\r\n"
        "X-Amz-Date: 20260212T101112Z\r\nX-Amz-Target: DynamoDB_20120810.GetItem\r\n"
        "amz-sdk-invocation-id: 0b5c9b66-3a0e-4c1b-9d57-0d1c4d2a7b10\r\n"
        "amz-sdk-request: attempt=1; max=2\r\nAccept-Encoding: identity\r\n"
        "User-Agent: mod_bench\r\n"
        "Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260212/us-east-1/dynamodb/"
        "aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature="
        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\r\n"
        "Content-Length: %d\r\n\r\n%s",
        bench.host, bench.port, (int)strlen(body), body);
    bench.request_len = strlen(bench.request);
}

static void start_child(apr_pool_t *pool, server_rec *server)
{
    if (!bench.how)
        return;
    bench.item = answers_make(ANSWERS_GET, 0, pool);
    if (bench.host)
        make_request(pool);
    if (!bench.ca_file)
        return;
    bench.tls = SSL_CTX_new(TLS_client_method());
    if (!bench.tls || SSL_CTX_load_verify_locations(bench.tls, bench.ca_file, NULL) != 1)
        ap_log_error(APLOG_MARK, APLOG_CRIT, 0, server, "no certificates in %s", bench.ca_file);
    else
        SSL_CTX_set_verify(bench.tls, SSL_VERIFY_PEER, NULL);
}

/* --- the exchange ---------------------------------------------------------------------------- */

static void disconnect(conn_t *conn)
{
    SSL_free(conn->ssl);
    if (conn->fd >= 0)
        close(conn->fd);
    free(conn);
}

static int connect_socket(conn_t *conn)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(bench.port)};
    const struct timeval patience = {PATIENCE_S, 0};
    int on = 1;

    if (inet_pton(AF_INET, bench.host, &address.sin_addr) != 1)
        return 0;
    conn->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    return conn->fd >= 0 &&
           !setsockopt(conn->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) &&
           !setsockopt(conn->fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)) &&
           !setsockopt(conn->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) &&
           !connect(conn->fd, (struct sockaddr *)&address, sizeof(address));
}

static int start_tls(conn_t *conn)
{
    conn->ssl = bench.tls ? SSL_new(bench.tls) : NULL;
    return conn->ssl && X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(conn->ssl), bench.host) == 1 &&
           SSL_set_fd(conn->ssl, conn->fd) && SSL_connect(conn->ssl) == 1;
}

/* A kept connection, else a new one; NULL when that can't be had. */
static conn_t *take(void)
{
    conn_t *conn;

    pthread_mutex_lock(&bench.lock);
    conn = bench.kept;
    if (conn)
        bench.kept = conn->next;
    pthread_mutex_unlock(&bench.lock);
    if (conn)
        return conn;
    conn = malloc(sizeof(*conn));
    if (!conn)
        return NULL;
    conn->fd = -1;
    conn->ssl = NULL;
    if (connect_socket(conn) && (!bench.ca_file || start_tls(conn)))
        return conn;
    disconnect(conn);
    return NULL;
}

static void put(conn_t *conn)
{
    pthread_mutex_lock(&bench.lock);
    conn->next = bench.kept;
    bench.kept = conn;
    pthread_mutex_unlock(&bench.lock);
}

static int send_request(const conn_t *conn)
{
    if (conn->ssl)
        return SSL_write(conn->ssl, bench.request, (int)bench.request_len) ==
               (int)bench.request_len;
    return send(conn->fd, bench.request, bench.request_len, MSG_NOSIGNAL) ==
           (ssize_t)bench.request_len;
}

static ssize_t receive(conn_t *conn, size_t at)
{
    if (conn->ssl)
        return SSL_read(conn->ssl, conn->answer + at, (int)(sizeof(conn->answer) - at));
    return recv(conn->fd, conn->answer + at, sizeof(conn->answer) - at, 0);
}

/* The body of a 200: 1, or 0 and the connection is of no use any more. */
static int receive_answer(const char **body, apr_size_t *body_len, conn_t *conn)
{
    static const char length[] = "\r\nContent-Length: ";
    const char *end, *value;
    size_t len = 0, whole = 0;
    ssize_t got;

    do {
        got = receive(conn, len);
        if (got <= 0)
            return 0;
        len += (size_t)got;
        if (whole || !(end = memmem(conn->answer, len, "\r\n\r\n", 4)))
            continue;
        value = memmem(conn->answer, (size_t)(end - conn->answer), length, sizeof(length) - 1);
        if (!value || strncmp(conn->answer, "HTTP/1.1 200 ", 13) != 0)
            return 0;
        *body = end + 4;
        *body_len = (apr_size_t)apr_atoi64(value + sizeof(length) - 1);
        whole = (size_t)(*body - conn->answer) + *body_len;
    } while (len < sizeof(conn->answer) && (!whole || len < whole));
    return whole && len == whole;
}

/* --- the hooks ------------------------------------------------------------------------------- */

static int is_ours(const request_rec *r)
{
    return bench.how && !strncmp(r->uri, MOUNT, sizeof(MOUNT) - 1);
}

static int claim(request_rec *r)
{
    if (!is_ours(r))
        return DECLINED;
    r->handler = HANDLER;
    return OK;
}

static int respond(request_rec *r, const char *body, apr_size_t len)
{
    apr_bucket_alloc_t *alloc = r->connection->bucket_alloc;
    apr_bucket_brigade *brigade = apr_brigade_create(r->pool, alloc);

    ap_set_content_type(r, "application/json");
    ap_set_content_length(r, (apr_off_t)len);
    APR_BRIGADE_INSERT_TAIL(brigade, apr_bucket_transient_create(body, len, alloc));
    APR_BRIGADE_INSERT_TAIL(brigade, apr_bucket_eos_create(alloc));
    ap_pass_brigade(r->output_filters, brigade);
    return OK;
}

static int answer(request_rec *r)
{
    const char *body = NULL;
    apr_size_t len = 0;
    conn_t *conn;
    int status;

    if (!r->handler || strcmp(r->handler, HANDLER) != 0)
        return DECLINED;
    if (!bench.host)
        return respond(r, bench.item.bytes + bench.item.head_len,
                       bench.item.len - bench.item.head_len);
    conn = take();
    if (!conn)
        return HTTP_BAD_GATEWAY;
    if (!send_request(conn) || !receive_answer(&body, &len, conn)) {
        disconnect(conn);
        return HTTP_BAD_GATEWAY;
    }
    status = respond(r, body, len);
    put(conn);
    return status;
}

static void register_hooks(apr_pool_t *pool)
{
    (void)pool;
    ap_hook_child_init(start_child, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_translate_name(claim, NULL, NULL, APR_HOOK_FIRST);
    ap_hook_map_to_storage(claim, NULL, NULL, APR_HOOK_FIRST);
    ap_hook_handler(answer, NULL, NULL, APR_HOOK_MIDDLE);
}
