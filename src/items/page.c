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
 * so that the same file may serve another purpose later. Both are derived when the keys
 * are made ready.
 */
#include "items/page.h"

#include <string.h>

#include "base/digest.h"
#include "base/hash.h"
#include "base/scan.h"
#include "items/check.h"

#define VERSION 1
#define KEY_ID_LEN 4
#define TIME_LEN 8
#define HEAD_LEN (1 + KEY_ID_LEN + TIME_LEN)
#define MAC_LEN BASE_DIGEST_BYTES
#define BYTES_MAX (HEAD_LEN + ITEMS_ITEM_ID_MAX + MAC_LEN)
#define TEXT_MAX ((BYTES_MAX * 4 + 2) / 3)
#define PLAIN_MAX 16384 /* characters of a plain token: an id, each byte escaped as \u00xx */
#define AHEAD_MAX apr_time_from_sec(300) /* clocks of several servers differ */

static const char key_id_label[] = "mod_items page key id";
static const char mac_key_label[] = "mod_items page token key";
static const char mac_label[] = "mod_items page token 1";

typedef struct {
    unsigned char id[KEY_ID_LEN];
    unsigned char mac_key[BASE_DIGEST_BYTES];
} ready_t;

struct items_page_keys_t {
    ready_t *ready;
    int count;
    int is_broken; /* the crypto library refused */
    base_digest_kit_t *digests;
};

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

static int make_key_id(unsigned char id[KEY_ID_LEN], base_digest_t *digest,
                       const items_page_key_t *key, apr_pool_t *pool)
{
    unsigned char sum[BASE_DIGEST_BYTES];
    apr_size_t label_len = strlen(key_id_label);
    unsigned char *bytes = apr_palloc(pool, label_len + key->len);
    int done;

    memcpy(bytes, key_id_label, label_len);
    memcpy(bytes + label_len, key->bytes, key->len);
    done = base_digest_sha256(sum, digest, bytes, label_len + key->len);
    base_hash_wipe(bytes, label_len + key->len);
    memcpy(id, sum, KEY_ID_LEN);
    return done;
}

static int make_ready(ready_t *ready, base_digest_t *digest, const items_page_key_t *key,
                      apr_pool_t *pool)
{
    const base_digest_part_t label = {mac_key_label, strlen(mac_key_label)};
    const base_digest_part_t bytes = {key->bytes, key->len};

    return make_key_id(ready->id, digest, key, pool) &&
           base_digest_hmac(ready->mac_key, digest, &bytes, &label, 1);
}

items_page_keys_t *items_page_keys_make(const items_page_key_t *keys, int count, apr_pool_t *pool)
{
    items_page_keys_t *made = apr_pcalloc(pool, sizeof(*made));
    base_digest_t *digest;
    int i;

    made->digests = base_digest_kit_make(pool);
    made->ready = apr_pcalloc(pool, (apr_size_t)count * sizeof(*made->ready));
    made->count = count;
    digest = base_digest_take(made->digests, pool);
    made->is_broken = !digest;
    for (i = 0; i < count && !made->is_broken; i++)
        made->is_broken = !make_ready(&made->ready[i], digest, &keys[i], pool);
    if (digest)
        base_digest_give(made->digests, digest);
    return made;
}

/* The MAC of head and position under key and context. */
static int make_mac(unsigned char mac[MAC_LEN], base_digest_t *digest, const ready_t *key,
                    const items_page_context_t *context, const unsigned char *bytes, apr_size_t len)
{
    const char *const fields[CONTEXT_FIELDS] = {context->table,     context->index,
                                                context->direction, context->tenant,
                                                context->filter,    context->projection};
    const base_digest_part_t mac_key = {key->mac_key, sizeof(key->mac_key)};
    unsigned char lengths[CONTEXT_FIELDS][4];
    base_digest_part_t parts[PARTS_MAX];
    int count = 0, i;

    parts[count++] = (base_digest_part_t){mac_label, strlen(mac_label)};
    for (i = 0; i < CONTEXT_FIELDS; i++) {
        apr_size_t field_len = strlen(fields[i]);

        put_number(lengths[i], field_len, 4);
        parts[count++] = (base_digest_part_t){lengths[i], 4};
        parts[count++] = (base_digest_part_t){fields[i], field_len};
    }
    parts[count++] = (base_digest_part_t){bytes, len};
    return base_digest_hmac(mac, digest, &mac_key, parts, count);
}

