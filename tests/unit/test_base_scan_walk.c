/* SPDX-License-Identifier: Apache-2.0 */
/* The judge of JSON from its caller's side: spans, faults that stay, depth, strings and UTF-8. The
 * grammar has its own file, test_base_scan.c. */
#include "unit.h"

#include "base/scan.h"

#include <string.h>

#include <apr_strings.h>

#define TEXT(literal) literal, sizeof literal - 1
#define COUNT(table) ((int)(sizeof(table) / sizeof *(table)))

/* Any byte in any place of a word is treated alike: the fast loop and the slow one agree. */
START_TEST(every_byte_at_every_place_of_a_string)
{
    char text[32];
    int byte, place;
    base_scan_t scan;
    base_scan_span_t span;

    for (byte = 0; byte < 256; byte++)
        for (place = 1; place < 20; place++) {
            int plain = byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';

            memset(text, 'p', sizeof text);
            text[0] = text[sizeof text - 1] = '"';
            text[place] = (char)byte;
            base_scan_init(&scan, text, sizeof text, 1);
            if (byte == '"') {
                ck_assert(base_scan_string(&scan, &span));
                ck_assert_uint_eq(span.len, (apr_size_t)place - 1);
            } else {
                ck_assert_int_eq(base_scan_string(&scan, &span), plain);
                if (!plain)
                    ck_assert_uint_eq(scan.fault, (apr_size_t)place);
            }
            ck_assert_int_eq(base_scan_is_utf8(text, sizeof text), byte < 0x80);
        }
}
END_TEST

/* All code points, all pairs of bytes: against RFC 3629's definition, not against its table. */
START_TEST(utf8_by_definition)
{
    unsigned code, first, second;

    for (code = 0; code <= 0x110000; code++) {
        char bytes[4];
        apr_size_t len = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4, i;
        static const unsigned char lead[] = {0, 0, 0xC0, 0xE0, 0xF0};

        for (i = len; i-- > 1;)
            bytes[i] = (char)(0x80 | (code >> 6 * (len - 1 - i) & 0x3F));
        bytes[0] = (char)(lead[len] | code >> 6 * (len - 1));
        if (base_scan_is_utf8(bytes, len) != ((code < 0xD800 || code > 0xDFFF) && code < 0x110000))
            ck_abort_msg("U+%04X", code);
        for (i = 1; i < len; i++) /* cut */
            if (base_scan_is_utf8(bytes, i))
                ck_abort_msg("U+%04X cut", code);
    }
    for (first = 0; first < 256; first++)
        for (second = 0; second < 256; second++) {
            char bytes[2] = {(char)first, (char)second};
            int valid = (first < 0x80 && second < 0x80) ||
                        (first >= 0xC2 && first < 0xE0 && second >= 0x80 && second < 0xC0);

            ck_assert_int_eq(base_scan_is_utf8(bytes, 2), valid);
        }
    ck_assert(base_scan_is_utf8("", 0));
    ck_assert(!base_scan_is_utf8("\xe0\x80\x80", 3)); /* longer than need be */
    ck_assert(!base_scan_is_utf8("\xe0\x9f\xbf", 3));
    ck_assert(!base_scan_is_utf8("\xf0\x80\x80\x80", 4));
    ck_assert(!base_scan_is_utf8("\xf0\x8f\xbf\xbf", 4));
    ck_assert(!base_scan_is_utf8("a long run of ASCII and then \xff", 31));
}
END_TEST

/* open brackets, then as many closing ones */
static char *nest(apr_size_t *len, int count, const char *open, const char *inner, char close)
{
    apr_size_t unit = strlen(open), core = strlen(inner);
    char *text = apr_palloc(unit_pool, (apr_size_t)count * (unit + 1) + core + 1), *to = text;
    int i;

    for (i = 0; i < count; i++, to += unit)
        memcpy(to, open, unit);
    memcpy(to, inner, core);
    memset(to + core, close, (apr_size_t)count);
    *len = (apr_size_t)(to - text) + core + (apr_size_t)count;
    return text;
}

