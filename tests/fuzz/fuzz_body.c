/* SPDX-License-Identifier: Apache-2.0 */
/* Bodies of POST and PUT. The first byte chooses how it is judged. */
#include "fuzz.h"

#include <string.h>

#include "items/check.h"

static apr_size_t characters(const dynamo_table_bytes_t *value)
{
    apr_size_t count = 0, i;

    for (i = 0; i < value->len; i++)
        count += ((unsigned char)value->bytes[i] & 0xc0) != 0x80;
    return count;
}

static void judge_fields(const items_item_fields_t *fields, int is_new)
{
    int i;

    for (i = 0; i < ITEMS_ITEM_FIELDS; i++) {
        const dynamo_table_bytes_t *value = &fields->value[i];

        fuzz_require(value->bytes || !is_new, "a new item has all its fields");
        fuzz_require(!value->bytes || base_scan_is_utf8(value->bytes, value->len),
                     "a field is valid UTF-8");
    }
    if (fields->value[ITEMS_ITEM_NAME].bytes) {
        fuzz_require(fields->value[ITEMS_ITEM_NAME].len > 0, "a name is not empty");
        fuzz_require(characters(&fields->value[ITEMS_ITEM_NAME]) <= ITEMS_CHECK_NAME_MAX,
                     "a name has a ceiling");
    }
    if (fields->value[ITEMS_ITEM_STATUS].bytes)
        fuzz_require(characters(&fields->value[ITEMS_ITEM_STATUS]) <= ITEMS_CHECK_STATUS_MAX,
                     "a status has a ceiling");
}

void fuzz_input(const char *bytes, apr_size_t len, apr_pool_t *pool)
{
    items_check_rules_t rules;
    items_reply_error_t error;
    items_item_fields_t fields;
    dynamo_table_bytes_t body;
    items_reply_t reply = {0};
    base_scan_t scan;

    if (len < 1)
        return;
    rules.is_new = bytes[0] & 1;
    rules.strict = (bytes[0] >> 1) & 1;
    body.bytes = bytes + 1;
    body.len = len - 1;
    memset(&error, 0, sizeof(error));
    if (items_check_body(&fields, &error, &body, &rules, pool)) {
        judge_fields(&fields, rules.is_new);
        return;
    }
    fuzz_require(error.problem != ITEMS_PROBLEM_NONE && error.words != NULL, "a refusal says why");
    items_reply_error(&reply, &error, pool);
    base_scan_init(&scan, reply.body, reply.body_len, 8);
    base_scan_skip(&scan, NULL);
    fuzz_require(base_scan_end(&scan), "an error body is JSON");
}
