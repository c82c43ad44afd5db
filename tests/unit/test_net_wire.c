/* SPDX-License-Identifier: Apache-2.0 */
/* net/wire: what is written byte for byte; which answers are taken, and that every other is not. */
#include "unit.h"

#include <string.h>

#include <apr_strings.h>

#include "net/wire.h"

#define H "HTTP/1.1 200 OK\r\n"

/* --- requests ---------------------------------------------------------------------------- */

static base_text_t *text_of(apr_size_t max)
{
    base_text_t *text = apr_palloc(unit_pool, sizeof(*text));

    base_text_init(text, 64, max, unit_pool);
    return text;
}

START_TEST(writes_a_request_in_one_text)
{
    static const char expected[] =
        "POST /a?b=c HTTP/1.1\r\nHost: host:8000\r\nX-Amz-Target: T.GetItem\r\nEmpty: \r\n"
        "Content-Length: 3\r\n\r\n{\0}";
    base_text_t *text = text_of(1000);

    ck_assert_ptr_null(net_wire_put_line(text, "POST", "/a?b=c", "host:8000"));
    ck_assert_ptr_null(net_wire_put_header(text, "X-Amz-Target", "T.GetItem"));
    ck_assert_ptr_null(net_wire_put_header(text, "Empty", ""));
    ck_assert_ptr_null(net_wire_put_body(text, "{\0}", 3));
    ck_assert_uint_eq(text->len, sizeof(expected) - 1);
    ck_assert_mem_eq(text->data, expected, sizeof(expected) - 1);
}
END_TEST

