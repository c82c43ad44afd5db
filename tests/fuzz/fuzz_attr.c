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

static void judge(const dynamo_attr_t *attr, apr_size_t source_len)
{
    base_scan_kind_e kind;
    base_scan_span_t whole;
    base_scan_t scan;

    fuzz_require(attr->len <= source_len, "plain JSON is longer than its source");
    base_scan_init(&scan, attr->json, attr->len, DYNAMO_ATTR_DEPTH);
    kind = base_scan_peek(&scan);
    fuzz_require(!strcmp(attr->type, "BOOL") ? kind == BASE_SCAN_TRUE || kind == BASE_SCAN_FALSE
                                             : kind == kind_of(attr->type),
                 "a value of another kind than its type says");
    base_scan_skip(&scan, &whole);
    fuzz_require(base_scan_end(&scan) && whole.len == attr->len, "plain JSON is not JSON");
    if (!strcmp(attr->type, "S"))
        fuzz_require(attr->string.ptr == attr->json + 1 && attr->string.len == attr->len - 2,
                     "a string is not what stands between its quotes");
    if (!strcmp(attr->type, "N"))
        fuzz_require(attr->string.ptr == attr->json && attr->string.len == attr->len &&
                         !attr->string.escaped,
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
        judge(&attr, (apr_size_t)(scan.pos - before));
    }
    fuzz_require(scan.why || scan.depth == 0, "the map ended without its bracket");
}
