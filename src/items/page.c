/* SPDX-License-Identifier: Apache-2.0 */
/* The form of a page token, base64url of:
 *
 *     version (1) | key id (4) | issued, seconds (8) | position (1 to 2048) | MAC (32)
 *
 * The MAC is HMAC-SHA256 over a label, the length-prefixed context (table, index,
 * direction, tenant, filter, projection) and everything in front of it. It is
 * compared in full and in constant time before anything inside is looked at, and
 * base64url is decoded strictly, so that a token has one spelling. The key id
 * tells an operator which key sealed a token; opening tries all keys, of which
 * there are a few. The MAC key is derived from the configured key under a label,
 * so that the same file may serve another purpose later.
 */
#include "items/page.h"

#include <string.h>

#include "base/hash.h"
#include "base/scan.h"
#include "items/check.h"

#define VERSION 1
#define KEY_ID_LEN 4
#define TIME_LEN 8
#define HEAD_LEN (1 + KEY_ID_LEN + TIME_LEN)
#define MAC_LEN BASE_HASH_SHA256_BYTES
#define BYTES_MAX (HEAD_LEN + ITEMS_ITEM_ID_MAX + MAC_LEN)
#define TEXT_MAX ((BYTES_MAX * 4 + 2) / 3)
#define PLAIN_MAX 16384 /* characters of a plain token: an id, each byte escaped as \u00xx */
#define AHEAD_MAX apr_time_from_sec(300) /* clocks of several servers differ */

static const char key_id_label[] = "mod_items page key id";
static const char mac_key_label[] = "mod_items page token key";
static const char mac_label[] = "mod_items page token 1";

#define CONTEXT_FIELDS 6
#define PARTS_MAX (1 + 2 * CONTEXT_FIELDS + 1)

static void put_number(unsigned char *to, apr_uint64_t number, int len)
{
    while (len-- > 0) {
        to[len] = (unsigned char)number;
        number >>= 8;
    }
}

static apr_uint64_t get_number(const unsigned char *from, int len)
{
    apr_uint64_t number = 0;

    while (len-- > 0)
        number = number << 8 | *from++;
    return number;
}

static int make_key_id(unsigned char id[KEY_ID_LEN], const items_page_key_t *key, apr_pool_t *pool)
{
    unsigned char digest[BASE_HASH_SHA256_BYTES];
    apr_size_t label_len = strlen(key_id_label);
    unsigned char *bytes = apr_palloc(pool, label_len + key->len);
    int done;

    memcpy(bytes, key_id_label, label_len);
    memcpy(bytes + label_len, key->bytes, key->len);
    done = base_hash_sha256(digest, bytes, label_len + key->len);
    base_hash_wipe(bytes, label_len + key->len);
    memcpy(id, digest, KEY_ID_LEN);
    return done;
}

/* The MAC of head and position under key and context. */
static int make_mac(unsigned char mac[MAC_LEN], const items_page_key_t *key,
                    const items_page_context_t *context, const unsigned char *bytes, apr_size_t len)
{
    const char *const fields[CONTEXT_FIELDS] = {context->table,     context->index,
                                                context->direction, context->tenant,
                                                context->filter,    context->projection};
    const base_hash_part_t derive = {mac_key_label, strlen(mac_key_label)};
    unsigned char mac_key[BASE_HASH_SHA256_BYTES];
    unsigned char lengths[CONTEXT_FIELDS][4];
    base_hash_part_t parts[PARTS_MAX];
    int count = 0, i, done;

    parts[count++] = (base_hash_part_t){mac_label, strlen(mac_label)};
    for (i = 0; i < CONTEXT_FIELDS; i++) {
        apr_size_t field_len = strlen(fields[i]);

        put_number(lengths[i], field_len, 4);
        parts[count++] = (base_hash_part_t){lengths[i], 4};
        parts[count++] = (base_hash_part_t){fields[i], field_len};
    }
    parts[count++] = (base_hash_part_t){bytes, len};
    done = base_hash_hmac(mac_key, key->bytes, key->len, &derive, 1) &&
           base_hash_hmac(mac, mac_key, sizeof(mac_key), parts, count);
    base_hash_wipe(mac_key, sizeof(mac_key));
    return done;
}

static base_err_t *crypto_failed(apr_pool_t *pool)
{
    return base_err_make(BASE_ERR_INTERNAL, 0, pool, "the crypto library failed on a page token");
}

static base_err_t *refuse(apr_pool_t *pool, const char *why)
{
    return base_err_make(BASE_ERR_INVALID, 0, pool, "%s", why);
}

base_err_t *items_page_seal(const char **token, const items_page_scope_t *scope,
                            const dynamo_table_bytes_t *position, apr_pool_t *pool)
{
    unsigned char *bytes, *pos;

    *token = NULL;
    if (scope->key_count < 1 || position->len < 1 || position->len > ITEMS_ITEM_ID_MAX)
        return base_err_make(BASE_ERR_INTERNAL, 0, pool,
                             "nothing to seal: %d keys, a position of %" APR_SIZE_T_FMT " bytes",
                             scope->key_count, position->len);
    bytes = pos = apr_palloc(pool, HEAD_LEN + position->len + MAC_LEN);
    *pos++ = VERSION;
    if (!make_key_id(pos, &scope->keys[0], pool))
        return crypto_failed(pool);
    pos += KEY_ID_LEN;
    put_number(pos, (apr_uint64_t)apr_time_sec(scope->now), TIME_LEN);
    pos += TIME_LEN;
    memcpy(pos, position->bytes, position->len);
    pos += position->len;
    if (!make_mac(pos, &scope->keys[0], &scope->context, bytes, (apr_size_t)(pos - bytes)))
        return crypto_failed(pool);
    *token = base_hash_base64url(bytes, HEAD_LEN + position->len + MAC_LEN, pool);
    return NULL;
}