START_TEST(depth_is_bounded)
{
    static const int bounds[] = {0, 1, 2, 32, 127, 128};
    apr_size_t i, len;
    base_scan_t scan;
    int max, count;

    for (i = 0; i < sizeof bounds / sizeof *bounds; i++) {
        max = bounds[i];
        for (count = max; count <= max + 1; count++) {
            const char *array = nest(&len, count, "[", "0", ']');

            base_scan_init(&scan, array, len, max);
            ck_assert_int_eq(base_scan_skip(&scan, NULL) && base_scan_end(&scan), count <= max);
            if (count > max) {
                ck_assert_str_eq(scan.why, "nested too deeply");
                ck_assert_uint_eq(scan.fault, (apr_size_t)max);
            }
            array = nest(&len, count, "{\"a\":", "{}", '}');
            base_scan_init(&scan, array, len, max);
            ck_assert_int_eq(base_scan_skip(&scan, NULL) && base_scan_end(&scan), count + 1 <= max);
        }
    }
    for (i = 0; i < 2; i++) {
        const char *deep = nest(&len, 100000, i ? "[{\"a\":" : "[", "", ']');

        base_scan_init(&scan, deep, len, 1 << 30); /* more than may be asked for */
        ck_assert_int_eq(base_scan_skip(&scan, NULL), 0);
        ck_assert_str_eq(scan.why, "nested too deeply");
        ck_assert_int_eq(scan.depth, BASE_SCAN_DEPTH_MAX);
    }
}
END_TEST

START_TEST(depth_counts_what_is_open_not_what_was)
{
    static const char text[] = "[[1],[2],[{}],[3],{\"a\":[]},[],[],[]]";
    base_scan_t scan;

    base_scan_init(&scan, text, sizeof text - 1, 3);
    ck_assert(base_scan_skip(&scan, NULL));
    ck_assert(base_scan_end(&scan));
    ck_assert_int_eq(scan.depth, 0);
}
END_TEST

START_TEST(a_negative_depth_allows_no_container)
{
    base_scan_t scan;

    base_scan_init(&scan, "[]", 2, -5);
    ck_assert(!base_scan_skip(&scan, NULL));
    base_scan_init(&scan, "1", 1, -5);
    ck_assert(base_scan_skip(&scan, NULL));
}
END_TEST

START_TEST(spans_point_into_the_text)
{
    static const char text[] = " { \"a\\n\" : \"b\" , \"n\" : -1.50 , \"s\" : [ 1 , {} ] } ";
    base_scan_t scan;
    base_scan_span_t span;

    base_scan_init(&scan, text, sizeof text - 1, 4);
    ck_assert_int_eq(base_scan_peek(&scan), BASE_SCAN_OBJECT);
    ck_assert_int_eq(base_scan_peek(&scan), BASE_SCAN_OBJECT);
    ck_assert(base_scan_enter(&scan, BASE_SCAN_OBJECT));
    ck_assert(base_scan_member(&scan, &span));
    ck_assert_ptr_eq(span.ptr, text + 4);
    ck_assert_uint_eq(span.len, 3);
    ck_assert_int_eq(span.escaped, 1);
    ck_assert(base_scan_string(&scan, &span));
    ck_assert_uint_eq(span.len, 1);
    ck_assert_int_eq(span.ptr[0], 'b');
    ck_assert_int_eq(span.escaped, 0);
    ck_assert(base_scan_member(&scan, &span));
    ck_assert(base_scan_number(&scan, &span));
    ck_assert_uint_eq(span.len, 5);
    ck_assert_mem_eq(span.ptr, "-1.50", 5);
    ck_assert_int_eq(span.escaped, 0);
    ck_assert(base_scan_member(&scan, &span));
    ck_assert(base_scan_skip(&scan, &span));
    ck_assert_uint_eq(span.len, 10);
    ck_assert_mem_eq(span.ptr, "[ 1 , {} ]", 10);
    ck_assert_int_eq(span.escaped, 0);
    ck_assert_int_eq(scan.depth, 1);
    ck_assert(!base_scan_member(&scan, &span));
    ck_assert_ptr_null(scan.why);
    ck_assert(base_scan_end(&scan));
}
END_TEST

/* Skipping within a container stays within it. */
START_TEST(skip_takes_one_value)
{
    static const char text[] = "[[1,[2]],\"x\",{\"a\":{}},null]";
    static const apr_size_t lens[] = {7, 3, 8, 4};
    base_scan_t scan;
    base_scan_span_t span;
    int count = 0;

    base_scan_init(&scan, text, sizeof text - 1, 3);
    ck_assert(base_scan_enter(&scan, BASE_SCAN_ARRAY));
    while (base_scan_element(&scan)) {
        ck_assert(base_scan_skip(&scan, &span));
        ck_assert_int_lt(count, 4);
        ck_assert_uint_eq(span.len, lens[count++]);
        ck_assert_int_eq(scan.depth, 1);
    }
    ck_assert_int_eq(count, 4);
    ck_assert(base_scan_end(&scan));
}
END_TEST

