/* SPDX-License-Identifier: Apache-2.0 */
/* An attribute map of DynamoDB's to plain JSON. Promised: what is accepted is one valid JSON value
 * no longer than its source, and of the kind that its type says. */
#include "fuzz.h"

#include <string.h>

#include "base/scan.h"
#include "dynamo/attr.h"

static base_scan_kind_e kind_of(const char *type)
{
    if (!strcmp(type, "S") || !strcmp(type, "B"))
        return BASE_SCAN_STRING;
    if (!strcmp(type, "N"))
        return BASE_SCAN_NUMBER;
    if (!strcmp(type, "M"))
        return BASE_SCAN_OBJECT;
    if (!strcmp(type, "NULL"))
        return BASE_SCAN_NULL;
    return BASE_SCAN_ARRAY; /* lists and sets */
}

static void judge(const dynamo_attr_t *attr, apr_size_t source_len, apr_pool_t *pool)
{
    base_scan_kind_e kind;
    base_scan_span_t whole, string;
    base_scan_t scan;
    base_text_t text;

    base_text_init(&text, 0, source_len, pool);
    dynamo_attr_put_plain(&text, attr);
    fuzz_require(!text.full, "plain JSON is longer than its source");
    base_scan_init(&scan, text.data, text.len, DYNAMO_ATTR_DEPTH);
    kind = base_scan_peek(&scan);
    fuzz_require(!strcmp(attr->type, "BOOL") ? kind == BASE_SCAN_TRUE || kind == BASE_SCAN_FALSE
                                             : kind == kind_of(attr->type),
                 "a value of another kind than its type says");
    base_scan_skip(&scan, &whole);
    fuzz_require(base_scan_end(&scan) && whole.len == text.len, "plain JSON is not JSON");
    if (!strcmp(attr->type, "S")) {
        base_scan_init(&scan, text.data, text.len, 0);
        fuzz_require(base_scan_string(&scan, &string) && string.len == dynamo_attr_text(attr).len &&
                         string.escaped == dynamo_attr_text(attr).escaped &&
                         !memcmp(string.ptr, dynamo_attr_text(attr).ptr, string.len),
                     "a string is not what stands between its quotes");
    }
    if (!strcmp(attr->type, "N"))
        fuzz_require(dynamo_attr_text(attr).len == text.len && !dynamo_attr_text(attr).escaped,
                     "digits are not the number");
}

void fuzz_input(const char *bytes, apr_size_t len, apr_pool_t *pool)
{
    base_scan_t scan;
    dynamo_attr_t attr;

    base_scan_init(&scan, bytes, len, DYNAMO_ATTR_DEPTH);
    if (!base_scan_enter(&scan, BASE_SCAN_OBJECT))
        return;
    for (;;) {
        const char *before = scan.pos;

        if (!dynamo_attr_next(&attr, &scan, pool))
            break;
        fuzz_require(scan.depth == 1, "not back in the map after an attribute");
        judge(&attr, (apr_size_t)(scan.pos - before), pool);
    }
    fuzz_require(scan.why || scan.depth == 0, "the map ended without its bracket");
}