/* Which key sealed these bytes? NULL for none; every key is tried. */
static base_err_t *find_key(const items_page_key_t **key, const items_page_scope_t *scope,
                            const unsigned char *bytes, apr_size_t len, apr_pool_t *pool)
{
    unsigned char mac[MAC_LEN];
    int i;

    *key = NULL;
    for (i = 0; i < scope->key_count; i++) {
        if (!make_mac(mac, &scope->keys[i], &scope->context, bytes, len))
            return crypto_failed(pool);
        if (base_hash_equal(mac, bytes + len, MAC_LEN) && !*key)
            *key = &scope->keys[i];
    }
    return NULL;
}

static base_err_t *open_sealed(dynamo_table_bytes_t *position, const items_page_scope_t *scope,
                               const char *token, apr_size_t token_len, apr_pool_t *pool)
{
    unsigned char key_id[KEY_ID_LEN];
    const items_page_key_t *key;
    unsigned char *bytes;
    apr_size_t len;
    apr_uint64_t issued;
    apr_time_t since;
    base_err_t *err;

    if (token_len > TEXT_MAX)
        return refuse(pool, "a page token that is too long");
    bytes = base_hash_base64url_decode(&len, token, token_len, pool);
    if (!bytes || len <= HEAD_LEN + MAC_LEN || len > BYTES_MAX)
        return refuse(pool, "a page token that is none");
    len -= MAC_LEN;
    err = find_key(&key, scope, bytes, len, pool);
    if (err)
        return err;
    if (!key)
        return refuse(pool, "a page token that no key sealed for this query");
    if (!make_key_id(key_id, key, pool))
        return crypto_failed(pool);
    issued = get_number(bytes + 1 + KEY_ID_LEN, TIME_LEN);
    if (bytes[0] != VERSION || memcmp(bytes + 1, key_id, KEY_ID_LEN) != 0 ||
        issued > APR_INT64_MAX / APR_USEC_PER_SEC)
        return refuse(pool, "a page token of another form");
    since = scope->now - apr_time_from_sec((apr_time_t)issued);
    if (since > scope->age || since < -AHEAD_MAX)
        return refuse(pool, "a page token that is too old, or of the future");
    position->bytes = (const char *)bytes + HEAD_LEN;
    position->len = len - HEAD_LEN;
    return NULL;
}

/* base64 in either alphabet, with or without padding: the original took whatever Node's Buffer
 * takes, and clients have stored such tokens. */
static unsigned char *decode_plain(apr_size_t *len, const char *token, apr_size_t token_len,
                                   apr_pool_t *pool)
{
    char *text = apr_palloc(pool, token_len + 1);
    apr_size_t i, padding = 0;

    for (i = 0; i < token_len; i++) {
        text[i] = token[i];
        if (token[i] == '+')
            text[i] = '-';
        else if (token[i] == '/')
            text[i] = '_';
    }
    text[token_len] = '\0';
    while (token_len % 4 == 0 && padding < 2 && token_len > padding &&
           text[token_len - padding - 1] == '=')
        padding++;
    return base_hash_base64url_decode(len, text, token_len - padding, pool);
}

/* The original's token: base64 of the key as JSON, {"id":"…"}. */
static base_err_t *open_plain(dynamo_table_bytes_t *position, const char *token,
                              apr_size_t token_len, apr_pool_t *pool)
{
    base_scan_span_t name, id;
    base_scan_t scan;
    unsigned char *text;
    apr_size_t len = 0;
    int is_key;

    text = token_len <= PLAIN_MAX ? decode_plain(&len, token, token_len, pool) : NULL;
    if (!text)
        return refuse(pool, "a page token that is neither sealed nor base64");
    base_scan_init(&scan, (const char *)text, len, 1);
    is_key = base_scan_enter(&scan, BASE_SCAN_OBJECT) && base_scan_member(&scan, &name) &&
             base_scan_equals(&name, "id") && base_scan_string(&scan, &id) &&
             !base_scan_member(&scan, &name) && base_scan_end(&scan);
    if (!is_key)
        return refuse(pool, "a plain page token that is no key");
    position->bytes = base_scan_decode(&position->len, &id, pool);
    if (!items_check_id(position->bytes, position->len))
        return refuse(pool, "a plain page token whose id is none");
    return NULL;
}

base_err_t *items_page_open(dynamo_table_bytes_t *position, const items_page_scope_t *scope,
                            const char *token, apr_size_t len, apr_pool_t *pool)
{
    base_err_t *err = open_sealed(position, scope, token, len, pool);

    if (err && err->kind == BASE_ERR_INVALID && scope->plain)
        err = open_plain(position, token, len, pool);
    return err;
}