START_TEST(a_walk_may_be_judged_once_at_its_end)
{
    static const char text[] = "{\"a\":1 \"b\":2}";
    base_scan_t scan;
    base_scan_span_t span;
    const char *why;

    base_scan_init(&scan, text, sizeof text - 1, 3);
    ck_assert(base_scan_enter(&scan, BASE_SCAN_OBJECT));
    ck_assert(base_scan_member(&scan, &span));
    ck_assert(base_scan_skip(&scan, NULL));
    ck_assert(!base_scan_member(&scan, &span));
    why = scan.why;
    ck_assert_str_eq(why, "expected a comma or a closing brace");
    ck_assert_int_eq(base_scan_peek(&scan), BASE_SCAN_BAD);
    ck_assert(!base_scan_string(&scan, &span));
    ck_assert(!base_scan_number(&scan, &span));
    ck_assert(!base_scan_literal(&scan, BASE_SCAN_NULL));
    ck_assert(!base_scan_enter(&scan, BASE_SCAN_ARRAY));
    ck_assert(!base_scan_enter(&scan, BASE_SCAN_NULL));
    ck_assert(!base_scan_member(&scan, &span));
    ck_assert(!base_scan_element(&scan));
    ck_assert(!base_scan_skip(&scan, &span));
    base_scan_fail(&scan, "later");
    ck_assert(!base_scan_end(&scan));
    ck_assert_ptr_eq(scan.why, why); /* the first fault stays */
    ck_assert_uint_eq(scan.fault, 7);
}
END_TEST

START_TEST(asking_for_another_kind_is_a_fault)
{
    static const struct {
        const char *text;
        base_scan_kind_e asked;
        const char *why;
    } cases[] = {{" 1", BASE_SCAN_STRING, "expected a string"},
                 {" \"1\"", BASE_SCAN_NUMBER, "expected a number"},
                 {" []", BASE_SCAN_OBJECT, "expected an object"},
                 {" {}", BASE_SCAN_ARRAY, "expected an array"},
                 {" true", BASE_SCAN_FALSE, "expected true, false or null"},
                 {" null", BASE_SCAN_TRUE, "expected true, false or null"},
                 {" \"\"", BASE_SCAN_NULL, "expected true, false or null"}};
    base_scan_t scan;
    base_scan_span_t span;
    apr_size_t i;

    for (i = 0; i < sizeof cases / sizeof *cases; i++) {
        int taken;

        base_scan_init(&scan, cases[i].text, strlen(cases[i].text), 3);
        taken = cases[i].asked == BASE_SCAN_STRING   ? base_scan_string(&scan, &span)
                : cases[i].asked == BASE_SCAN_NUMBER ? base_scan_number(&scan, &span)
                : cases[i].asked == BASE_SCAN_OBJECT || cases[i].asked == BASE_SCAN_ARRAY
                    ? base_scan_enter(&scan, cases[i].asked)
                    : base_scan_literal(&scan, cases[i].asked);
        ck_assert_int_eq(taken, 0);
        ck_assert_str_eq(scan.why, cases[i].why);
        ck_assert_uint_eq(scan.fault, 1);
    }
    base_scan_init(&scan, "\"\"", 2, 3); /* kinds that these two can't mean */
    ck_assert(!base_scan_literal(&scan, BASE_SCAN_STRING));
    base_scan_init(&scan, "1", 1, 3);
    ck_assert(!base_scan_enter(&scan, BASE_SCAN_NUMBER));
    ck_assert_str_eq(scan.why, "expected an object or an array");
}
END_TEST

START_TEST(end_within_a_container_is_a_fault)
{
    base_scan_t scan;

    base_scan_init(&scan, "[1", 2, 3);
    ck_assert(base_scan_enter(&scan, BASE_SCAN_ARRAY));
    ck_assert(base_scan_element(&scan));
    ck_assert(base_scan_skip(&scan, NULL));
    ck_assert(!base_scan_end(&scan)); /* a walk that left early is no proof of a whole text */
    ck_assert_str_eq(scan.why, "unexpected end of the text");
}
END_TEST

