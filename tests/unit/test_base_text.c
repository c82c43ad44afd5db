/* SPDX-License-Identifier: Apache-2.0 */
/* Text with a ceiling: growth, the ceiling, numbers, JSON strings. */
#include "unit.h"

#include "base/text.h"

#include <string.h>
#include <sys/mman.h>

#include <apr_strings.h>

static base_text_t text_of(apr_size_t hint, apr_size_t max)
{
    base_text_t text;

    base_text_init(&text, hint, max, unit_pool);
    return text;
}

START_TEST(an_empty_text_is_an_empty_string)
{
    base_text_t text = text_of(0, 0);

    ck_assert_str_eq(text.data, "");
    ck_assert_uint_eq(text.len, 0);
    ck_assert_int_eq(text.full, 0);
    base_text_put(&text, NULL, 0);
    ck_assert_int_eq(text.full, 0);
    base_text_put_char(&text, 'x');
    ck_assert_int_eq(text.full, 1);
    ck_assert_str_eq(text.data, "");
}
END_TEST

START_TEST(it_grows_from_any_hint)
{
    apr_size_t hint, i;

    for (hint = 0; hint < 70; hint += 3) {
        base_text_t text = text_of(hint, 1000);

        for (i = 0; i < 1000; i++) {
            base_text_put_char(&text, (char)('a' + i % 26));
            ck_assert_int_eq(text.data[i + 1], '\0');
            ck_assert_uint_lt(text.len, text.room);
            ck_assert_uint_le(text.room, 1001);
        }
        ck_assert_int_eq(text.full, 0);
        for (i = 0; i < 1000; i++)
            ck_assert_int_eq(text.data[i], (char)('a' + i % 26));
    }
}
END_TEST

START_TEST(growth_is_by_doubling)
{
    base_text_t text = text_of(1000, 1 << 24);
    const char *before = text.data;
    int moves = 0, i;

    for (i = 0; i < 1 << 17; i++) {
        base_text_put_char(&text, 'x');
        moves += text.data != before;
        before = text.data;
    }
    ck_assert_int_le(moves, 8);
}
END_TEST

START_TEST(full_keeps_what_is_there_and_sticks)
{
    base_text_t text = text_of(4, 10);

    base_text_put_str(&text, "12345678");
    base_text_put_str(&text, "abc"); /* does not fit: dropped whole */
    ck_assert_int_eq(text.full, 1);
    ck_assert_str_eq(text.data, "12345678");
    base_text_put_char(&text, '9'); /* would fit, but something is missing before it */
    base_text_put_number(&text, 1);
    base_text_put_json(&text, "", 0);
    ck_assert_ptr_null(base_text_reserve(&text, 1));
    ck_assert_str_eq(text.data, "12345678");
    ck_assert_int_eq(text.full, 1);
}
END_TEST

START_TEST(the_ceiling_itself_fits)
{
    base_text_t text = text_of(0, 10);

    base_text_put_str(&text, "1234567890");
    ck_assert_int_eq(text.full, 0);
    ck_assert_str_eq(text.data, "1234567890");
    base_text_put(&text, "x", 0);
    ck_assert_int_eq(text.full, 0);
    base_text_put(&text, "x", 1);
    ck_assert_int_eq(text.full, 1);
}
END_TEST

START_TEST(huge_lengths_do_not_wrap)
{
    base_text_t text = text_of(0, APR_SIZE_MAX);

    base_text_put_str(&text, "x");
    ck_assert_ptr_null(base_text_reserve(&text, APR_SIZE_MAX));
    ck_assert_int_eq(text.full, 1);
    text = text_of(0, 100);
    base_text_put_json(&text, "x", APR_SIZE_MAX - 1);
    ck_assert_int_eq(text.full, 1);
    ck_assert_str_eq(text.data, "");
}
END_TEST

START_TEST(what_is_expected_is_there_at_once)
{
    base_text_t text = text_of(4, 1000);
    const char *data;
    int i;

    base_text_put_str(&text, "1234");
    ck_assert_int_eq(base_text_expect(&text, 100), 1);
    data = text.data;
    ck_assert_str_eq(data, "1234");
    ck_assert_uint_eq(text.room, 105);
    for (i = 0; i < 100; i++)
        base_text_put_char(&text, 'x');
    ck_assert_int_eq(base_text_expect(&text, 0), 1);
    ck_assert_ptr_eq(text.data, data);
    /* more than may ever come: up to the ceiling */
    ck_assert_int_eq(base_text_expect(&text, APR_SIZE_MAX), 1);
    ck_assert_uint_eq(text.room, 1001);
    ck_assert_int_eq(text.full, 0);
    ck_assert_uint_eq(text.len, 104);
    ck_assert_uint_eq(strlen(text.data), 104);
}
END_TEST

START_TEST(what_is_large_lives_as_long_as_its_pool)
{
    unsigned char is_there;
    base_text_t text;
    apr_pool_t *pool;
    char *data;
    int i;

    ck_assert_int_eq(apr_pool_create(&pool, unit_pool), APR_SUCCESS);
    base_text_init(&text, 4, 1 << 24, pool);
    base_text_put_str(&text, "1234");
    ck_assert_int_eq(base_text_expect(&text, 1 << 20), 1);
    ck_assert_uint_eq(text.room, (1 << 20) + 5);
    data = text.data;
    ck_assert_int_eq(mincore(data, 1, &is_there), 0); /* mmap()'s: its address is a page's */
    for (i = 0; i < 1 << 21; i++)                     /* it still grows */
        base_text_put_char(&text, 'x');
    ck_assert_uint_eq(strlen(text.data), (1 << 21) + 4);
    ck_assert_int_eq(memcmp(text.data, "1234x", 5), 0);
    apr_pool_destroy(pool);
    ck_assert_int_eq(mincore(data, 1, &is_there), -1); /* given back */
}
END_TEST

