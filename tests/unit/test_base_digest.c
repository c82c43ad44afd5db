/* SPDX-License-Identifier: Apache-2.0 */
/* Published vectors: SHA-256 (FIPS 180-4 examples), HMAC (RFC 4231). Then the keys of every length
 * against OpenSSL's own HMAC, and digests that threads share. */
#include "unit.h"

#include "base/digest.h"

#include <string.h>

#include <apr_strings.h>
#include <apr_thread_proc.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/hash.h"

static const char *hex_of(const unsigned char *bytes, apr_size_t len)
{
    char *hex = apr_palloc(unit_pool, 2 * len + 1);

    base_hash_hex(hex, bytes, len);
    return hex;
}

START_TEST(sha256)
{
    base_digest_t *digest = base_digest_make(unit_pool);
    unsigned char sum[BASE_DIGEST_BYTES];
    const struct {
        const char *text, *hex;
    } cases[] = {{"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
                 {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
                 {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
                 {unit_repeat('a', 1000000),
                  "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"}};
    apr_size_t i;

    for (i = 0; i < sizeof cases / sizeof *cases; i++) {
        ck_assert(base_digest_sha256(sum, digest, cases[i].text, strlen(cases[i].text)));
        ck_assert_str_eq(hex_of(sum, sizeof sum), cases[i].hex);
    }
}
END_TEST

/* RFC 4231 section 4, cases 1 to 4, 6 and 7 (5 is a truncated MAC), and an empty key and message.
 */
START_TEST(hmac)
{
    base_digest_t *digest = base_digest_make(unit_pool);
    base_digest_part_t key = {NULL, 0};
    unsigned char mac[BASE_DIGEST_BYTES];
    const struct {
        const char *key, *text, *hex;
    } cases[] = {
        {unit_repeat(0x0b, 20), "Hi There",
         "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
        {"Jefe", "what do ya want for nothing?",
         "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
        {unit_repeat((char)0xaa, 20), unit_repeat((char)0xdd, 50),
         "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
        {"\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\x12\x13\x14\x15\x16"
         "\x17\x18\x19",
         unit_repeat((char)0xcd, 50),
         "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
        {unit_repeat((char)0xaa, 131), "Test Using Larger Than Block-Size Key - Hash Key First",
         "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
        {unit_repeat((char)0xaa, 131),
         "This is a test using a larger than block-size key and a larger than block-size data. The "
         "key needs to be hashed before being used by the HMAC algorithm.",
         "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
        {"", "", "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"}};
    apr_size_t i, cut;

    for (i = 0; i < sizeof cases / sizeof *cases; i++) {
        apr_size_t len = strlen(cases[i].text);

        key.bytes = cases[i].key;
        key.len = strlen(cases[i].key);
        for (cut = 0; cut <= len; cut++) { /* parts are only a way to hand it over */
            base_digest_part_t parts[] = {
                {cases[i].text, cut}, {NULL, 0}, {cases[i].text + cut, len - cut}};

            memset(mac, 0, sizeof mac);
            ck_assert(base_digest_hmac(mac, digest, &key, parts, 3));
            ck_assert_str_eq(hex_of(mac, sizeof mac), cases[i].hex);
        }
    }
    key.bytes = NULL;
    key.len = 0;
    ck_assert(base_digest_hmac(mac, digest, &key, NULL, 0));
    ck_assert_str_eq(hex_of(mac, sizeof mac), cases[i - 1].hex);
}
END_TEST

/* Around the block's length a key is taken as it is or hashed; then what is left of one message
 * must not show in the next. */
START_TEST(as_openssl_for_every_key_length)
{
    base_digest_t *digest = base_digest_make(unit_pool);
    unsigned char key[150], mac[BASE_DIGEST_BYTES], expected[BASE_DIGEST_BYTES];
    apr_size_t len;

    for (len = 0; len < sizeof(key); len++)
        key[len] = (unsigned char)(7 * len);
    for (len = 0; len <= sizeof(key); len++) {
        const base_digest_part_t part = {key, len}, key_part = {key, len};
        unsigned int expected_len = 0;

        ck_assert(base_digest_hmac(mac, digest, &key_part, &part, 1));
        ck_assert_ptr_nonnull(HMAC(EVP_sha256(), key, (int)len, key, len, expected, &expected_len));
        ck_assert_mem_eq(mac, expected, sizeof(mac));
        ck_assert(base_digest_sha256(mac, digest, key, len));
        ck_assert(EVP_Digest(key, len, expected, NULL, EVP_sha256(), NULL));
        ck_assert_mem_eq(mac, expected, sizeof(mac));
    }
}
END_TEST

/* More than there are in a kit: each is another one, and the last come from the pool. */
START_TEST(a_kit_never_lends_one_twice)
{
    base_digest_kit_t *kit = base_digest_kit_make(unit_pool);
    base_digest_t *taken[100];
    unsigned char sum[BASE_DIGEST_BYTES];
    int i, k;

    for (i = 0; i < 100; i++) {
        taken[i] = base_digest_take(kit, unit_pool);
        ck_assert_ptr_nonnull(taken[i]);
        for (k = 0; k < i; k++)
            ck_assert_ptr_ne(taken[k], taken[i]);
        ck_assert(base_digest_sha256(sum, taken[i], "abc", 3));
    }
    for (i = 100; i-- > 0;)
        base_digest_give(kit, taken[i]);
    ck_assert_ptr_eq(base_digest_take(kit, unit_pool), taken[0]); /* the warmest */
}
END_TEST

#define THREADS 8
#define ROUNDS 2000

static void *APR_THREAD_FUNC hash_often(apr_thread_t *thread, void *kit)
{
    static const unsigned char abc[] = {0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea};
    unsigned char sum[BASE_DIGEST_BYTES];
    apr_pool_t *pool = apr_thread_pool_get(thread);
    int i, good = 0;

    for (i = 0; i < ROUNDS; i++) {
        base_digest_t *digest = base_digest_take(kit, pool);

        good +=
            digest && base_digest_sha256(sum, digest, "abc", 3) && !memcmp(sum, abc, sizeof(abc));
        base_digest_give(kit, digest);
    }
    apr_thread_exit(thread, good == ROUNDS ? APR_SUCCESS : APR_EGENERAL);
    return NULL;
}

START_TEST(threads_share_a_kit)
{
    base_digest_kit_t *kit = base_digest_kit_make(unit_pool);
    apr_thread_t *threads[THREADS];
    apr_status_t status;
    int i;

    for (i = 0; i < THREADS; i++)
        ck_assert_int_eq(apr_thread_create(&threads[i], NULL, hash_often, kit, unit_pool),
                         APR_SUCCESS);
    for (i = 0; i < THREADS; i++) {
        ck_assert_int_eq(apr_thread_join(&status, threads[i]), APR_SUCCESS);
        ck_assert_int_eq(status, APR_SUCCESS);
    }
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("base/digest");
    TCase *tcase = unit_case(suite, "digests");

    tcase_add_test(tcase, sha256);
    tcase_add_test(tcase, hmac);
    tcase_add_test(tcase, as_openssl_for_every_key_length);
    tcase = unit_case(suite, "kit");
    tcase_add_test(tcase, a_kit_never_lends_one_twice);
    tcase_add_test(tcase, threads_share_a_kit);
    return suite;
}