START_TEST(entries_without_a_container_are_a_fault)
{
    base_scan_t scan;
    base_scan_span_t span;

    base_scan_init(&scan, "]", 1, 3);
    ck_assert(!base_scan_element(&scan));
    ck_assert_str_eq(scan.why, "no container is open");
    ck_assert_int_eq(scan.depth, 0);
    base_scan_init(&scan, "}", 1, 3);
    ck_assert(!base_scan_member(&scan, &span));
    ck_assert_int_eq(scan.depth, 0);
}
END_TEST

START_TEST(no_text_at_all)
{
    base_scan_t scan;

    base_scan_init(&scan, NULL, 0, 3);
    ck_assert_int_eq(base_scan_peek(&scan), BASE_SCAN_BAD);
    ck_assert_str_eq(scan.why, "unexpected end of the text");
    ck_assert_uint_eq(scan.fault, 0);
}
END_TEST

START_TEST(fail_marks_the_place)
{
    base_scan_t scan;

    base_scan_init(&scan, "[1,2]", 5, 3);
    ck_assert(base_scan_enter(&scan, BASE_SCAN_ARRAY));
    ck_assert(base_scan_element(&scan));
    ck_assert(base_scan_skip(&scan, NULL));
    base_scan_fail(&scan, "too small");
    ck_assert(!base_scan_element(&scan));
    ck_assert_str_eq(scan.why, "too small");
    ck_assert_uint_eq(scan.fault, 2);
}
END_TEST

/* Every string in each place of an object of one, against the long way. */
START_TEST(wrapped_is_a_short_way)
{
    static const struct {
        const char *text;
        int taken;
        const char *why;
    } cases[] = {{"{\"S\":\"\"}", 1, NULL},
                 {"{\"S\":\"a\\n\xc3\xa9\"} ", 1, NULL},
                 {"{\"N\":\"1\"}", 0, NULL},
                 {"{\"S\":\"a\" }", 0, NULL},
                 {"{\"S\":\"a\",\"S\":\"a\"}", 0, NULL},
                 {" {\"S\":\"a\"}", 0, NULL},
                 {"{\"S\": \"a\"}", 0, NULL},
                 {"{\"SS\":\"a\"}", 0, NULL},
                 {"{\"S\":1}", 0, NULL},
                 {"{\"S\":\"a\"", 0, NULL},
                 {"{\"S\":", 0, NULL},
                 {"", 0, NULL},
                 {"{\"S\":\"a", 0, "unexpected end of the text"},
                 {"{\"S\":\"\x01\"}", 0, "control character in a string"},
                 {"{\"S\":\"\xff\"}", 0, "invalid UTF-8"},
                 {"{\"S\":\"\\ud800\"}", 0, "lone surrogate in a string"}};
    base_scan_span_t string;
    base_scan_t scan;
    apr_size_t i;

    for (i = 0; i < COUNT(cases); i++) {
        base_scan_init(&scan, cases[i].text, strlen(cases[i].text), 1);
        ck_assert_msg(base_scan_wrapped(&scan, 'S', &string) == cases[i].taken, "%s",
                      cases[i].text);
        ck_assert_pstr_eq(scan.why, cases[i].why);
        if (cases[i].taken) {
            ck_assert_ptr_eq(string.ptr, cases[i].text + 6);
            ck_assert(base_scan_end(&scan));
        } else if (!scan.why) {
            ck_assert_ptr_eq(scan.pos, cases[i].text);
            ck_assert_int_eq(scan.depth, 0);
        }
    }
    base_scan_init(&scan, cases[0].text, strlen(cases[0].text), 0); /* no object may be open */
    ck_assert(!base_scan_wrapped(&scan, 'S', &string));
    base_scan_fail(&scan, "enough");
    scan.depth_max = 1;
    ck_assert(!base_scan_wrapped(&scan, 'S', &string));
}
END_TEST

