/* SPDX-License-Identifier: Apache-2.0 */
/* One exchange: take a connection, send, receive, put it back or close it.
 *
 * Head and body go out as one text in pieces of a TLS record; while the socket takes no more we
 * also read, since a peer that answers before it has read everything would otherwise wait for us as
 * we wait for it. Behind the last byte we wait first and read then: the answer can't be there yet.
 *
 * A connection is used again only if both sides agree on where the exchange ended: the answer
 * complete, nothing behind it, not begun before the request was sent, no "Connection: close"
 * (RFC 9112 section 9.3), and the answer is one of the peer's kind. Everything else closes it, so
 * a late answer meets nobody. An error that is well said, a 5xx too, keeps it: a service in trouble
 * is not helped by a handshake for each of its errors, and a second attempt opens its own.
 */
#include "net/http.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <strings.h>

#include "net/body.h"
#include "net/conn.h"

typedef struct {
    const net_http_request_t *request;
    net_http_response_t *response;
    net_conn_t *conn;
    const char *name; /* of the peer, for words */
    net_wire_answer_t answer;
    int is_early; /* the answer began before the request was sent */
    int has_surplus;
    int has_ended; /* the peer sends no more */
    apr_pool_t *pool;
} exchange_t;

static base_err_t *write_request(base_text_t *text, const net_http_request_t *request,
                                 apr_pool_t *pool)
{
    /* RFC 9110 section 8.6: no length where a body has no meaning */
    int is_bodiless = !strcmp(request->method, "GET") || !strcmp(request->method, "DELETE");
    const char *body = request->body_len > 0 ? request->body : is_bodiless ? NULL : "";
    const char *why;
    int i;

    base_text_init(text, 1536 + request->body_len, NET_WIRE_REQUEST_HEAD_MAX + request->body_len,
                   pool);
    why = net_wire_put_line(text, request->method, request->target, request->host);
    for (i = 0; !why && i < request->header_count; i++)
        why = net_wire_put_header(text, request->headers[i].name, request->headers[i].value);
    if (!why)
        why = net_wire_put_body(text, body, request->body_len);
    if (why)
        return base_err_make(BASE_ERR_INVALID, 0, pool, "a request that can't be sent: %s", why);
    return NULL;
}

static base_err_t *timeout(const exchange_t *exchange, const char *doing)
{
    return base_err_make(BASE_ERR_TIMEOUT, 0, exchange->pool, "timeout %s %s", doing,
                         exchange->name);
}

/* The connection failed or ended before the answer was complete. */
static base_err_t *broken(const exchange_t *exchange, const char *why)
{
    const char *what = "no answer of";

    if (exchange->response->begun)
        what = "truncated answer of";
    else if (!exchange->response->delivered)
        what = "request not sent whole to";
    return base_err_make(BASE_ERR_UNAVAILABLE, 0, exchange->pool, "%s %s: %s", what, exchange->name,
                         why);
}

/* One receive, fed to the parser. BASE_ERR_NONSENSE when that is no answer; a connection that fails
 * is an error as well, one that ends is noted. */
static base_err_t *receive_some(exchange_t *exchange, net_conn_io_e *io)
{
    char *buffer = exchange->conn->buffer;
    apr_size_t got, consumed;

    *io = net_conn_receive(&got, exchange->conn, buffer, NET_CONN_CHUNK);
    if (*io == NET_CONN_FAILED)
        return broken(exchange, exchange->conn->why);
    if (*io == NET_CONN_ENDED)
        exchange->has_ended = 1;
    if (*io != NET_CONN_OK)
        return NULL;
    exchange->response->begun = 1;
    if (net_wire_feed(&exchange->answer, &consumed, buffer, got) == NET_WIRE_BROKEN)
        return base_err_make(exchange->answer.is_starved ? BASE_ERR_INTERNAL : BASE_ERR_NONSENSE, 0,
                             exchange->pool, "no valid answer of %s: %s", exchange->name,
                             exchange->answer.why);
    exchange->has_surplus = consumed < got;
    /* A peer that never lets the socket run dry would keep us from every wait and its deadline. */
    if (exchange->answer.verdict == NET_WIRE_NEED_MORE &&
        base_call_left(exchange->request->deadline) == 0)
        return timeout(exchange, "reading the answer of");
    return NULL;
}

/* Wait, then read what there is until the answer is complete, the socket is empty or has ended. */
static base_err_t *wait_and_receive(exchange_t *exchange, short events, const char *doing)
{
    int revents = net_conn_wait(exchange->conn, events, exchange->request->deadline);
    net_conn_io_e io = NET_CONN_OK;
    base_err_t *err = NULL;

    if (revents < 0)
        return base_err_make(BASE_ERR_INTERNAL, errno, exchange->pool, "can't wait for %s",
                             exchange->name);
    if (revents == 0)
        return timeout(exchange, doing);
    if (!(revents & ~POLLOUT))
        return NULL;
    while (!err && io == NET_CONN_OK && exchange->answer.verdict == NET_WIRE_NEED_MORE)
        err = receive_some(exchange, &io);
    return err;
}

