/* SPDX-License-Identifier: Apache-2.0 */
/* The only user of libcurl: it opens connections (CURLOPT_CONNECT_ONLY) and carries the bytes of
 * TLS ones, the exchange is net/http.c's. With 7.76 as the floor this is what holds in all its
 * versions:
 *
 *  - One handle is one connection, cleaned up with it: a second perform leaks the first socket
 *    before 8.12.
 *  - libcurl never resolves (net/resolve.c says why) and takes no proxy from the environment.
 *  - Certificates are judged against one store per peer, loaded once (a bundle costs 17 ms) and set
 *    as the *verify* store: with set1_cert_store libcurl 7.88 would add its own certificates. TLS
 *    sessions are not shared, a resumed one would skip the store.
 *  - A common name is no substitute for a subjectAltName (RFC 9525 section 2): libcurl takes one,
 *    so OpenSSL is told to check the host itself.
 *  - Sockets are close-on-exec, which libcurl's own are not.
 *  - OpenSSL answers or skips handshake messages (HelloRequest, KeyUpdate, NewSessionTicket) within
 *    one call for as long as more are there, whatever our deadlines say, and before the peer has
 *    shown a certificate too. So they are counted, and beyond a ceiling the socket is shut down.
 */
#include "net/conn.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <apr_strings.h>

#include <curl/curl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#define BLOCK_MAX 200000  /* microseconds that a receive may wait */
#define HANDSHAKES_MAX 64 /* messages; a handshake takes 6, tickets and new keys a few more */

static const char too_many_handshakes[] = "too many TLS handshake messages";

_Static_assert(NET_CONN_WORDS_SIZE >= CURL_ERROR_SIZE, "libcurl's words need their room");

/* --- the library ---------------------------------------------------------------------------- */

base_err_t *net_conn_start(apr_pool_t *pool)
{
    const curl_version_info_data *version;

    if (curl_global_init(CURL_GLOBAL_ALL) != CURLE_OK)
        return base_err_make(BASE_ERR_INTERNAL, 0, pool, "libcurl can't be started");
    version = curl_version_info(CURLVERSION_NOW);
    if (!version->ssl_version || !strstr(version->ssl_version, "OpenSSL/")) {
        curl_global_cleanup();
        return base_err_make(BASE_ERR_INTERNAL, 0, pool,
                             "libcurl is not built with OpenSSL but with %s",
                             version->ssl_version ? version->ssl_version : "nothing");
    }
    return NULL;
}

void net_conn_stop(void)
{
    curl_global_cleanup();
}

/* --- whom to trust -------------------------------------------------------------------------- */

/* A start reads the file as root, a child as somebody else: whoever is told that it can't be read
 * wants to know that it may not. 0 when it can be, so what is in it is at fault. */
static apr_status_t why_unreadable(const char *file)
{
    int opened = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    if (opened < 0)
        return errno;
    close(opened);
    return 0;
}

base_err_t *net_conn_trust(net_conn_peer_t *peer, const char *file, apr_pool_t *pool)
{
    static const char *const bundles[] = {"/etc/ssl/certs/ca-certificates.crt",
                                          "/etc/pki/tls/certs/ca-bundle.crt"};
    const curl_version_info_data *version = curl_version_info(CURLVERSION_NOW);
    X509_STORE *store = X509_STORE_new();
    int is_loaded = 0, i;
    apr_status_t why = 0;

    peer->store = store;
    if (!store)
        return base_err_make(BASE_ERR_INTERNAL, 0, pool, "OpenSSL gives no certificate store");
    ERR_set_mark();
    if (file) {
        is_loaded = X509_STORE_load_file(store, file);
        if (!is_loaded)
            why = why_unreadable(file);
    } else {
        if (version->age >= CURLVERSION_SEVENTH && version->cainfo)
            is_loaded = X509_STORE_load_file(store, version->cainfo);
        for (i = 0; !is_loaded && i < 2; i++)
            is_loaded = X509_STORE_load_file(store, bundles[i]);
        if (!is_loaded)
            is_loaded = X509_STORE_set_default_paths(store);
    }
    ERR_pop_to_mark();
    if (!is_loaded)
        return base_err_make(BASE_ERR_INVALID, why, pool, "no CA certificate can be read from %s",
                             file ? file : "the system's places");
    X509_STORE_set_flags(store, X509_V_FLAG_TRUSTED_FIRST | X509_V_FLAG_PARTIAL_CHAIN);
    return NULL;
}

