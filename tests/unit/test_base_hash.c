/* SPDX-License-Identifier: Apache-2.0 */
/* Published vectors: SHA-256 (FIPS 180-4 examples), HMAC (RFC 4231), base64 (RFC 4648 section 10),
 * CRC-32 (its check value). Then what the vectors leave out: parts, strictness, every table entry.
 */
#include "unit.h"

#include "base/hash.h"

#include <string.h>

#include <apr_strings.h>

static const char *hex_of(const unsigned char *bytes, apr_size_t len)
{
    char *hex = apr_palloc(unit_pool, 2 * len + 1);

    base_hash_hex(hex, bytes, len);
    return hex;
}

static const char *repeat(char c, apr_size_t count)
{
    char *bytes = apr_palloc(unit_pool, count + 1);

    memset(bytes, c, count);
    bytes[count] = '\0';
    return bytes;
}

START_TEST(sha256)
{
    unsigned char digest[BASE_HASH_SHA256_BYTES];
    const struct {
        const char *text, *hex;
    } cases[] = {
        {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
        {repeat('a', 1000000), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"}};
    apr_size_t i;

    for (i = 0; i < sizeof cases / sizeof *cases; i++) {
        ck_assert(base_hash_sha256(digest, cases[i].text, strlen(cases[i].text)));
        ck_assert_str_eq(hex_of(digest, sizeof digest), cases[i].hex);
    }
}
END_TEST

/* RFC 4231 section 4, cases 1 to 4, 6 and 7 (5 is a truncated MAC), and an empty key and message.
 */
START_TEST(hmac)
{
    unsigned char mac[BASE_HASH_SHA256_BYTES];
    const struct {
        const char *key, *text, *hex;
    } cases[] = {
        {repeat(0x0b, 20), "Hi There",
         "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
        {"Jefe", "what do ya want for nothing?",
         "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
        {repeat((char)0xaa, 20), repeat((char)0xdd, 50),
         "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
        {"\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\x12\x13\x14\x15\x16"
         "\x17\x18\x19",
         repeat((char)0xcd, 50),
         "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
        {repeat((char)0xaa, 131), "Test Using Larger Than Block-Size Key - Hash Key First",
         "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
        {repeat((char)0xaa, 131),
         "This is a test using a larger than block-size key and a larger than block-size data. The "
         "key needs to be hashed before being used by the HMAC algorithm.",
         "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
        {"", "", "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"}};
    apr_size_t i, cut;

    for (i = 0; i < sizeof cases / sizeof *cases; i++) {
        apr_size_t len = strlen(cases[i].text);

        for (cut = 0; cut <= len; cut++) { /* parts are only a way to hand it over */
            base_hash_part_t parts[] = {
                {cases[i].text, cut}, {NULL, 0}, {cases[i].text + cut, len - cut}};

            memset(mac, 0, sizeof mac);
            ck_assert(base_hash_hmac(mac, cases[i].key, strlen(cases[i].key), parts, 3));
            ck_assert_str_eq(hex_of(mac, sizeof mac), cases[i].hex);
        }
    }
    ck_assert(base_hash_hmac(mac, NULL, 0, NULL, 0));
    ck_assert_str_eq(hex_of(mac, sizeof mac), cases[i - 1].hex);
}
END_TEST

START_TEST(hex)
{
    char text[7] = "??????";

    base_hash_hex(text, (const unsigned char *)"\x00\xfa\x9c", 3);
    ck_assert_str_eq(text, "00fa9c");
    base_hash_hex(text, NULL, 0);
    ck_assert_str_eq(text, "");
}
END_TEST

static const struct {
    const char *bytes;
    apr_size_t len;
    const char *url, *standard;
} codes[] = {{"", 0, "", ""},
             {"f", 1, "Zg", "Zg=="},
             {"fo", 2, "Zm8", "Zm8="},
             {"foo", 3, "Zm9v", "Zm9v"},
             {"foob", 4, "Zm9vYg", "Zm9vYg=="},
             {"fooba", 5, "Zm9vYmE", "Zm9vYmE="},
             {"foobar", 6, "Zm9vYmFy", "Zm9vYmFy"},
             {"\xfb\xff\xbf", 3, "-_-_", "+/+/"},
             {"\x00", 1, "AA", "AA=="},
             {"\xff\xff", 2, "__8", "//8="}};

START_TEST(base64_both_ways)
{
    const unsigned char *bytes = (const unsigned char *)codes[_i].bytes, *back;
    apr_size_t len = 99;

    ck_assert_str_eq(base_hash_base64url(bytes, codes[_i].len, unit_pool), codes[_i].url);
    back = base_hash_base64url_decode(&len, codes[_i].url, strlen(codes[_i].url), unit_pool);
    ck_assert_ptr_nonnull(back);
    ck_assert_uint_eq(len, codes[_i].len);
    ck_assert_mem_eq(back, bytes, len);
    len = 99;
    back = base_hash_base64_decode(&len, codes[_i].standard, strlen(codes[_i].standard), unit_pool);
    ck_assert_ptr_nonnull(back);
    ck_assert_uint_eq(len, codes[_i].len);
    ck_assert_mem_eq(back, bytes, len);
}
END_TEST

START_TEST(base64_of_any_length_comes_back)
{
    unsigned char bytes[200];
    apr_size_t len, back_len;

    ck_assert(base_hash_random(bytes, sizeof bytes));
    for (len = 0; len <= sizeof bytes; len++) {
        char *text = base_hash_base64url(bytes, len, unit_pool);
        unsigned char *back = base_hash_base64url_decode(&back_len, text, strlen(text), unit_pool);

        ck_assert_uint_eq(strlen(text), (len * 4 + 2) / 3);
        ck_assert_ptr_nonnull(back);
        ck_assert_uint_eq(back_len, len);
        ck_assert_mem_eq(back, bytes, len);
    }
}
END_TEST

/* One spelling per value: of all texts of two characters exactly 256 are a byte's. */
START_TEST(base64_has_one_spelling_per_value)
{
    int first, second, taken = 0;
    apr_size_t len;

    for (first = 0; first < 256; first++)
        for (second = 0; second < 256; second++) {
            char text[2] = {(char)first, (char)second};
            unsigned char *bytes = base_hash_base64url_decode(&len, text, 2, unit_pool);

            if (!bytes)
                continue;
            taken++;
            ck_assert_uint_eq(len, 1);
            ck_assert_mem_eq(base_hash_base64url(bytes, 1, unit_pool), text, 2);
        }
    ck_assert_int_eq(taken, 256);
}
END_TEST

START_TEST(base64_refuses)
{
    static const char *const url[] = {"Z",    "A",    "AAAAA", "Zm9vY",  "Zh",     "Zm9",
                                      "Zg==", "Zg=",  "=",     "Zm 9v",  "Zm9v\n", " Zm9",
                                      "Zm9+", "Zm9/", "Zm.v",  "Zm9\xc3"};
    static const char *const standard[] = {
        "Zg",   "Zg=",    "Zm8",      "Zh==",     "Zm9=",         "====",
        "=",    "Z===",   "Zg==Zg==", "Zm9v====", "Zm9-",         "Zm9_",
        "=Zg=", "Zm9v\n", "Zm9v Zg=", "Z=g=",     "Zm9vYg==\n   "};
    apr_size_t len = 7, i;

    for (i = 0; i < sizeof url / sizeof *url; i++)
        ck_assert_msg(!base_hash_base64url_decode(&len, url[i], strlen(url[i]), unit_pool), "%s",
                      url[i]);
    ck_assert_ptr_null(base_hash_base64url_decode(&len, "Zm9\0", 4, unit_pool));
    for (i = 0; i < sizeof standard / sizeof *standard; i++)
        ck_assert_msg(!base_hash_base64_decode(&len, standard[i], strlen(standard[i]), unit_pool),
                      "%s", standard[i]);
}
END_TEST

START_TEST(random_bytes_differ_and_fill)
{
    unsigned char a[64] = {0}, b[64] = {0}, ored[64] = {0};
    int round;
    apr_size_t i;

    ck_assert(base_hash_random(a, sizeof a));
    ck_assert(base_hash_random(b, sizeof b));
    ck_assert_mem_ne(a, b, sizeof a);
    for (round = 0; round < 40; round++) { /* a byte stays 0 by chance once in 256^40 */
        ck_assert(base_hash_random(a, sizeof a));
        for (i = 0; i < sizeof a; i++)
            ored[i] |= a[i];
    }
    for (i = 0; i < sizeof ored; i++)
        ck_assert_uint_ne(ored[i], 0);
    ck_assert(!base_hash_random(a, APR_SIZE_MAX));
}
END_TEST

START_TEST(equal_compares_all_bytes)
{
    unsigned char a[32] = {0}, b[32] = {0};
    apr_size_t i;

    ck_assert(base_hash_equal(a, b, sizeof a));
    ck_assert(base_hash_equal("a", "b", 0));
    for (i = 0; i < sizeof a; i++) {
        b[i] = 0x80;
        ck_assert(!base_hash_equal(a, b, sizeof a));
        b[i] = 0;
    }
}
END_TEST

START_TEST(wipe_overwrites)
{
    char secret[] = "wJalrXUtnFEMI", none[sizeof secret] = {0};

    base_hash_wipe(secret, sizeof secret);
    ck_assert_mem_eq(secret, none, sizeof secret);
}
END_TEST

static apr_uint32_t crc_bit_by_bit(const unsigned char *bytes, apr_size_t len)
{
    apr_uint32_t crc = 0xFFFFFFFFu;
    int bit;

    while (len--) {
        crc ^= *bytes++;
        for (bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320u : 0);
    }
    return ~crc;
}

START_TEST(crc32)
{
    unsigned char bytes[4096];
    apr_size_t i, len;

    ck_assert_uint_eq(base_hash_crc32("", 0), 0);
    ck_assert_uint_eq(base_hash_crc32("123456789", 9), 0xCBF43926u);
    ck_assert_uint_eq(base_hash_crc32("{}", 2),
                      2745614147u); /* DynamoDB's answer without an item */
    for (i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)(i ^ i >> 8);
    for (len = 0; len < 300; len++)
        ck_assert_uint_eq(base_hash_crc32(bytes + len % 8, len),
                          crc_bit_by_bit(bytes + len % 8, len));
    /* Every entry of the four tables: a byte of each value, followed by up to three zeros. */
    for (i = 0; i < 256; i++) {
        unsigned char word[4] = {0};

        for (len = 0; len < 4; len++) {
            memset(word, 0, sizeof word);
            word[len] = (unsigned char)i;
            ck_assert_uint_eq(base_hash_crc32(word, 4), crc_bit_by_bit(word, 4));
        }
        ck_assert_uint_eq(base_hash_crc32(&bytes[i], 1), crc_bit_by_bit(&bytes[i], 1));
    }
    ck_assert_uint_eq(base_hash_crc32(bytes, sizeof bytes), crc_bit_by_bit(bytes, sizeof bytes));
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("base/hash");
    TCase *tcase = unit_case(suite, "digests");

    tcase_add_test(tcase, sha256);
    tcase_add_test(tcase, hmac);
    tcase_add_test(tcase, crc32);
    tcase = unit_case(suite, "encodings");
    tcase_add_test(tcase, hex);
    tcase_add_loop_test(tcase, base64_both_ways, 0, (int)(sizeof codes / sizeof *codes));
    tcase_add_test(tcase, base64_of_any_length_comes_back);
    tcase_add_test(tcase, base64_has_one_spelling_per_value);
    tcase_add_test(tcase, base64_refuses);
    tcase = unit_case(suite, "secrets");
    tcase_add_test(tcase, random_bytes_differ_and_fill);
    tcase_add_test(tcase, equal_compares_all_bytes);
    tcase_add_test(tcase, wipe_overwrites);
    return suite;
}
