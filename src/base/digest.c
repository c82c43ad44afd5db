/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 of whichever provider OpenSSL 3 chooses, so that a machine-wide FIPS provider is
 * honoured, and HMAC composed over it (RFC 2104 section 2: H(K ^ opad, H(K ^ ipad, text))).
 *
 * The provider's functions are called as EVP calls them (provider-digest(7)), since EVP of OpenSSL
 * 3.0 gives each initialisation another context: an allocation for each digest, and four contexts
 * for each HMAC. The state behind a key's block can't be kept for the same reason: to hash the
 * block again is cheaper than a duplicate of a context.
 */
#include "base/digest.h"

#include <pthread.h>
#include <string.h>

#include <openssl/core_dispatch.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/provider.h>

#define BLOCK_BYTES 64 /* of SHA-256 */
#define KIT_MAX 32     /* taken for the time of a few hashes, so never by many threads at once */

struct base_digest_t {
    EVP_MD *method; /* holds the provider */
    OSSL_FUNC_digest_newctx_fn *newctx;
    OSSL_FUNC_digest_freectx_fn *freectx;
    OSSL_FUNC_digest_init_fn *init;
    OSSL_FUNC_digest_update_fn *update;
    OSSL_FUNC_digest_final_fn *final;
    void *context;
    int in_kit;
};

struct base_digest_kit_t {
    base_digest_t digests[KIT_MAX];
    base_digest_t *spare[KIT_MAX]; /* a stack of those that nobody has */
    int spare_count;
    int has_lock; /* without one nothing is shared */
    pthread_mutex_t lock;
};

static void take_functions(base_digest_t *digest, const OSSL_DISPATCH *functions)
{
    for (; functions->function_id; functions++) {
        switch (functions->function_id) {
        case OSSL_FUNC_DIGEST_NEWCTX:
            digest->newctx = OSSL_FUNC_digest_newctx(functions);
            break;
        case OSSL_FUNC_DIGEST_FREECTX:
            digest->freectx = OSSL_FUNC_digest_freectx(functions);
            break;
        case OSSL_FUNC_DIGEST_INIT:
            digest->init = OSSL_FUNC_digest_init(functions);
            break;
        case OSSL_FUNC_DIGEST_UPDATE:
            digest->update = OSSL_FUNC_digest_update(functions);
            break;
        case OSSL_FUNC_DIGEST_FINAL:
            digest->final = OSSL_FUNC_digest_final(functions);
            break;
        default:
            break;
        }
    }
}

/* Is the method among these, which are separated by colons? All are names of one thing. */
static int is_named(const EVP_MD *method, const char *names)
{
    char name[64];
    apr_size_t len = strcspn(names, ":");

    if (len >= sizeof(name))
        return 0;
    memcpy(name, names, len);
    name[len] = '\0';
    return EVP_MD_is_a(method, name);
}

/* The functions of the method's own provider. */
static void find_functions(base_digest_t *digest)
{
    const OSSL_PROVIDER *provider = EVP_MD_get0_provider(digest->method);
    const OSSL_ALGORITHM *list, *entry;
    int no_cache = 0;

    list = provider ? OSSL_PROVIDER_query_operation(provider, OSSL_OP_DIGEST, &no_cache) : NULL;
    for (entry = list; entry && entry->algorithm_names; entry++) {
        if (is_named(digest->method, entry->algorithm_names)) {
            take_functions(digest, entry->implementation);
            break;
        }
    }
    if (list)
        OSSL_PROVIDER_unquery_operation(provider, OSSL_OP_DIGEST, list);
}

static apr_status_t release(void *data)
{
    base_digest_t *digest = data;

    if (digest->context)
        digest->freectx(digest->context);
    digest->context = NULL;
    EVP_MD_free(digest->method);
    digest->method = NULL;
    return APR_SUCCESS;
}

/* 1, or 0 and nothing is held. */
static int prepare(base_digest_t *digest)
{
    digest->context = NULL;
    digest->method = EVP_MD_fetch(NULL, "SHA256", NULL);
    if (!digest->method)
        return 0;
    find_functions(digest);
    if (digest->newctx && digest->freectx && digest->init && digest->update && digest->final)
        digest->context =
            digest->newctx(OSSL_PROVIDER_get0_provider_ctx(EVP_MD_get0_provider(digest->method)));
    if (digest->context)
        return 1;
    EVP_MD_free(digest->method);
    digest->method = NULL;
    return 0;
}

