/* SPDX-License-Identifier: Apache-2.0 */
/* Attribute maps of the store: what is taken becomes one JSON object without anything of ours. */
#include "fuzz.h"

#include <string.h>

#include "items/item.h"

void fuzz_input(const char *bytes, apr_size_t len, apr_pool_t *pool)
{
    items_item_taker_t taker;
    base_scan_span_t name;
    base_text_t text;
    base_scan_t scan;

    base_text_init(&text, 64, 1 << 20, pool);
    items_item_taker_init(&taker, &text, NULL, pool);
    base_scan_init(&scan, bytes, len, DYNAMO_ATTR_DEPTH);
    if (!items_item_take(&taker, &scan)) {
        fuzz_require(scan.why != NULL, "a refusal says why");
        return;
    }
    base_scan_init(&scan, text.data, text.len, DYNAMO_ATTR_DEPTH);
    fuzz_require(base_scan_enter(&scan, BASE_SCAN_OBJECT), "an item is an object");
    while (base_scan_member(&scan, &name)) {
        apr_size_t name_len;
        const char *decoded = base_scan_decode(&name_len, &name, pool);

        fuzz_require(name_len < strlen(ITEMS_ITEM_OWN) ||
                         memcmp(decoded, ITEMS_ITEM_OWN, strlen(ITEMS_ITEM_OWN)) != 0,
                     "nothing of ours is shown");
        base_scan_skip(&scan, NULL);
    }
    fuzz_require(base_scan_end(&scan), "an item is valid JSON");
}