static const struct {
    const char *text, *bytes;
    apr_size_t len;
} decoded[] = {{"\"\"", TEXT("")},
               {"\"plain\"", TEXT("plain")},
               {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", TEXT("\"\\/\b\f\n\r\t")},
               {"\"\\u0000\"", TEXT("\0")},
               {"\"a\\u0000b\"", TEXT("a\0b")},
               {"\"\\u0041\\u00e9\\u20AC\"", TEXT("A\xc3\xa9\xe2\x82\xac")},
               {"\"\\u007f\\u0080\\u07ff\\u0800\\ud7ff\\ue000\\uffff\"",
                TEXT("\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf")},
               {"\"\\ud83d\\ude00\"", TEXT("\xf0\x9f\x98\x80")},
               {"\"\\uD800\\uDC00\\uDBFF\\uDFFF\"", TEXT("\xf0\x90\x80\x80\xf4\x8f\xbf\xbf")},
               {"\"x\\ud83d\\ude00y\\nz\"", TEXT("x\xf0\x9f\x98\x80y\nz")},
               {"\"\\\\u0041\"", TEXT("\\u0041")},
               {"\"\\\\\\\\n\"", TEXT("\\\\n")},
               {"\"\\\\\\n\"", TEXT("\\\n")},
               {"\"\xe2\x82\xac\\t\xf0\x9f\x98\x80\"", TEXT("\xe2\x82\xac\t\xf0\x9f\x98\x80")}};

START_TEST(decodes)
{
    base_scan_t scan;
    base_scan_span_t span;
    const char *bytes;
    apr_size_t len;

    base_scan_init(&scan, decoded[_i].text, strlen(decoded[_i].text), 1);
    ck_assert(base_scan_string(&scan, &span));
    bytes = base_scan_decode(&len, &span, unit_pool);
    ck_assert_uint_eq(len, decoded[_i].len);
    ck_assert_mem_eq(bytes, decoded[_i].bytes, len);
    if (!span.escaped)
        ck_assert_ptr_eq(bytes, span.ptr);
}
END_TEST

START_TEST(equals_compares_meanings)
{
    static const struct {
        const char *text, *ascii;
        int equal;
    } cases[] = {{"\"name\"", "name", 1},
                 {"\"\"", "", 1},
                 {"\"\"", "a", 0},
                 {"\"name\"", "nam", 0},
                 {"\"name\"", "names", 0},
                 {"\"name\"", "Name", 0},
                 {"\"n\\u0061me\"", "name", 1},
                 {"\"\\u006e\\u0061\\u006d\\u0065\"", "name", 1},
                 {"\"n\\u0061m\"", "name", 0},
                 {"\"n\\u0061mes\"", "name", 0},
                 {"\"n\\u0061me\\u0000\"", "name", 0},
                 {"\"\\u0000\"", "", 0},
                 {"\"a\\/b\"", "a/b", 1},
                 {"\"a\\nb\"", "a\nb", 1},
                 {"\"\\\"\\\\\"", "\"\\", 1},
                 {"\"n\\u00e4\"", "n\xc3\xa4", 0},
                 {"\"\\u006eame\"", "", 0},
                 {"\"\\ud83d\\ude00\"", "x", 0}};
    base_scan_t scan;
    base_scan_span_t span;
    apr_size_t i;

    for (i = 0; i < sizeof cases / sizeof *cases; i++) {
        base_scan_init(&scan, cases[i].text, strlen(cases[i].text), 1);
        ck_assert(base_scan_string(&scan, &span));
        ck_assert_msg(base_scan_equals(&span, cases[i].ascii) == cases[i].equal, "%s and %s",
                      cases[i].text, cases[i].ascii);
    }
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("base/scan walk");
    TCase *tcase = unit_case(suite, "walk");

    tcase_add_test(tcase, spans_point_into_the_text);
    tcase_add_test(tcase, skip_takes_one_value);
    tcase_add_test(tcase, a_walk_may_be_judged_once_at_its_end);
    tcase_add_test(tcase, asking_for_another_kind_is_a_fault);
    tcase_add_test(tcase, end_within_a_container_is_a_fault);
    tcase_add_test(tcase, entries_without_a_container_are_a_fault);
    tcase_add_test(tcase, no_text_at_all);
    tcase_add_test(tcase, fail_marks_the_place);
    tcase_add_test(tcase, wrapped_is_a_short_way);
    tcase = unit_case(suite, "depth");
    tcase_add_test(tcase, depth_is_bounded);
    tcase_add_test(tcase, depth_counts_what_is_open_not_what_was);
    tcase_add_test(tcase, a_negative_depth_allows_no_container);
    tcase = unit_case(suite, "strings");
    tcase_add_test(tcase, every_byte_at_every_place_of_a_string);
    tcase_add_test(tcase, utf8_by_definition);
    tcase_add_loop_test(tcase, decodes, 0, COUNT(decoded));
    tcase_add_test(tcase, equals_compares_meanings);
    return suite;
}