base_digest_t *base_digest_make(apr_pool_t *pool)
{
    base_digest_t *digest = apr_pcalloc(pool, sizeof(*digest));

    if (!prepare(digest))
        return NULL;
    apr_pool_cleanup_register(pool, digest, release, apr_pool_cleanup_null);
    return digest;
}

static int begin(base_digest_t *digest)
{
    return digest->init(digest->context, NULL);
}

static int add(base_digest_t *digest, const void *bytes, apr_size_t len)
{
    return len == 0 || digest->update(digest->context, bytes, len);
}

static int end(unsigned char sum[BASE_DIGEST_BYTES], base_digest_t *digest)
{
    apr_size_t len = 0;

    return digest->final(digest->context, sum, &len, BASE_DIGEST_BYTES) && len == BASE_DIGEST_BYTES;
}

int base_digest_sha256(unsigned char sum[BASE_DIGEST_BYTES], base_digest_t *digest,
                       const void *bytes, apr_size_t len)
{
    return begin(digest) && add(digest, bytes, len) && end(sum, digest);
}

/* Begin with the block, each of its bytes changed. */
static int begin_block(base_digest_t *digest, unsigned char block[BLOCK_BYTES],
                       unsigned char change)
{
    int i;

    for (i = 0; i < BLOCK_BYTES; i++)
        block[i] ^= change;
    return begin(digest) && add(digest, block, BLOCK_BYTES);
}

int base_digest_hmac(unsigned char mac[BASE_DIGEST_BYTES], base_digest_t *digest,
                     const base_digest_part_t *key, const base_digest_part_t *parts, int count)
{
    const unsigned char ipad = 0x36, opad = 0x5c;
    unsigned char block[BLOCK_BYTES] = {0}, inner[BASE_DIGEST_BYTES];
    int i, done = 1;

    if (key->len > sizeof(block))
        done = base_digest_sha256(block, digest, key->bytes, key->len);
    else if (key->len > 0)
        memcpy(block, key->bytes, key->len);
    done = done && begin_block(digest, block, ipad);
    for (i = 0; done && i < count; i++)
        done = add(digest, parts[i].bytes, parts[i].len);
    done = done && end(inner, digest) && begin_block(digest, block, ipad ^ opad) &&
           add(digest, inner, sizeof(inner)) && end(mac, digest);
    OPENSSL_cleanse(block, sizeof(block));
    return done;
}

/* --- digests that threads share --------------------------------------------------------------- */

static apr_status_t release_kit(void *data)
{
    base_digest_kit_t *kit = data;
    int i;

    for (i = 0; i < KIT_MAX; i++)
        release(&kit->digests[i]);
    if (kit->has_lock)
        pthread_mutex_destroy(&kit->lock);
    return APR_SUCCESS;
}

base_digest_kit_t *base_digest_kit_make(apr_pool_t *pool)
{
    base_digest_kit_t *kit = apr_pcalloc(pool, sizeof(*kit));

    kit->has_lock = pthread_mutex_init(&kit->lock, NULL) == 0;
    while (kit->has_lock && kit->spare_count < KIT_MAX) {
        base_digest_t *digest = &kit->digests[kit->spare_count];

        digest->in_kit = 1;
        kit->spare[kit->spare_count++] = digest;
    }
    apr_pool_cleanup_register(pool, kit, release_kit, apr_pool_cleanup_null);
    return kit;
}

base_digest_t *base_digest_take(base_digest_kit_t *kit, apr_pool_t *pool)
{
    base_digest_t *digest = NULL;

    if (!kit->has_lock)
        return base_digest_make(pool);
    pthread_mutex_lock(&kit->lock);
    if (kit->spare_count > 0)
        digest = kit->spare[--kit->spare_count];
    pthread_mutex_unlock(&kit->lock);
    if (!digest)
        return base_digest_make(pool);
    if (digest->context || prepare(digest))
        return digest;
    base_digest_give(kit, digest);
    return NULL;
}

void base_digest_give(base_digest_kit_t *kit, base_digest_t *digest)
{
    if (!digest->in_kit)
        return; /* its pool frees it */
    pthread_mutex_lock(&kit->lock);
    kit->spare[kit->spare_count++] = digest;
    pthread_mutex_unlock(&kit->lock);
}
