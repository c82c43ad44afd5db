/* SPDX-License-Identifier: Apache-2.0 */
/* base/scan's promises: it ends; what skip accepts is UTF-8 and is what a walk accepts, with the
 * same fault otherwise; spans lie inside the text; every string decodes to UTF-8, and one that was
 * decoded and written again by base/text means the same. */
#include "fuzz.h"

#include "base/scan.h"

#include <string.h>

#include "base/text.h"

#define DEPTH 24

static void check_span(const base_scan_t *scan, const base_scan_span_t *span)
{
    fuzz_require(span->ptr >= scan->text && span->ptr <= scan->end &&
                     span->len <= (apr_size_t)(scan->end - span->ptr),
                 "a span lies inside the text");
}

static void check_string(const base_scan_t *scan, const base_scan_span_t *span, apr_pool_t *pool)
{
    apr_size_t len, again_len;
    const char *bytes, *again;
    base_scan_span_t written;
    base_scan_t second;
    base_text_t text;

    check_span(scan, span);
    bytes = base_scan_decode(&len, span, pool);
    fuzz_require(len <= span->len, "a string never means more bytes than it has");
    fuzz_require(base_scan_is_utf8(bytes, len), "a decoded string is UTF-8");
    base_text_init(&text, len, 6 * len + 2, pool);
    base_text_put_json(&text, bytes, len);
    fuzz_require(!text.full, "six times the length and the quotes are enough");
    base_scan_init(&second, text.data, text.len, 0);
    fuzz_require(base_scan_string(&second, &written) && base_scan_end(&second),
                 "a written string is a string");
    again = base_scan_decode(&again_len, &written, pool);
    fuzz_require(again_len == len && memcmp(again, bytes, len) == 0, "and means the same");
}

/* What wrapped takes, the long way takes as well, with the same string. */
static void check_wrapped(base_scan_t scan)
{
    base_scan_t wrapped = scan;
    base_scan_span_t name, one, other;

    if (!base_scan_wrapped(&wrapped, 'S', &one)) {
        fuzz_require(wrapped.why || wrapped.pos == scan.pos, "what is not taken stays");
        return;
    }
    fuzz_require(base_scan_enter(&scan, BASE_SCAN_OBJECT) && base_scan_member(&scan, &name) &&
                     base_scan_equals(&name, "S") && base_scan_string(&scan, &other) &&
                     !base_scan_member(&scan, &name) && !scan.why,
                 "what wrapped takes is an object with one string");
    fuzz_require(one.ptr == other.ptr && one.len == other.len && one.escaped == other.escaped &&
                     wrapped.pos == scan.pos && wrapped.depth == scan.depth &&
                     wrapped.fresh == scan.fresh,
                 "and leaves the scan as the long way does");
}

/* Recursive, which src may not be: DEPTH bounds it. */
static void walk(base_scan_t *scan, apr_pool_t *pool)
{
    base_scan_span_t span;
    base_scan_kind_e kind = base_scan_peek(scan);

    check_wrapped(*scan);
    if (kind == BASE_SCAN_OBJECT && base_scan_enter(scan, kind)) {
        while (base_scan_member(scan, &span)) {
            check_string(scan, &span, pool);
            walk(scan, pool);
        }
    } else if (kind == BASE_SCAN_ARRAY && base_scan_enter(scan, kind)) {
        while (base_scan_element(scan))
            walk(scan, pool);
    } else if (kind == BASE_SCAN_STRING && base_scan_string(scan, &span)) {
        check_string(scan, &span, pool);
    } else if (kind == BASE_SCAN_NUMBER && base_scan_number(scan, &span)) {
        check_span(scan, &span);
        fuzz_require(span.len > 0, "a number has digits");
    } else if (kind == BASE_SCAN_TRUE || kind == BASE_SCAN_FALSE || kind == BASE_SCAN_NULL) {
        base_scan_literal(scan, kind);
    }
}

void fuzz_input(const char *bytes, apr_size_t len, apr_pool_t *pool)
{
    base_scan_t skipped, walked;
    base_scan_span_t span;
    int good;

    base_scan_init(&skipped, bytes, len, DEPTH);
    if (base_scan_skip(&skipped, &span))
        check_span(&skipped, &span);
    good = base_scan_end(&skipped);
    fuzz_require(good == !skipped.why, "an answer and a fault exclude each other");
    fuzz_require(skipped.fault <= len, "a fault lies inside the text");
    fuzz_require(!good || base_scan_is_utf8(bytes, len), "an accepted text is UTF-8");
    fuzz_require(!good || (span.len > 0 && skipped.depth == 0), "an accepted text has a value");

    base_scan_init(&walked, bytes, len, DEPTH);
    walk(&walked, pool);
    fuzz_require(base_scan_end(&walked) == good, "a walk accepts what skip accepts");
    fuzz_require(walked.fault == skipped.fault && walked.why == skipped.why,
                 "and finds the same fault");
}