void net_conn_distrust(net_conn_peer_t *peer)
{
    X509_STORE_free(peer->store);
    peer->store = NULL;
}

/* --- opening -------------------------------------------------------------------------------- */

/* The entry of conn->sockets that has this value, or NULL. */
static int *find_socket(net_conn_t *conn, int value)
{
    if (conn->sockets[0] == value)
        return &conn->sockets[0];
    return conn->sockets[1] == value ? &conn->sockets[1] : NULL;
}

static curl_socket_t open_socket(void *data, curlsocktype purpose, struct curl_sockaddr *address)
{
    net_conn_t *conn = data;
    int made, *entry;

    (void)purpose;
    made = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
    if (made < 0) {
        conn->open_errno = errno;
        return CURL_SOCKET_BAD;
    }
    entry = find_socket(conn, -1);
    if (entry)
        *entry = made;
    return made;
}

static int close_socket(void *data, curl_socket_t made)
{
    int *entry = find_socket(data, made);

    if (entry)
        *entry = -1; /* the number may be somebody else's in a moment */
    return close(made);
}

/* OpenSSL tells of every message. A shut socket is what ends its loop. */
static void count_handshakes(int is_sent, int version, int type, const void *bytes, size_t len,
                             SSL *ssl, void *data)
{
    net_conn_t *conn = data;
    int i;

    (void)version;
    (void)bytes;
    (void)len;
    (void)ssl;
    if (is_sent || type != SSL3_RT_HANDSHAKE || ++conn->handshakes != HANDSHAKES_MAX + 1)
        return;
    for (i = 0; i < 2; i++)
        if (conn->sockets[i] >= 0)
            shutdown(conn->sockets[i], SHUT_RDWR);
}

static int is_flooded(const net_conn_t *conn)
{
    return conn->handshakes > HANDSHAKES_MAX;
}

/* What OpenSSL finds wrong. libcurl tells it only while nothing else stands before it in the queue
 * of errors: an authority of the right name but another key would look like a fault of ASN.1. */
static int note_verdict(int is_good, X509_STORE_CTX *chain)
{
    SSL *ssl = X509_STORE_CTX_get_ex_data(chain, SSL_get_ex_data_X509_STORE_CTX_idx());
    net_conn_t *conn = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));

    if (!is_good)
        conn->verdict = X509_STORE_CTX_get_error(chain);
    return is_good;
}

/* Called for each new context, before the handshake. */
static CURLcode judge_certificates(CURL *easy, void *context, void *data)
{
    net_conn_t *conn = data;
    const char *host = conn->peer->host;
    SSL_CTX *ssl = context;
    X509_VERIFY_PARAM *param = SSL_CTX_get0_param(ssl);

    (void)easy;
    conn->is_shaking = 1;
    X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
    if (!SSL_CTX_set1_verify_cert_store(ssl, conn->peer->store) ||
        !SSL_CTX_set_app_data(ssl, conn) ||
        !(net_resolve_is_literal(conn->peer->resolver)
              ? X509_VERIFY_PARAM_set1_ip_asc(param, host)
              : X509_VERIFY_PARAM_set1_host(param, host, 0)))
        return CURLE_SSL_CERTPROBLEM;
    SSL_CTX_set_verify(ssl, SSL_VERIFY_PEER, note_verdict);
    SSL_CTX_set_keylog_callback(ssl, NULL); /* SSLKEYLOGFILE is no way to our traffic */
    SSL_CTX_set_msg_callback(ssl, count_handshakes);
    SSL_CTX_set_msg_callback_arg(ssl, conn);
    return CURLE_OK;
}

