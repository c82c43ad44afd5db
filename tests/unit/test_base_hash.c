/* SPDX-License-Identifier: Apache-2.0 */
/* Published vectors: base64 (RFC 4648 section 10). Then what they leave out: strictness. */
#include "unit.h"

#include "base/hash.h"

#include <limits.h>
#include <string.h>

#include <apr_strings.h>

START_TEST(hex)
{
    char text[7] = "??????";

    base_hash_hex(text, (const unsigned char *)"\x00\xfa\x9c", 3);
    ck_assert_str_eq(text, "00fa9c");
    base_hash_hex(text, NULL, 0);
    ck_assert_str_eq(text, "");
}
END_TEST

/* All bytes are the same but for the two fields, which are those of version 4. */
START_TEST(uuid)
{
    static const struct {
        unsigned char byte;
        const char *uuid;
    } uuids[] = {{0x00, "00000000-0000-4000-8000-000000000000"},
                 {0x9c, "9c9c9c9c-9c9c-4c9c-9c9c-9c9c9c9c9c9c"},
                 {0xea, "eaeaeaea-eaea-4aea-aaea-eaeaeaeaeaea"},
                 {0xff, "ffffffff-ffff-4fff-bfff-ffffffffffff"}};
    unsigned char bytes[BASE_HASH_UUID_BYTES];
    char text[BASE_HASH_UUID_SIZE];
    apr_size_t i;

    for (i = 0; i < sizeof uuids / sizeof *uuids; i++) {
        memset(bytes, uuids[i].byte, sizeof bytes);
        base_hash_uuid(text, bytes);
        ck_assert_str_eq(text, uuids[i].uuid);
    }
    for (i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)(i * 16 + i);
    base_hash_uuid(text, bytes);
    ck_assert_str_eq(text, "00112233-4455-4677-8899-aabbccddeeff");
}
END_TEST

START_TEST(hex_digits)
{
    static const char digits[] = "0123456789abcdefABCDEF";
    int c;

    for (c = CHAR_MIN; c <= CHAR_MAX; c++) {
        const char *found = c ? strchr(digits, c) : NULL;
        long place = found ? found - digits : -1;

        ck_assert_int_eq(base_hash_unhex((char)c), place < 16 ? place : place - 6);
    }
}
END_TEST

static const struct {
    const char *bytes;
    apr_size_t len;
    const char *url;
} codes[] = {{"", 0, ""},
             {"f", 1, "Zg"},
             {"fo", 2, "Zm8"},
             {"foo", 3, "Zm9v"},
             {"foob", 4, "Zm9vYg"},
             {"fooba", 5, "Zm9vYmE"},
             {"foobar", 6, "Zm9vYmFy"},
             {"\xfb\xff\xbf", 3, "-_-_"},
             {"\x00", 1, "AA"},
             {"\xff\xff", 2, "__8"}};

START_TEST(base64_both_ways)
{
    const unsigned char *bytes = (const unsigned char *)codes[_i].bytes, *back;
    apr_size_t len = 99;

    ck_assert_str_eq(base_hash_base64url(bytes, codes[_i].len, unit_pool), codes[_i].url);
    back = base_hash_base64url_decode(&len, codes[_i].url, strlen(codes[_i].url), unit_pool);
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
    apr_size_t len = 7, i;

    for (i = 0; i < sizeof url / sizeof *url; i++)
        ck_assert_msg(!base_hash_base64url_decode(&len, url[i], strlen(url[i]), unit_pool), "%s",
                      url[i]);
    ck_assert_ptr_null(base_hash_base64url_decode(&len, "Zm9\0", 4, unit_pool));
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

Suite *unit_suite(void)
{
    Suite *suite = suite_create("base/hash");
    TCase *tcase = unit_case(suite, "encodings");

    tcase_add_test(tcase, hex);
    tcase_add_test(tcase, uuid);
    tcase_add_test(tcase, hex_digits);
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
