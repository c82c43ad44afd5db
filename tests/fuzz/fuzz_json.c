/* SPDX-License-Identifier: Apache-2.0 */
/* base/json's promises: it takes exactly what the scanner takes at that depth, except for U+0000
 * in a member's name; every scalar member is found again with its text, the last of a name. */
#include "fuzz.h"

#include "base/json.h"

#include <string.h>

#include <apr_strings.h>

#define DEPTH 24

/* Does a member's name hold U+0000 anywhere? Recursive, bounded by DEPTH. */
static int has_nul_name(base_scan_t *scan, apr_pool_t *pool)
{
    base_scan_kind_e kind = base_scan_peek(scan);
    base_scan_span_t name;
    apr_size_t len;
    int found = 0;

    if (kind == BASE_SCAN_OBJECT && base_scan_enter(scan, kind)) {
        while (base_scan_member(scan, &name)) {
            const char *bytes = base_scan_decode(&len, &name, pool);

            found |= memchr(bytes, '\0', len) != NULL;
            found |= has_nul_name(scan, pool);
        }
    } else if (kind == BASE_SCAN_ARRAY && base_scan_enter(scan, kind)) {
        while (base_scan_element(scan))
            found |= has_nul_name(scan, pool);
    } else {
        base_scan_skip(scan, NULL);
    }
    return found;
}

/* What the text says about the last member of that name. */
static void last_member(base_scan_kind_e *kind, base_scan_span_t *span, const char *name,
                        base_scan_t scan, apr_pool_t *pool)
{
    base_scan_span_t at;
    apr_size_t len;

    base_scan_enter(&scan, BASE_SCAN_OBJECT);
    while (base_scan_member(&scan, &at)) {
        const char *bytes = base_scan_decode(&len, &at, pool);
        int same = len == strlen(name) && memcmp(bytes, name, len) == 0;
        base_scan_kind_e here = base_scan_peek(&scan);

        if (here == BASE_SCAN_STRING)
            base_scan_string(&scan, &at);
        else
            base_scan_skip(&scan, &at);
        if (same) {
            *kind = here;
            *span = at;
        }
    }
}

static void check_members(const base_json_t *tree, const char *bytes, apr_size_t len,
                          apr_pool_t *pool)
{
    base_scan_t names;
    base_scan_span_t written;
    apr_size_t name_len;
    int i;

    base_scan_init(&names, bytes, len, DEPTH);
    base_scan_enter(&names, BASE_SCAN_OBJECT);
    for (i = 0; i < 64 && base_scan_member(&names, &written); i++) {
        const char *unescaped = base_scan_decode(&name_len, &written, pool), *expected, *text;
        const char *name = apr_pstrmemdup(pool, unescaped, name_len);
        base_scan_kind_e kind = BASE_SCAN_BAD;
        base_scan_span_t span = {"", 0, 0};
        apr_size_t expected_len, text_len;
        base_json_t value;
        base_scan_t scan;

        base_scan_skip(&names, NULL);
        base_scan_init(&scan, bytes, len, DEPTH);
        last_member(&kind, &span, name, scan, pool);
        fuzz_require(base_json_find(&value, tree, name), "a name is found");
        fuzz_require(value.kind == kind, "a member is of the last one's kind");
        if (kind != BASE_SCAN_STRING && kind != BASE_SCAN_NUMBER)
            continue;
        expected = base_scan_decode(&expected_len, &span, pool);
        text = base_json_text(&text_len, &value);
        fuzz_require(text_len == expected_len && memcmp(text, expected, text_len) == 0,
                     "a member's text is kept");
    }
}

void fuzz_input(const char *bytes, apr_size_t len, apr_pool_t *pool)
{
    base_scan_t scan, names, taking;
    base_json_t tree;
    apr_size_t text_len;
    base_scan_span_t span;
    int good, nul;

    base_scan_init(&taking, bytes, len, DEPTH);
    base_json_take(&tree, &taking, pool);
    base_scan_end(&taking);
    base_scan_init(&names, bytes, len, DEPTH);
    nul = has_nul_name(&names, pool);
    base_scan_init(&scan, bytes, len, DEPTH);
    good = base_scan_skip(&scan, &span) && base_scan_end(&scan);
    fuzz_require(!taking.why == (good && !nul), "the tree takes what the scanner takes");
    if (taking.why) {
        fuzz_require(taking.fault <= len, "a fault lies inside the text");
        fuzz_require(nul || (taking.fault == scan.fault && strcmp(taking.why, scan.why) == 0),
                     "a refusal is the scanner's");
        return;
    }
    base_scan_init(&scan, bytes, len, DEPTH);
    fuzz_require(tree.kind == base_scan_peek(&scan), "the root is of its kind");
    if (tree.kind == BASE_SCAN_OBJECT) {
        check_members(&tree, bytes, len, pool);
    } else if (tree.kind == BASE_SCAN_NUMBER) {
        const char *text = base_json_text(&text_len, &tree);

        fuzz_require(text_len == span.len && memcmp(text, span.ptr, text_len) == 0,
                     "a number's text is kept");
    }
}