/* "host:port:address,address" for CURLOPT_RESOLVE; nothing for a host that is an address. */
static int set_addresses(net_conn_t *conn, const net_resolve_answer_t *answer)
{
    const net_conn_peer_t *peer = conn->peer;
    char entry[512];
    apr_size_t len;
    int i;

    if (net_resolve_is_literal(peer->resolver))
        return 1;
    len = (apr_size_t)apr_snprintf(entry, sizeof(entry), "%s:%d:", peer->host, peer->port);
    for (i = 0; i < answer->count; i++)
        len += (apr_size_t)apr_snprintf(entry + len, sizeof(entry) - len,
                                        strchr(answer->address[i], ':') ? "%s[%s]" : "%s%s",
                                        i ? "," : "", answer->address[i]);
    conn->addresses = curl_slist_append(NULL, entry);
    return conn->addresses &&
           curl_easy_setopt(conn->easy, CURLOPT_RESOLVE, conn->addresses) == CURLE_OK;
}

/* Everything but the addresses: 0 when the library refuses something. */
static int configure(net_conn_t *conn, apr_time_t limit)
{
    static const struct {
        CURLoption option;
        long value;
    } numbers[] = {
        {CURLOPT_CONNECT_ONLY, 1},
        {CURLOPT_NOSIGNAL, 1},
        {CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1}, /* else h2 is offered */
        {CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2}, /* or newer */
        {CURLOPT_SSL_VERIFYPEER, 1},
        {CURLOPT_SSL_VERIFYHOST, 2},
        {CURLOPT_SSL_SESSIONID_CACHE, 0},
        {CURLOPT_TCP_NODELAY, 1},
        {CURLOPT_TCP_KEEPALIVE, 1},
        {CURLOPT_TCP_KEEPIDLE, 45}, /* NAT gateways forget after 350 s */
        {CURLOPT_TCP_KEEPINTVL, 15},
    };
    const net_conn_peer_t *peer = conn->peer;
    CURL *easy = conn->easy;
    long left_ms = (long)((base_call_left(limit) + 999) / 1000);
    CURLcode code;
    apr_size_t i;

    code = curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, left_ms > 0 ? left_ms : 1L);
    for (i = 0; !code && i < sizeof(numbers) / sizeof(*numbers); i++)
        code = curl_easy_setopt(easy, numbers[i].option, numbers[i].value);
    return !code && !curl_easy_setopt(easy, CURLOPT_URL, peer->url) &&
           !curl_easy_setopt(easy, CURLOPT_PROXY, "") && /* none from the environment either */
           !curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, conn->words) &&
           !curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket) &&
           !curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, conn) &&
           !curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, close_socket) &&
           !curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, conn) &&
           (!peer->tls || (!curl_easy_setopt(easy, CURLOPT_CAINFO, NULL) &&
                           !curl_easy_setopt(easy, CURLOPT_CAPATH, NULL) &&
                           !curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, judge_certificates) &&
                           !curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, conn)));
}

static base_err_t *explain_refusal(const net_conn_t *conn, apr_pool_t *pool)
{
    const char *name = conn->peer->name;
    long status = 0;

    curl_easy_getinfo(conn->easy, CURLINFO_OS_ERRNO, &status);
    if (conn->open_errno)
        status = conn->open_errno;
    if (status == EACCES)
        return base_err_make(BASE_ERR_UNAVAILABLE, EACCES, pool,
                             "permission denied connecting to %s "
                             "(SELinux: setsebool -P httpd_can_network_connect 1)",
                             name);
    return base_err_make(BASE_ERR_UNAVAILABLE, (apr_status_t)status, pool, "can't connect to %s",
                         name);
}

