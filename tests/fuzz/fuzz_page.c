/* SPDX-License-Identifier: Apache-2.0 */
/* Page tokens: the input as a token opens only if seal makes the very same one; the input as a
 * position comes back from its token, and from no other spelling of it. */
#include "fuzz.h"

#include <string.h>

#include <apr_strings.h>

#include "base/hash.h"
#include "items/check.h"
#include "items/page.h"

static const unsigned char key_bytes[] = "0123456789abcdef0123456789abcdef";
static const items_page_key_t key = {key_bytes, 32};

static items_page_scope_t scope_of(int plain, apr_pool_t *pool)
{
    items_page_scope_t scope = {.keys = items_page_keys_make(&key, 1, pool),
                                .context = {"items", "", "", "", "", ""},
                                .now = apr_time_from_sec(1700000000),
                                .age = apr_time_from_sec(86400),
                                .plain = plain};

    return scope;
}

static void judge_token(const char *token, apr_size_t len, apr_pool_t *pool)
{
    items_page_scope_t scope = scope_of(0, pool);
    dynamo_table_bytes_t position;
    const unsigned char *raw;
    const char *again;
    apr_size_t raw_len;
    int i;

    if (!items_page_open(&position, &scope, token, len, pool)) {
        raw = base_hash_base64url_decode(&raw_len, token, len, pool);
        for (scope.now = 0, i = 5; i < 13; i++)
            scope.now = scope.now << 8 | raw[i];
        scope.now = apr_time_from_sec(scope.now);
        fuzz_require(!items_page_seal(&again, &scope, &position, pool), "what opens can be sealed");
        fuzz_require(strlen(again) == len && memcmp(again, token, len) == 0,
                     "what opens is what seal makes");
    }
    scope = scope_of(1, pool);
    if (!items_page_open(&position, &scope, token, len, pool))
        fuzz_require(items_check_id(position.bytes, position.len), "a plain token holds an id");
}

static void judge_position(const char *bytes, apr_size_t len, apr_pool_t *pool)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const items_page_scope_t scope = scope_of(0, pool);
    const dynamo_table_bytes_t position = {bytes, len};
    dynamo_table_bytes_t opened;
    const char *token;
    char *other, *place;

    if (len < 1 || len > ITEMS_ITEM_ID_MAX)
        return;
    fuzz_require(!items_page_seal(&token, &scope, &position, pool), "a position can be sealed");
    fuzz_require(!items_page_open(&opened, &scope, token, strlen(token), pool), "a token opens");
    fuzz_require(opened.len == len && memcmp(opened.bytes, bytes, len) == 0,
                 "a position comes back");
    other = apr_pstrdup(pool, token);
    place = &other[(unsigned char)bytes[0] * 31U % strlen(other)];
    *place = digits[((unsigned char)bytes[len - 1] +
                     (*place == digits[(unsigned char)bytes[len - 1] % 64])) %
                    64];
    if (strcmp(other, token) != 0)
        fuzz_require(items_page_open(&opened, &scope, other, strlen(other), pool) != NULL,
                     "a changed token opens nothing");
}

void fuzz_input(const char *bytes, apr_size_t len, apr_pool_t *pool)
{
    judge_token(bytes, len, pool);
    judge_position(bytes, len, pool);
}
