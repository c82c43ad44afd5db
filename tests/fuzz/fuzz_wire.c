/* SPDX-License-Identifier: Apache-2.0 */
/* net/wire: an answer fed whole and the same one in pieces give one verdict. The first byte chooses
 * the pieces' lengths. */
#include "fuzz.h"

#include <string.h>

#include "net/wire.h"

#define BODY_MAX 1000

/* A block of its own for every piece: reading beyond it is seen. */
static net_wire_verdict_e feed_piece(net_wire_answer_t *answer, apr_size_t *taken,
                                     const char *bytes, apr_size_t len)
{
    char *piece = malloc(len ? len : 1);
    net_wire_verdict_e verdict;

    if (!piece)
        abort();
    memcpy(piece, bytes, len);
    verdict = net_wire_feed(answer, taken, piece, len);
    free(piece);
    return verdict;
}

static net_wire_verdict_e feed_pieces(net_wire_answer_t *answer, apr_size_t *consumed,
                                      const char *bytes, apr_size_t len, unsigned seed)
{
    net_wire_verdict_e verdict = NET_WIRE_NEED_MORE;
    apr_size_t piece, taken;

    *consumed = 0;
    while (*consumed < len && verdict == NET_WIRE_NEED_MORE) {
        seed = seed * 1103515245u + 12345u;
        piece = 1 + (seed >> 16) % (seed & 0x8000 ? 3 : 40);
        if (piece > len - *consumed)
            piece = len - *consumed;
        verdict = feed_piece(answer, &taken, bytes + *consumed, piece);
        fuzz_require(taken <= piece, "no more is consumed than was fed");
        fuzz_require(taken == piece || verdict != NET_WIRE_NEED_MORE, "all is consumed");
        *consumed += taken;
    }
    return verdict;
}

static void compare(const net_wire_answer_t *whole, const net_wire_answer_t *pieces)
{
    int i;

    fuzz_require(whole->status == pieces->status, "the same status");
    fuzz_require(whole->keep_alive == pieces->keep_alive, "the same keep-alive");
    fuzz_require(whole->header_count == pieces->header_count, "as many headers");
    for (i = 0; i < whole->header_count; i++) {
        fuzz_require(!strcmp(whole->headers[i].name, pieces->headers[i].name), "the same names");
        fuzz_require(!strcmp(whole->headers[i].value, pieces->headers[i].value), "the same values");
        fuzz_require(!strpbrk(whole->headers[i].value, "\r\n"), "a value is one line");
    }
    fuzz_require(whole->body_len == pieces->body_len, "as long a body");
    fuzz_require(!memcmp(whole->body, pieces->body, whole->body_len), "the same body");
}

void fuzz_input(const char *bytes, apr_size_t len, apr_pool_t *pool)
{
    net_wire_answer_t whole, pieces;
    apr_size_t whole_consumed, consumed;
    net_wire_verdict_e verdict;

    if (len < 1)
        return;
    net_wire_init(&whole, BODY_MAX, pool);
    net_wire_init(&pieces, BODY_MAX, pool);
    verdict = net_wire_feed(&whole, &whole_consumed, bytes + 1, len - 1);
    fuzz_require(feed_pieces(&pieces, &consumed, bytes + 1, len - 1, (unsigned char)*bytes) ==
                     verdict,
                 "the same verdict");
    fuzz_require((verdict == NET_WIRE_BROKEN) == (whole.why != NULL), "a broken answer has words");
    if (verdict == NET_WIRE_COMPLETE) {
        fuzz_require(consumed == whole_consumed, "the same end");
        fuzz_require(whole.status >= 200 && whole.status <= 599, "a final status");
        fuzz_require(whole.body_len <= BODY_MAX, "the ceiling of the body");
        fuzz_require(whole.body[whole.body_len] == '\0', "a NUL behind the body");
        fuzz_require(whole.header_count <= NET_WIRE_HEADERS_MAX, "the ceiling of headers");
        compare(&whole, &pieces);
    }
    fuzz_require(whole.content.len <= BODY_MAX, "no more is kept than allowed");
}