/* Sending failed: an answer may be there all the same, one that says why. */
static base_err_t *send_failed(exchange_t *exchange)
{
    base_err_t *err = broken(exchange, exchange->conn->why);
    net_conn_io_e io = NET_CONN_OK;

    while (io == NET_CONN_OK && exchange->answer.verdict == NET_WIRE_NEED_MORE)
        if (receive_some(exchange, &io))
            return err;
    return exchange->answer.verdict == NET_WIRE_COMPLETE ? NULL : err;
}

/* Until all is out, or an answer that came early is complete. */
static base_err_t *send_all(exchange_t *exchange, const base_text_t *text)
{
    apr_size_t pos = 0, sent;
    base_err_t *err;

    while (pos < text->len) {
        apr_size_t chunk = text->len - pos < NET_CONN_CHUNK ? text->len - pos : NET_CONN_CHUNK;
        net_conn_io_e io = net_conn_send(&sent, exchange->conn, text->data + pos, chunk);

        pos += sent;
        if (io == NET_CONN_FAILED) {
            exchange->is_early = 1;
            return send_failed(exchange);
        }
        if (io != NET_CONN_AGAIN)
            continue;
        err = wait_and_receive(exchange, POLLIN | POLLOUT, "sending to");
        exchange->is_early = exchange->response->begun;
        if (err || exchange->answer.verdict == NET_WIRE_COMPLETE)
            return err;
        if (exchange->has_ended)
            return broken(exchange, "connection closed");
    }
    exchange->response->delivered = 1;
    return NULL;
}

static base_err_t *receive_all(exchange_t *exchange)
{
    base_err_t *err = NULL;

    while (!err && exchange->answer.verdict == NET_WIRE_NEED_MORE) {
        if (exchange->has_ended)
            return broken(exchange, "connection closed");
        err = wait_and_receive(exchange, POLLIN, "waiting for the answer of");
    }
    return err;
}

/* NULL: the connection may be used again. */
static const char *close_why(const exchange_t *exchange, const base_err_t *err)
{
    if (err)
        return err->words;
    if (exchange->is_early)
        return "answered before the request was sent";
    if (exchange->has_surplus)
        return "bytes behind the answer";
    if (exchange->request->is_sound &&
        !exchange->request->is_sound(exchange->request->judge, exchange->response))
        return "the answer is not of this peer's kind";
    return exchange->answer.keep_alive ? NULL : "the peer wishes so";
}

static void fill(net_http_response_t *response, const net_wire_answer_t *answer)
{
    response->status = answer->status;
    response->headers = answer->headers;
    response->header_count = answer->header_count;
    response->body = answer->body;
    response->body_len = answer->body_len;
    response->map = answer->content.map;
}

static base_err_t *run(exchange_t *exchange, net_conn_pool_t *conns, const base_call_t *call)
{
    const net_http_request_t *request = exchange->request;
    const net_conn_pool_want_t want = {.deadline = request->deadline, .fresh = request->fresh};
    base_text_t text;
    base_err_t *err = write_request(&text, request, exchange->pool);

    if (!err)
        err = net_conn_pool_take(&exchange->conn, conns, &want, call, exchange->pool);
    if (err)
        return err;
    exchange->response->reused = exchange->conn->is_reused;
    net_wire_init(&exchange->answer, request->answer_max, exchange->pool);
    err = send_all(exchange, &text);
    if (!err)
        err = receive_all(exchange);
    if (err)
        net_body_unmap(exchange->answer.content.map);
    else
        fill(exchange->response, &exchange->answer);
    net_conn_pool_put(conns, exchange->conn, close_why(exchange, err), call);
    return err;
}

base_err_t *net_http_send(net_http_response_t *response, void *sender,
                          const net_http_request_t *request, const base_call_t *call,
                          apr_pool_t *pool)
{
    net_conn_pool_t *conns = sender;
    exchange_t exchange = {
        .request = request, .response = response, .name = net_conn_pool_name(conns), .pool = pool};
    apr_time_t start = call->trace ? base_call_clock() : 0;
    base_err_t *err;

    memset(response, 0, sizeof(*response));
    response->body = "";
    base_call_trace(call, 1, "exchange with %s: %s, %" APR_SIZE_T_FMT " bytes", exchange.name,
                    request->method, request->body_len);
    err = run(&exchange, conns, call);
    if (call->trace)
        base_call_trace(
            call, 1, "exchange with %s: %s %d, %" APR_SIZE_T_FMT " bytes in %" APR_TIME_T_FMT " us",
            exchange.name, err ? base_err_kind_name(err->kind) : "status", response->status,
            response->body_len, base_call_clock() - start);
    return err;
}

void net_http_forget(net_http_response_t *response)
{
    net_body_unmap(response->map);
    response->map = NULL;
    response->body = "";
    response->body_len = 0;
}

const char *net_http_header(const net_http_response_t *response, const char *name)
{
    int i;

    /* Most names differ in their first letter, whose case is one bit. */
    for (i = 0; i < response->header_count; i++) {
        const char *known = response->headers[i].name;

        if (!((*known ^ *name) & ~0x20) && !strcasecmp(known, name))
            return response->headers[i].value;
    }
    return NULL;
}