/* What libcurl's code means for us, connect-time only: nothing was sent. */
static base_err_t *explain(const net_conn_t *conn, CURLcode code, apr_pool_t *pool)
{
    const char *name = conn->peer->name;
    const char *words = conn->words[0] ? conn->words : curl_easy_strerror(code);

    if (conn->verdict)
        return base_err_make(BASE_ERR_UNTRUSTED, 0, pool, "the certificate of %s is refused: %s",
                             name, X509_verify_cert_error_string(conn->verdict));
    if (is_flooded(conn))
        return base_err_make(BASE_ERR_UNAVAILABLE, 0, pool, "TLS handshake with %s failed: %s",
                             name, too_many_handshakes);
    switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
        return base_err_make(BASE_ERR_TIMEOUT, 0, pool,
                             conn->is_shaking ? "timeout in the TLS handshake with %s"
                                              : "timeout connecting to %s",
                             name);
    case CURLE_COULDNT_CONNECT:
        return explain_refusal(conn, pool);
    case CURLE_PEER_FAILED_VERIFICATION:
        return base_err_make(BASE_ERR_UNTRUSTED, 0, pool, "the certificate of %s is refused: %s",
                             name, words);
    case CURLE_SSL_CONNECT_ERROR:
        return base_err_make(BASE_ERR_UNAVAILABLE, 0, pool, "TLS handshake with %s failed: %s",
                             name, words);
    case CURLE_OUT_OF_MEMORY:
        return base_err_make(BASE_ERR_INTERNAL, APR_ENOMEM, pool, "no memory to connect to %s",
                             name);
    default:
        return base_err_make(BASE_ERR_UNAVAILABLE, 0, pool, "can't connect to %s: %s", name, words);
    }
}

/* A plain socket is used without libcurl, and made to block again: a receive that waits is one
 * system call where poll() and a receive are two. Each such wait is short, so that a deadline is
 * looked at in between, and near the deadline it is poll()'s. TLS can't do so: OpenSSL reads on
 * until a record is whole, and a peer that drips would keep it beyond any deadline. */
static CURLcode let_receive_wait(net_conn_t *conn)
{
    const struct timeval longest = {.tv_usec = BLOCK_MAX};
    int flags = fcntl(conn->socket, F_GETFL);

    if (flags < 0 || fcntl(conn->socket, F_SETFL, flags & ~O_NONBLOCK) ||
        setsockopt(conn->socket, SOL_SOCKET, SO_RCVTIMEO, &longest, sizeof(longest)))
        return CURLE_COULDNT_CONNECT;
    return CURLE_OK;
}

base_err_t *net_conn_open(net_conn_t *conn, apr_time_t limit, apr_pool_t *pool)
{
    const net_conn_peer_t *peer = conn->peer;
    net_resolve_answer_t answer;
    base_err_t *err = net_resolve_get(&answer, peer->resolver, limit, pool);
    CURLcode code = CURLE_OK;

    if (err)
        return err;
    conn->sockets[0] = conn->sockets[1] = -1;
    conn->is_shaking = 0;
    conn->handshakes = 0;
    conn->may_block = 0;
    conn->open_errno = 0;
    conn->verdict = 0;
    conn->why = "";
    conn->words[0] = '\0';
    conn->easy = curl_easy_init();
    if (!conn->easy || !configure(conn, limit) || !set_addresses(conn, &answer)) {
        err =
            base_err_make(BASE_ERR_INTERNAL, 0, pool, "libcurl can't be set up for %s", peer->name);
    } else {
        code = curl_easy_perform(conn->easy);
        if (!code)
            code = curl_easy_getinfo(conn->easy, CURLINFO_ACTIVESOCKET, &conn->socket);
        if (!code && conn->socket == CURL_SOCKET_BAD)
            code = CURLE_COULDNT_CONNECT;
        if (!code && !peer->tls)
            code = let_receive_wait(conn);
        if (code) {
            err = explain(conn, code, pool);
            net_resolve_doubt(peer->resolver);
        }
    }
    conn->words[0] = '\0'; /* may tell of an address that was tried before */
    if (err)
        net_conn_close(conn);
    return err;
}