START_TEST(writes_no_length_without_a_body)
{
    base_text_t *text = text_of(1000);

    ck_assert_ptr_null(net_wire_put_line(text, "GET", "/", "h"));
    ck_assert_ptr_null(net_wire_put_body(text, NULL, 0));
    ck_assert_str_eq(text->data, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    text = text_of(1000);
    ck_assert_ptr_null(net_wire_put_body(text, "", 0));
    ck_assert_str_eq(text->data, "Content-Length: 0\r\n\r\n");
}
END_TEST

START_TEST(refuses_what_would_end_a_line)
{
    static const char *const names[] = {"", "a b", "a:", "a\r", "\xc3\xa9", "a\n"};
    static const char *const values[] = {"a\r\nb", "a\n", "\r", "a\x01", "\x7f"};
    static const char *const targets[] = {"", "x", "/ ", "/\r\n", "/a#b", "/\xc3\xa9", "http://h/"};
    static const char *const methods[] = {"", "GE T", "HEAD", "CONNECT", "GET\r\n"};
    base_text_t *text = text_of(1000);
    apr_size_t i;

    for (i = 0; i < sizeof(names) / sizeof(*names); i++)
        ck_assert_ptr_nonnull(net_wire_put_header(text, names[i], "v"));
    for (i = 0; i < sizeof(values) / sizeof(*values); i++) {
        ck_assert_ptr_nonnull(net_wire_put_header(text, "n", values[i]));
        ck_assert_ptr_nonnull(net_wire_put_line(text_of(1000), "GET", "/", values[i]));
    }
    for (i = 0; i < sizeof(targets) / sizeof(*targets); i++)
        ck_assert_ptr_nonnull(net_wire_put_line(text, "GET", targets[i], "h"));
    for (i = 0; i < sizeof(methods) / sizeof(*methods); i++)
        ck_assert_ptr_nonnull(net_wire_put_line(text, methods[i], "/", "h"));
    ck_assert_uint_eq(text->len, 0);
    ck_assert_ptr_null(net_wire_put_header(text, "n", "\t\xc3\xa9"));
}
END_TEST

/* Each byte at each place of names and values of each length: looked at eight at a time or not. */
START_TEST(judges_every_byte)
{
    static const char token[] = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "abcdefghijklmnopqrstuvwxyz";
    base_text_t *text = text_of(60);
    char bytes[20];
    int c, is_token, is_field;
    apr_size_t len, at;

    for (c = 1; c < 256; c++) {
        is_token = strchr(token, c) != NULL;
        is_field = (c >= 0x20 && c != 0x7f) || c == '\t';
        for (len = 1; len < sizeof(bytes); len++) {
            for (at = 0; at < len; at++) {
                memset(bytes, 'a', len);
                bytes[len] = '\0';
                bytes[at] = (char)c;
                text->len = 0;
                ck_assert_int_eq(net_wire_put_header(text, bytes, "v") == NULL, is_token);
                ck_assert_uint_eq(text->len, is_token ? len + 5 : 0);
                text->len = 0;
                ck_assert_int_eq(net_wire_put_header(text, "n", bytes) == NULL, is_field);
            }
        }
    }
}
END_TEST

START_TEST(says_when_a_request_is_too_long)
{
    ck_assert_ptr_nonnull(net_wire_put_line(text_of(10), "GET", "/", "host"));
    ck_assert_ptr_nonnull(net_wire_put_header(text_of(5), "name", "value"));
    ck_assert_ptr_nonnull(net_wire_put_body(text_of(23), "body", 4));
    ck_assert_ptr_null(net_wire_put_body(text_of(25), "body", 4));
}
END_TEST

/* --- responses --------------------------------------------------------------------------- */

/* Feed in pieces of `piece` bytes, each in a block of its own. */
static net_wire_verdict_e feed(net_wire_answer_t *answer, apr_size_t *consumed, const char *bytes,
                               apr_size_t len, apr_size_t piece, apr_size_t body_max)
{
    net_wire_verdict_e verdict = NET_WIRE_NEED_MORE;
    apr_size_t taken;

    net_wire_init(answer, body_max, unit_pool);
    *consumed = 0;
    while (*consumed < len && verdict == NET_WIRE_NEED_MORE) {
        if (piece > len - *consumed)
            piece = len - *consumed;
        verdict =
            net_wire_feed(answer, &taken, apr_pmemdup(unit_pool, bytes + *consumed, piece), piece);
        *consumed += taken;
    }
    return verdict;
}

typedef struct {
    const char *bytes;
    int status;
    const char *body;
    int keep_alive;
} good_t;

static const good_t goods[] = {
    {H "Content-Length: 5\r\n\r\nhello", 200, "hello", 1},
    {H "content-LENGTH:0\r\n\r\n", 200, "", 1},
    {H "Content-Length: \t 2 \t\r\n\r\n{}", 200, "{}", 1},
    {H "Content-Length: 2\r\nContent-Length: 02\r\n\r\n{}", 200, "{}", 1},
    {H "Content-Length: 2\r\nConnection: close\r\n\r\n{}", 200, "{}", 0},
    {H "Content-Length: 2\r\nConnection: Keep-Alive,\tCLOSE ,\r\n\r\n{}", 200, "{}", 0},
    {H "Content-Length: 2\r\nConnection: closed, keep-alive\r\n\r\n{}", 200, "{}", 1},
    {H "Content-Length: 2\r\nContent-Encoding: Identity\r\n\r\n{}", 200, "{}", 1},
    {H "Content-Length: 2\r\nX: \x80\xff\t~\r\nEmpty:\r\n\r\n{}", 200, "{}", 1},
    {"HTTP/1.0 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\n{}", 200, "{}", 0},
    {"HTTP/1.1 400\r\nContent-Length: 2\r\n\r\n{}", 400, "{}", 1},
    {"HTTP/1.1 599 \r\nContent-Length: 2\r\n\r\n{}", 599, "{}", 1},
    {"HTTP/1.1 204 No Content\r\n\r\n", 204, "", 1},
    {"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n", 204, "", 1},
    {"HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", 204, "", 0},
    {"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", 304, "", 1},
    {"HTTP/1.1 100 Continue\r\n\r\n" H "Content-Length: 2\r\n\r\n{}", 200, "{}", 1},
    {"HTTP/1.1 103 Early\r\nLink: x\r\nContent-Length: 9\r\n\r\n" H "Content-Length: 2\r\n\r\n{}",
     200, "{}", 1},
    {H "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", 200, "hello", 1},
    {H "Transfer-Encoding: Chunked\r\n\r\n003\r\nhel\r\n00002 ;a=\"b\"\r\nlo\r\n0;x\r\n\r\n", 200,
     "hello", 1},
    {H "Transfer-Encoding: chunked\r\n\r\nA\r\n0123456789\r\n0\r\nCheck: sum\r\nMore: x\r\n\r\n",
     200, "0123456789", 1},
    {H "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 200, "", 1},
};

START_TEST(takes_what_is_well_formed)
{
    const good_t *good = &goods[_i];
    apr_size_t len = strlen(good->bytes), piece, consumed;
    net_wire_answer_t answer;

    for (piece = 1; piece <= len; piece++) {
        ck_assert_int_eq(feed(&answer, &consumed, good->bytes, len, piece, 10), NET_WIRE_COMPLETE);
        ck_assert_uint_eq(consumed, len);
        ck_assert_int_eq(answer.status, good->status);
        ck_assert_str_eq(answer.body, good->body);
        ck_assert_uint_eq(answer.body_len, strlen(good->body));
        ck_assert_int_eq(answer.keep_alive, good->keep_alive);
    }
    /* Nothing less is complete, and what follows is left to the caller. */
    ck_assert_int_eq(feed(&answer, &consumed, good->bytes, len - 1, 7, 10), NET_WIRE_NEED_MORE);
    ck_assert_int_eq(feed(&answer, &consumed, apr_pstrcat(unit_pool, good->bytes, "HTTP", NULL),
                          len + 4, len + 4, 10),
                     NET_WIRE_COMPLETE);
    ck_assert_uint_eq(consumed, len);
}
END_TEST

static const char *const bads[] = {
    /* not HTTP/1.x */
    "<html>hello</html>",
    "\x16\x03\x01",
    "\r\n" H "Content-Length: 0\r\n\r\n",
    "HTTP/2 200\r\n\r\n",
    "HTTP/1.2 200 OK\r\nContent-Length: 0\r\n\r\n",
    "http/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.1  200 OK\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.1 2000\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.1 099 x\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.1 600 x\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.1 101 Switching Protocols\r\n\r\n",
    "HTTP/1.1 200 O\x01K\r\nContent-Length: 0\r\n\r\n",
    /* lines */
    "HTTP/1.1 200 OK\nContent-Length: 0\n\n",
    H "Content-Length: 0\n\r\n",
    H "Content-Length: 0\r\n\n",
    H "X: a\rb\r\nContent-Length: 0\r\n\r\n",
    H "X: a\r\n b\r\nContent-Length: 0\r\n\r\n",
    H " X: a\r\nContent-Length: 0\r\n\r\n",
    H "X : a\r\nContent-Length: 0\r\n\r\n",
    H ": a\r\nContent-Length: 0\r\n\r\n",
    H "X\r\nContent-Length: 0\r\n\r\n",
    H "X\x80: a\r\nContent-Length: 0\r\n\r\n",
    H "X: \x7f\r\nContent-Length: 0\r\n\r\n",
    /* framing */
    H "\r\nhello",
    H "Connection: close\r\n\r\nhello",
    H "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
    H "Content-Length: 5, 5\r\n\r\nhello",
    H "Content-Length: +5\r\n\r\nhello",
    H "Content-Length: -5\r\n\r\nhello",
    H "Content-Length: 0x5\r\n\r\nhello",
    H "Content-Length: 5 5\r\n\r\nhello",
    H "Content-Length:\r\n\r\nhello",
    H "Content-Length: 18446744073709551621\r\n\r\nhello",
    H "Content-Length: 99999999999999999999999999\r\n\r\nhello",
    H "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    H "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
    H "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    H "Transfer-Encoding: identity\r\n\r\n0\r\n\r\n",
    H "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "HTTP/1.1 204 x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "HTTP/1.1 100 x\r\nTransfer-Encoding: chunked\r\n\r\n" H "Content-Length: 0\r\n\r\n",
    H "Content-Length: 5\r\nContent-Encoding: gzip\r\n\r\nhello",
    /* chunks */
    H "Transfer-Encoding: chunked\r\n\r\n\r\n",
    H "Transfer-Encoding: chunked\r\n\r\ng\r\n",
    H "Transfer-Encoding: chunked\r\n\r\n-1\r\n",
    H "Transfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n",
    H "Transfer-Encoding: chunked\r\n\r\n5 \r\nhello\r\n0\r\n\r\n",
    H "Transfer-Encoding: chunked\r\n\r\n5\nhello\r\n0\r\n\r\n",
    H "Transfer-Encoding: chunked\r\n\r\n5;\x01\r\nhello\r\n0\r\n\r\n",
    H "Transfer-Encoding: chunked\r\n\r\n4\r\nhello\r\n0\r\n\r\n",
    H "Transfer-Encoding: chunked\r\n\r\n5\r\nhello0\r\n\r\n",
    H "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\n0\r\n\r\n",
    H "Transfer-Encoding: chunked\r\n\r\n00000000000000005\r\nhello\r\n0\r\n\r\n",
    H "Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nhello",
    H "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nno trailer\r\n\r\n",
    H "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n folded: x\r\n\r\n",
    /* more than ten bytes */
    H "Content-Length: 11\r\n\r\n",
    H "Transfer-Encoding: chunked\r\n\r\nb\r\n",
    H "Transfer-Encoding: chunked\r\n\r\n6\r\n123456\r\n5\r\n",
};

START_TEST(refuses_everything_else)
{
    apr_size_t len = strlen(bads[_i]), piece, consumed;
    net_wire_answer_t answer;

    for (piece = 1; piece <= len; piece++) {
        ck_assert_msg(feed(&answer, &consumed, bads[_i], len, piece, 10) == NET_WIRE_BROKEN,
                      "taken: %s", bads[_i]);
        ck_assert_ptr_nonnull(answer.why);
        ck_assert_int_eq(net_wire_feed(&answer, &consumed, "x", 1), NET_WIRE_BROKEN);
        ck_assert_uint_eq(consumed, 0);
    }
}
END_TEST

START_TEST(refuses_nul_in_the_head)
{
    static const char status[] = "HTTP/1.1 200 O\0K\r\nContent-Length: 0\r\n\r\n";
    static const char name[] = H "X\0: a\r\nContent-Length: 0\r\n\r\n";
    static const char value[] = H "X: a\0b\r\nContent-Length: 0\r\n\r\n";
    net_wire_answer_t answer;
    apr_size_t n;

    ck_assert_int_eq(feed(&answer, &n, status, sizeof(status) - 1, 99, 10), NET_WIRE_BROKEN);
    ck_assert_int_eq(feed(&answer, &n, name, sizeof(name) - 1, 99, 10), NET_WIRE_BROKEN);
    ck_assert_int_eq(feed(&answer, &n, value, sizeof(value) - 1, 99, 10), NET_WIRE_BROKEN);
}
END_TEST

START_TEST(keeps_the_headers_of_the_final_head)
{
    static const char bytes[] = "HTTP/1.1 100 Continue\r\nGone: 1\r\n\r\n" H
                                "A: b c \r\nContent-Length: 0\r\nEmpty: \t\r\n\r\n";
    net_wire_answer_t answer;
    apr_size_t consumed;

    ck_assert_int_eq(feed(&answer, &consumed, bytes, sizeof(bytes) - 1, 3, 0), NET_WIRE_COMPLETE);
    ck_assert_int_eq(answer.header_count, 3);
    ck_assert_str_eq(answer.headers[0].name, "A");
    ck_assert_str_eq(answer.headers[0].value, "b c");
    ck_assert_str_eq(answer.headers[2].name, "Empty");
    ck_assert_str_eq(answer.headers[2].value, "");
}
END_TEST

/* `unit` repeated: what grows until a ceiling stops it. */
static char *repeat(const char *before, const char *unit, int count, const char *behind)
{
    base_text_t *text = text_of(1024 * 1024);

    base_text_put_str(text, before);
    while (count-- > 0)
        base_text_put_str(text, unit);
    base_text_put_str(text, behind);
    return text->data;
}

static net_wire_verdict_e verdict_of(const char *bytes, const char *why)
{
    net_wire_verdict_e whole, single;
    net_wire_answer_t answer;
    apr_size_t consumed;

    single = feed(&answer, &consumed, bytes, strlen(bytes), 1, 1000);
    whole = feed(&answer, &consumed, bytes, strlen(bytes), strlen(bytes), 1000);
    ck_assert_int_eq(whole, single);
    if (whole == NET_WIRE_BROKEN)
        ck_assert_str_eq(answer.why, why);
    return whole;
}

START_TEST(holds_its_ceilings)
{
    const char *end = "Content-Length: 0\r\n\r\n";
    const char *chunked = H "Transfer-Encoding: chunked\r\n\r\n";
    const char *interim = "HTTP/1.1 100 C\r\n\r\n";

    ck_assert_int_eq(verdict_of(repeat(H, "A: b\r\n", 63, end), ""), NET_WIRE_COMPLETE);
    ck_assert_int_eq(verdict_of(repeat(H, "A: b\r\n", 64, end), "too many headers"),
                     NET_WIRE_BROKEN);
    /* 17 + 3 + 2 bytes around the value, 21 behind it */
    ck_assert_int_eq(
        verdict_of(repeat(H "A: ", "x", 16384 - 43, apr_pstrcat(unit_pool, "\r\n", end, NULL)), ""),
        NET_WIRE_COMPLETE);
    ck_assert_int_eq(
        verdict_of(repeat(H "A: ", "x", 16384 - 42, apr_pstrcat(unit_pool, "\r\n", end, NULL)),
                   "the head is too large"),
        NET_WIRE_BROKEN);
    ck_assert_int_eq(verdict_of(repeat("HTTP/1.1 200 ", "x", 20000, ""), "the head is too large"),
                     NET_WIRE_BROKEN);
    ck_assert_int_eq(verdict_of(repeat("", interim, 8, H "Content-Length: 0\r\n\r\n"), ""),
                     NET_WIRE_COMPLETE);
    ck_assert_int_eq(verdict_of(repeat("", interim, 9, H "Content-Length: 0\r\n\r\n"),
                                "too many interim answers"),
                     NET_WIRE_BROKEN);
    ck_assert_int_eq(verdict_of(repeat(repeat("HTTP/1.1 100 ", "x", 9000, "\r\n\r\n"),
                                       "HTTP/1.1 100 ", 1, repeat("", "x", 9000, "\r\n\r\n")),
                                "the head is too large"),
                     NET_WIRE_BROKEN);
    ck_assert_int_eq(
        verdict_of(repeat(repeat(chunked, "1\r\nx\r\n", 1000, "0"), ";ext", 4000, "\r\n\r\n"), ""),
        NET_WIRE_COMPLETE);
    ck_assert_int_eq(verdict_of(repeat(chunked, "1\r\nx\r\n", 1001, ""), "the answer is too large"),
                     NET_WIRE_BROKEN);
    ck_assert_int_eq(verdict_of(repeat(chunked, "1;123456789012345678901234\r\nx\r\n", 700, ""),
                                "chunk extensions are too long"),
                     NET_WIRE_BROKEN);
    /* behind the head, extensions and trailers share a budget: all of it but the last CRLF */
    ck_assert_int_eq(
        verdict_of(repeat(apr_pstrcat(unit_pool, chunked, "0;", NULL), "x", 16384 - 3, "\r\n\r\n"),
                   ""),
        NET_WIRE_COMPLETE);
    ck_assert_int_eq(
        verdict_of(repeat(apr_pstrcat(unit_pool, chunked, "0;", NULL), "x", 16384, "\r\n\r\n"),
                   "chunk extensions are too long"),
        NET_WIRE_BROKEN);
    ck_assert_int_eq(
        verdict_of(repeat(apr_pstrcat(unit_pool, chunked, "0\r\n", NULL), "A: b\r\n", 64, "\r\n"),
                   ""),
        NET_WIRE_COMPLETE);
    ck_assert_int_eq(
        verdict_of(repeat(apr_pstrcat(unit_pool, chunked, "0\r\n", NULL), "A: b\r\n", 65, "\r\n"),
                   "too many trailers"),
        NET_WIRE_BROKEN);
    ck_assert_int_eq(
        verdict_of(repeat(apr_pstrcat(unit_pool, chunked, "0\r\nA: ", NULL), "x", 16384, "\r\n"),
                   "the trailers are too long"),
        NET_WIRE_BROKEN);
}
END_TEST

START_TEST(a_lying_length_costs_little)
{
    static const char head[] = H "Content-Length: 8000000\r\n\r\n";
    net_wire_answer_t answer;
    apr_size_t consumed;

    ck_assert_int_eq(feed(&answer, &consumed, head, sizeof(head) - 1, 99, 8 * 1024 * 1024),
                     NET_WIRE_NEED_MORE);
    ck_assert_uint_le(answer.content.room, 256 * 1024 + 1);
    ck_assert_uint_eq(answer.content.max, 8000000);
}
END_TEST

/* Grown once to what was announced: doubling would leave as much again behind in the pool. */
START_TEST(a_long_body_is_copied_once)
{
    static const char head[] = H "Content-Length: 8000000\r\n\r\n";
    apr_size_t head_len = sizeof(head) - 1, len = head_len + 256 * 1024 + 1, consumed;
    char *bytes = apr_palloc(unit_pool, len);
    net_wire_answer_t answer;

    memcpy(bytes, head, head_len);
    memset(bytes + head_len, 'x', len - head_len);
    ck_assert_int_eq(feed(&answer, &consumed, bytes, len, 16384, 8 * 1024 * 1024),
                     NET_WIRE_NEED_MORE);
    ck_assert_uint_eq(answer.content.len, 256 * 1024 + 1);
    ck_assert_uint_eq(answer.content.room, 8000000 + 1);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("net/wire");
    TCase *tcase = unit_case(suite, "request");

    tcase_add_test(tcase, writes_a_request_in_one_text);
    tcase_add_test(tcase, writes_no_length_without_a_body);
    tcase_add_test(tcase, refuses_what_would_end_a_line);
    tcase_add_test(tcase, judges_every_byte);
    tcase_add_test(tcase, says_when_a_request_is_too_long);
    tcase = unit_case(suite, "response");
    tcase_add_loop_test(tcase, takes_what_is_well_formed, 0, sizeof(goods) / sizeof(*goods));
    tcase_add_loop_test(tcase, refuses_everything_else, 0, sizeof(bads) / sizeof(*bads));
    tcase_add_test(tcase, refuses_nul_in_the_head);
    tcase_add_test(tcase, keeps_the_headers_of_the_final_head);
    tcase_add_test(tcase, holds_its_ceilings);
    tcase_add_test(tcase, a_lying_length_costs_little);
    tcase_add_test(tcase, a_long_body_is_copied_once);
    return suite;
}