static base_err_t *crypto_failed(apr_pool_t *pool)
{
    return base_err_make(BASE_ERR_INTERNAL, 0, pool, "the crypto library failed on a page token");
}

static base_err_t *refuse(apr_pool_t *pool, const char *why)
{
    return base_err_make(BASE_ERR_INVALID, 0, pool, "%s", why);
}

/* What is sealed: everything but the MAC, which has its room behind; *end is where that begins. */
static unsigned char *put_content(unsigned char **end, const items_page_scope_t *scope,
                                  const dynamo_table_bytes_t *position, apr_pool_t *pool)
{
    unsigned char *bytes = apr_palloc(pool, HEAD_LEN + position->len + MAC_LEN);
    unsigned char *pos = bytes;

    *pos++ = VERSION;
    memcpy(pos, scope->keys->ready[0].id, KEY_ID_LEN);
    pos += KEY_ID_LEN;
    put_number(pos, (apr_uint64_t)apr_time_sec(scope->now), TIME_LEN);
    pos += TIME_LEN;
    memcpy(pos, position->bytes, position->len);
    *end = pos + position->len;
    return bytes;
}

base_err_t *items_page_seal(const char **token, const items_page_scope_t *scope,
                            const dynamo_table_bytes_t *position, apr_pool_t *pool)
{
    const items_page_keys_t *keys = scope->keys;
    unsigned char *bytes, *end;
    base_digest_t *digest;
    int done;

    *token = NULL;
    if (keys->count < 1 || position->len < 1 || position->len > ITEMS_ITEM_ID_MAX)
        return base_err_make(BASE_ERR_INTERNAL, 0, pool,
                             "nothing to seal: %d keys, a position of %" APR_SIZE_T_FMT " bytes",
                             keys->count, position->len);
    digest = keys->is_broken ? NULL : base_digest_take(keys->digests, pool);
    if (!digest)
        return crypto_failed(pool);
    bytes = put_content(&end, scope, position, pool);
    done =
        make_mac(end, digest, &keys->ready[0], &scope->context, bytes, (apr_size_t)(end - bytes));
    base_digest_give(keys->digests, digest);
    if (!done)
        return crypto_failed(pool);
    *token = base_hash_base64url(bytes, HEAD_LEN + position->len + MAC_LEN, pool);
    return NULL;
}

/* Which key sealed these bytes? NULL for none; every key is tried. */
static base_err_t *find_key(const ready_t **key, const items_page_scope_t *scope,
                            const unsigned char *bytes, apr_size_t len, apr_pool_t *pool)
{
    const items_page_keys_t *keys = scope->keys;
    base_digest_t *digest = keys->is_broken ? NULL : base_digest_take(keys->digests, pool);
    unsigned char mac[MAC_LEN];
    int i, done = 1;

    *key = NULL;
    if (!digest)
        return crypto_failed(pool);
    for (i = 0; i < keys->count && done; i++) {
        done = make_mac(mac, digest, &keys->ready[i], &scope->context, bytes, len);
        if (done && base_hash_equal(mac, bytes + len, MAC_LEN) && !*key)
            *key = &keys->ready[i];
    }
    base_digest_give(keys->digests, digest);
    return done ? NULL : crypto_failed(pool);
}

static base_err_t *open_sealed(dynamo_table_bytes_t *position, const items_page_scope_t *scope,
                               const char *token, apr_size_t token_len, apr_pool_t *pool)
{
    const ready_t *key;
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
    issued = get_number(bytes + 1 + KEY_ID_LEN, TIME_LEN);
    if (bytes[0] != VERSION || memcmp(bytes + 1, key->id, KEY_ID_LEN) != 0 ||
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