void net_conn_close(net_conn_t *conn)
{
    curl_easy_cleanup(conn->easy);
    curl_slist_free_all(conn->addresses); /* the handle used it until now */
    conn->easy = NULL;
    conn->addresses = NULL;
}

/* --- using ----------------------------------------------------------------------------------- */

static net_conn_io_e judge(net_conn_t *conn, CURLcode code)
{
    if (code == CURLE_AGAIN)
        return NET_CONN_AGAIN;
    if (code == CURLE_OK)
        return NET_CONN_OK;
    conn->why = conn->words[0] ? conn->words : curl_easy_strerror(code);
    return NET_CONN_FAILED;
}

/* Of a plain connection's send() or recv(): errno is what libcurl's code is to TLS. */
static net_conn_io_e judge_plain(net_conn_t *conn, ssize_t moved)
{
    if (moved >= 0)
        return NET_CONN_OK;
    if (errno == EAGAIN || errno == EINTR)
        return NET_CONN_AGAIN;
    conn->why = apr_strerror(errno, conn->words, sizeof(conn->words));
    return NET_CONN_FAILED;
}

net_conn_io_e net_conn_send(apr_size_t *sent, net_conn_t *conn, const char *bytes, apr_size_t len)
{
    ssize_t moved;

    *sent = 0;
    if (conn->peer->tls)
        return judge(conn, curl_easy_send(conn->easy, bytes, len, sent));
    moved = send(conn->socket, bytes, len, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (moved > 0)
        *sent = (apr_size_t)moved;
    return judge_plain(conn, moved);
}

static net_conn_io_e receive_plain(apr_size_t *got, net_conn_t *conn, char *bytes, apr_size_t len)
{
    ssize_t moved = recv(conn->socket, bytes, len, conn->may_block ? 0 : MSG_DONTWAIT);

    conn->may_block = 0;
    if (moved > 0)
        *got = (apr_size_t)moved;
    return judge_plain(conn, moved);
}

net_conn_io_e net_conn_receive(apr_size_t *got, net_conn_t *conn, char *bytes, apr_size_t len)
{
    net_conn_io_e io;

    *got = 0;
    if (conn->peer->tls)
        io = judge(conn, curl_easy_recv(conn->easy, bytes, len, got));
    else
        io = receive_plain(got, conn, bytes, len);
    if (is_flooded(conn)) {
        conn->why = too_many_handshakes;
        return NET_CONN_FAILED;
    }
    return io == NET_CONN_OK && *got == 0 ? NET_CONN_ENDED : io;
}

/* TLS 1.3 tickets make a healthy socket readable and a close_notify looks the same to poll(): only
 * a receive can tell. */
const char *net_conn_check(net_conn_t *conn)
{
    apr_size_t got;
    char byte;

    conn->may_block = 0;
    switch (net_conn_receive(&got, conn, &byte, 1)) {
    case NET_CONN_AGAIN:
        return NULL;
    case NET_CONN_OK:
        return "the peer sent bytes that nobody asked for";
    case NET_CONN_ENDED:
        return "closed by the peer";
    default:
        return "broken";
    }
}

int net_conn_wait(net_conn_t *conn, short events, apr_time_t deadline)
{
    struct pollfd poll_fd = {.fd = conn->socket, .events = events};
    apr_interval_time_t left, left_ms;
    int count;

    while ((left = base_call_left(deadline)) > 0) {
        if (!conn->peer->tls && events == POLLIN && left > BLOCK_MAX) {
            conn->may_block = 1;
            return POLLIN;
        }
        left_ms = (left + 999) / 1000;
        count = poll(&poll_fd, 1, left_ms < INT_MAX ? (int)left_ms : INT_MAX);
        if (count > 0)
            return poll_fd.revents;
        if (count < 0 && errno != EINTR)
            return -1;
    }
    return 0;
}