START_TEST(no_memory_is_told)
{
    base_text_t text = text_of(4, APR_SIZE_MAX);

    base_text_put_str(&text, "1234");
    ck_assert_int_eq(base_text_expect(&text, APR_SIZE_MAX), 0);
    ck_assert_int_eq(text.full, 0);
    base_text_put_str(&text, "5678"); /* as before */
    ck_assert_str_eq(text.data, "12345678");
}
END_TEST

START_TEST(reserve_is_written_in_place)
{
    base_text_t text = text_of(2, 100);
    char *to;

    base_text_put_str(&text, "a");
    to = base_text_reserve(&text, 50);
    ck_assert_ptr_eq(to, text.data + 1);
    ck_assert_uint_gt(text.room, 51); /* with the NUL */
    memcpy(to, "bc", 2);
    text.len += 2;
    base_text_end(&text);
    ck_assert_str_eq(text.data, "abc");
    base_text_put_str(&text, "d");
    ck_assert_str_eq(text.data, "abcd");
}
END_TEST

START_TEST(numbers)
{
    static const struct {
        apr_int64_t number;
        const char *digits;
    } cases[] = {{0, "0"},
                 {7, "7"},
                 {-7, "-7"},
                 {10, "10"},
                 {1770891072345, "1770891072345"},
                 {APR_INT64_MAX, "9223372036854775807"},
                 {APR_INT64_MIN, "-9223372036854775808"}};
    base_text_t text = text_of(0, 20);

    text.len = 0;
    base_text_put_number(&text, cases[_i].number);
    ck_assert_str_eq(text.data, cases[_i].digits);
}
END_TEST

/* U+0000 to U+001F as JSON.stringify writes them (ECMA-262, QuoteJSONString). */
START_TEST(json_escapes)
{
    static const char *const shorts[32] = {
        ['\b'] = "\\b", ['\t'] = "\\t", ['\n'] = "\\n", ['\f'] = "\\f", ['\r'] = "\\r"};
    int c, offset;

    for (c = 0; c < 128; c++)
        for (offset = 0; offset < 20; offset++) { /* in every place of a word, and behind words */
            char bytes[24], *expected, middle[8];
            base_text_t text = text_of(0, 1000);

            memset(bytes, 'p', sizeof bytes);
            bytes[offset] = (char)c;
            if (c == '"' || c == '\\')
                apr_snprintf(middle, sizeof middle, "\\%c", c);
            else if (c < 32 && shorts[c])
                apr_snprintf(middle, sizeof middle, "%s", shorts[c]);
            else if (c < 32)
                apr_snprintf(middle, sizeof middle, "\\u%04x", (unsigned)c);
            else
                apr_snprintf(middle, sizeof middle, "%c", c);
            expected = apr_psprintf(unit_pool, "\"%.*s%s%.*s\"", offset, "pppppppppppppppppppp",
                                    middle, 23 - offset, "ppppppppppppppppppppppp");
            base_text_put_json(&text, bytes, sizeof bytes);
            ck_assert_str_eq(text.data, expected);
        }
}
END_TEST

START_TEST(json_leaves_utf8_as_it_is)
{
    static const char *const kept[] = {"",
                                       "a",
                                       "é",
                                       "日本語 — text — 日本語",
                                       "😀😀😀",
                                       "\x7f",
                                       "\xe2\x80\xa8 line separator",
                                       "ÿÿÿÿÿÿÿÿÿÿ",
                                       "</script>"};
    base_text_t text = text_of(0, 100);

    base_text_put_json(&text, kept[_i], strlen(kept[_i]));
    ck_assert_str_eq(text.data, apr_pstrcat(unit_pool, "\"", kept[_i], "\"", NULL));
}
END_TEST

START_TEST(json_at_the_ceiling)
{
    base_text_t text = text_of(0, 12);

    base_text_put_json(&text, "0123456789", 10);
    ck_assert_int_eq(text.full, 0);
    ck_assert_str_eq(text.data, "\"0123456789\"");
    text = text_of(0, 11);
    base_text_put_json(&text, "0123456789", 10);
    ck_assert_int_eq(text.full, 1);
    text = text_of(0, 12);
    base_text_put_json(&text, "01234\n6789", 10);
    ck_assert_int_eq(text.full, 1);
    text = text_of(0, 13);
    base_text_put_json(&text, "01234\n6789", 10);
    ck_assert_int_eq(text.full, 0);
    ck_assert_str_eq(text.data, "\"01234\\n6789\"");
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("base/text");
    TCase *tcase = unit_case(suite, "growth");

    tcase_add_test(tcase, an_empty_text_is_an_empty_string);
    tcase_add_test(tcase, it_grows_from_any_hint);
    tcase_add_test(tcase, growth_is_by_doubling);
    tcase_add_test(tcase, full_keeps_what_is_there_and_sticks);
    tcase_add_test(tcase, the_ceiling_itself_fits);
    tcase_add_test(tcase, huge_lengths_do_not_wrap);
    tcase_add_test(tcase, what_is_expected_is_there_at_once);
    tcase_add_test(tcase, what_is_large_lives_as_long_as_its_pool);
    tcase_add_test(tcase, no_memory_is_told);
    tcase_add_test(tcase, reserve_is_written_in_place);
    tcase = unit_case(suite, "forms");
    tcase_add_loop_test(tcase, numbers, 0, 7);
    tcase_add_test(tcase, json_escapes);
    tcase_add_loop_test(tcase, json_leaves_utf8_as_it_is, 0, 9);
    tcase_add_test(tcase, json_at_the_ceiling);
    return suite;
}
