/* SPDX-License-Identifier: Apache-2.0 */
/* The published check value, then every length and every table entry against the definition. */
#include "unit.h"

#include "base/crc32.h"

#include <string.h>

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

START_TEST(as_bit_by_bit)
{
    unsigned char bytes[4096];
    apr_size_t i, len;

    ck_assert_uint_eq(base_crc32("", 0), 0);
    ck_assert_uint_eq(base_crc32("123456789", 9), 0xCBF43926u);
    ck_assert_uint_eq(base_crc32("{}", 2), 2745614147u); /* DynamoDB's answer without an item */
    for (i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)(i ^ i >> 8);
    for (len = 0; len < 300; len++)
        ck_assert_uint_eq(base_crc32(bytes + len % 8, len), crc_bit_by_bit(bytes + len % 8, len));
    /* Every entry of the eight tables: a byte of each value, followed by up to seven zeros. */
    for (i = 0; i < 256; i++) {
        unsigned char word[8] = {0};

        for (len = 0; len < 8; len++) {
            memset(word, 0, sizeof word);
            word[len] = (unsigned char)i;
            ck_assert_uint_eq(base_crc32(word, 8), crc_bit_by_bit(word, 8));
        }
        ck_assert_uint_eq(base_crc32(&bytes[i], 1), crc_bit_by_bit(&bytes[i], 1));
    }
    ck_assert_uint_eq(base_crc32(bytes, sizeof bytes), crc_bit_by_bit(bytes, sizeof bytes));
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("base/crc32");
    TCase *tcase = unit_case(suite, "checksum");

    tcase_add_test(tcase, as_bit_by_bit);
    return suite;
}
