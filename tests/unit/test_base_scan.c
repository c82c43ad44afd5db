/* SPDX-License-Identifier: Apache-2.0 */
/* The judge of JSON. The tables follow the corners that Nicolas Seriot's "Parsing JSON is a
 * Minefield" mapped, written anew against RFC 8259 and RFC 3629: what must pass, and what must not
 * with the byte at which it is refused. Every text is judged in three ways: skipped, walked
 * token by token, and skipped as an element and as a member. The rest of the scanner has its tests
 * in test_base_scan_walk.c. */
#include "unit.h"

#include "base/scan.h"

#include <stdlib.h>
#include <string.h>

#define TEXT(literal) literal, sizeof literal - 1

typedef struct {
    const char *text;
    apr_size_t len;
} accepted_t;

typedef struct {
    const char *text;
    apr_size_t len;
    apr_size_t fault;
    const char *why;
} refused_t;

static const accepted_t accepted[] = {
    /* values, and white space around them */
    {TEXT("null")},
    {TEXT("true")},
    {TEXT("false")},
    {TEXT("0")},
    {TEXT("\"\"")},
    {TEXT("[]")},
    {TEXT("{}")},
    {TEXT(" \t\r\n null \t\r\n ")},
    {TEXT("[ ]")},
    {TEXT("{ }")},
    {TEXT("[\n]")},
    {TEXT("{\t}\n")},
    {TEXT(" [ 1 , 2 , 3 ] ")},
    {TEXT(" { \"a\" : 1 , \"b\" : 2 } ")},
    {TEXT("[null,1,\"1\",{}]")},
    {TEXT("[[],[[]],{},[{}],{\"a\":[]}]")},
    {TEXT("[[]   ]")},
    {TEXT("[null]")},
    {TEXT("[false,true]")},
    /* numbers */
    {TEXT("-0")},
    {TEXT("-1")},
    {TEXT("10")},
    {TEXT("0.0")},
    {TEXT("-0.5")},
    {TEXT("1.25")},
    {TEXT("0e1")},
    {TEXT("0e+1")},
    {TEXT("0E-1")},
    {TEXT("1e00")},
    {TEXT("1E22")},
    {TEXT("1E+2")},
    {TEXT("123e-10000000")},
    {TEXT("0.4e00669999999999999999999999999999999999999999")},
    {TEXT("-1e+9999")},
    {TEXT("123.456e78")},
    {TEXT("100000000000000000000000000000000000000000000000000000000000000000")},
    {TEXT("-237462374673276894279832749832423479823246327846")},
    {TEXT("-0.000000000000000000000000000000000000000000000000000000000000000001")},
    {TEXT("[123e65,0e+1,-123,-1,-0,1E-2]")},
    {TEXT("[ 4]")},
    {TEXT("[1\n]")},
    /* strings: escapes */
    {TEXT("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"")},
    {TEXT("\"\\u0000\"")},
    {TEXT("\"a\\u0000b\"")},
    {TEXT("\"\\u0060\\u012a\\u12AB\\uABCD\\uabcd\\uFFFE\\uffff\"")},
    {TEXT("\"\\u001f\\u007f\\u0022\\u005C\"")},
    {TEXT("\"\\uD83D\\uDE00\"")},
    {TEXT("\"\\ud801\\udc37\"")},
    {TEXT("\"\\uD800\\uDC00\\uDBFF\\uDFFF\"")},
    {TEXT("\"\\uD83D\\uDE39\\uD83D\\uDC8D\"")},
    {TEXT("\"\\uD7FF\\uE000\"")},
    {TEXT("\"\\\\u0000\"")},
    {TEXT("\"\\\\a\"")},
    {TEXT("\"\\\\n\"")},
    {TEXT("\"\\\\\\\"\"")},
    {TEXT("[\"\\u0061\\u30af\\u30EA\\u30b9\"]")},
    /* strings: raw characters */
    {TEXT("\"a/*b*/c/*d//e\"")},
    {TEXT("\"'\"")},
    {TEXT("\"\x7f\"")},
    {TEXT("\" \"")},
    {TEXT("\"!#$%&()*+,-./:;<=>?@[]^_`{|}~\"")},
    {TEXT("\"\xc2\x80\"")},
    {TEXT("\"\xdf\xbf\"")},
    {TEXT("\"\xe0\xa0\x80\"")},
    {TEXT("\"\xed\x9f\xbf\"")},
    {TEXT("\"\xee\x80\x80\"")},
    {TEXT("\"\xef\xbf\xbf\"")},
    {TEXT("\"\xef\xbb\xbf\"")}, /* U+FEFF within a string is a character */
    {TEXT("\"\xf0\x90\x80\x80\"")},
    {TEXT("\"\xf4\x8f\xbf\xbf\"")},
    {TEXT("\"\xe2\x80\xa8\xe2\x80\xa9\"")},
    {TEXT("\"\xf0\x9b\xbf\xbf\"")},
    {TEXT("\"\xe2\x82\xac\xf0\x9d\x84\x9e and plain text behind it\"")},
    {TEXT("\"plain text that is longer than one word of eight bytes\"")},
    /* objects */
    {TEXT("{\"\":0}")},
    {TEXT("{\"a\":\"b\",\"a\":\"c\"}")}, /* whoever reads decides about duplicates */
    {TEXT("{\"a\":\"b\",\"a\":\"b\"}")},
    {TEXT("{\"foo\\u0000bar\":42}")},
    {TEXT("{\"min\":-1.0e+28,\"max\":1.0e+28}")},
    {TEXT("{\"x\":[{\"id\":\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"}],\"id\":\"x\"}")},
    {TEXT("{\"title\":\"\\u041f\\u043e\\u043b\\u0442\\u043e\\u0440\\u0430\"}")},
    {TEXT("{\n\"a\":\"b\"\n}")},
    {TEXT("{\"a\":[]}")},
    {TEXT("{\"a\":{\"b\":{\"c\":null}},\"d\":[{},{}]}")},
    {TEXT("[{\"a\":1},{\"a\":2}]")},
    {TEXT("{\"asd\":\"sdf\",\"dfg\":\"fgh\"}")},
};

static const refused_t refused[] = {
    /* nothing, or not a value */
    {TEXT(""), 0, "unexpected end of the text"},
    {TEXT(" "), 1, "unexpected end of the text"},
    {TEXT("\n\t"), 2, "unexpected end of the text"},
    {TEXT("\xef\xbb\xbf{}"), 0, "expected a value"}, /* byte order marks */
    {TEXT("\xef\xbb\xbf"), 0, "expected a value"},
    {TEXT("\xff\xfe[\0]\0"), 0, "expected a value"},
    {TEXT("\0[\0]"), 0, "expected a value"},
    {TEXT("\0"), 0, "expected a value"},
    {TEXT("{}\0"), 2, "text after the value"},
    {TEXT("1\0"), 1, "text after the value"},
    {TEXT("a"), 0, "expected a value"},
    {TEXT("*"), 0, "expected a value"},
    {TEXT("]"), 0, "expected a value"},
    {TEXT("}"), 0, "expected a value"},
    {TEXT(","), 0, "expected a value"},
    {TEXT(":"), 0, "expected a value"},
    {TEXT("<.>"), 0, "expected a value"},
    {TEXT("'a'"), 0, "expected a value"},
    {TEXT("\xe5"), 0, "expected a value"},
    {TEXT("\x0c[]"), 0, "expected a value"},         /* form feed */
    {TEXT("\x0b[]"), 0, "expected a value"},         /* vertical tab */
    {TEXT("\xc2\xa0[]"), 0, "expected a value"},     /* no-break space */
    {TEXT("\xe2\x81\xa0[]"), 0, "expected a value"}, /* word joiner */
    {TEXT("\xe2\x80\xa8[]"), 0, "expected a value"}, /* line separator */
    {TEXT("/**/1"), 0, "expected a value"},
    {TEXT("//x\n1"), 0, "expected a value"},
    {TEXT("#x\n1"), 0, "expected a value"},
    {TEXT("undefined"), 0, "expected a value"},
    {TEXT("\\u0031"), 0, "expected a value"},
    {TEXT("`a`"), 0, "expected a value"},
    /* literals */
    {TEXT("nul"), 0, "expected true, false or null"},
    {TEXT("n"), 0, "expected true, false or null"},
    {TEXT("tru"), 0, "expected true, false or null"},
    {TEXT("fals"), 0, "expected true, false or null"},
    {TEXT("nil"), 0, "expected true, false or null"},
    {TEXT("True"), 0, "expected a value"},
    {TEXT("NULL"), 0, "expected a value"},
    {TEXT("tRUE"), 0, "expected true, false or null"},
    {TEXT("truth"), 0, "expected true, false or null"},
    {TEXT("truex"), 4, "text after the value"},
    {TEXT("nullnull"), 4, "text after the value"},
    {TEXT("[truefalse]"), 5, "expected a comma or a closing bracket"},
    {TEXT("[nul\0]"), 1, "expected true, false or null"},
    /* numbers */
    {TEXT("NaN"), 0, "expected a value"},
    {TEXT("nan"), 0, "expected true, false or null"},
    {TEXT("Infinity"), 0, "expected a value"},
    {TEXT("-Infinity"), 1, "expected a digit"},
    {TEXT("-NaN"), 1, "expected a digit"},
    {TEXT("+1"), 0, "expected a value"},
    {TEXT("++1234"), 0, "expected a value"},
    {TEXT("-"), 1, "unexpected end of the text"},
    {TEXT("[-]"), 2, "expected a digit"},
    {TEXT("--1"), 1, "expected a digit"},
    {TEXT("- 1"), 1, "expected a digit"},
    {TEXT("01"), 0, "number with a leading zero"},
    {TEXT("-01"), 1, "number with a leading zero"},
    {TEXT("-012"), 1, "number with a leading zero"},
    {TEXT("00"), 0, "number with a leading zero"},
    {TEXT("012.5"), 0, "number with a leading zero"},
    {TEXT("[-00]"), 2, "number with a leading zero"},
    {TEXT("2."), 2, "unexpected end of the text"},
    {TEXT("[2.]"), 3, "expected a digit"},
    {TEXT("-2."), 3, "unexpected end of the text"},
    {TEXT("0.e1"), 2, "expected a digit"},
    {TEXT("2.e+3"), 2, "expected a digit"},
    {TEXT(".5"), 0, "expected a value"},
    {TEXT("-.5"), 1, "expected a digit"},
    {TEXT(".2e-3"), 0, "expected a value"},
    {TEXT("1e"), 2, "unexpected end of the text"},
    {TEXT("[1e]"), 3, "expected a digit"},
    {TEXT("1E+"), 3, "unexpected end of the text"},
    {TEXT("[1e+]"), 4, "expected a digit"},
    {TEXT("0e"), 2, "unexpected end of the text"},
    {TEXT("0E-"), 3, "unexpected end of the text"},
    {TEXT("1eE2"), 2, "expected a digit"},
    {TEXT("1e+-2"), 3, "expected a digit"},
    {TEXT("9.3e+"), 5, "unexpected end of the text"},
    {TEXT("1.2.3"), 3, "text after the value"},
    {TEXT("1e1.5"), 3, "text after the value"},
    {TEXT("1e1e1"), 3, "text after the value"},
    {TEXT("0.1.2"), 3, "text after the value"},
    {TEXT("0x1"), 1, "text after the value"},
    {TEXT("0x42"), 1, "text after the value"},
    {TEXT("1 000"), 2, "text after the value"},
    {TEXT("1_000"), 1, "text after the value"},
    {TEXT("1,5"), 1, "text after the value"},
    {TEXT("1a"), 1, "text after the value"},
    {TEXT("-1x"), 2, "text after the value"},
    {TEXT("1L"), 1, "text after the value"},
    {TEXT("1+2"), 1, "text after the value"},
    {TEXT("1-"), 1, "text after the value"},
    {TEXT("1\xe5"), 1, "text after the value"},
    {TEXT("\xef\xbc\x91"), 0, "expected a value"}, /* full-width digit one */
    {TEXT("1e\xe5"), 2, "expected a digit"},
    {TEXT("[0\xe5]"), 2, "expected a comma or a closing bracket"},
    /* strings */
    {TEXT("\""), 1, "unexpected end of the text"},
    {TEXT("\"a"), 2, "unexpected end of the text"},
    {TEXT("\"abcdefghijklmnopq"), 18, "unexpected end of the text"},
    {TEXT("\"\\"), 2, "unexpected end of the text"},
    {TEXT("\"\\\""), 3, "unexpected end of the text"},
    {TEXT("\"\\\\\\\""), 5, "unexpected end of the text"},
    {TEXT("\"\n\""), 1, "control character in a string"},
    {TEXT("\"\t\""), 1, "control character in a string"},
    {TEXT("\"\r\""), 1, "control character in a string"},
    {TEXT("\"\0\""), 1, "control character in a string"},
    {TEXT("\"a\0a\""), 2, "control character in a string"},
    {TEXT("\"\x1f\""), 1, "control character in a string"},
    {TEXT("\"0123456789\x01\""), 11, "control character in a string"},
    {TEXT("\"\\a\""), 1, "invalid escape in a string"},
    {TEXT("\"\\v\""), 1, "invalid escape in a string"},
    {TEXT("\"\\0\""), 1, "invalid escape in a string"},
    {TEXT("\"\\x00\""), 1, "invalid escape in a string"},
    {TEXT("\"\\'\""), 1, "invalid escape in a string"},
    {TEXT("\"\\ \""), 1, "invalid escape in a string"},
    {TEXT("\"\\\n\""), 1, "invalid escape in a string"},
    {TEXT("\"\\\t\""), 1, "invalid escape in a string"},
    {TEXT("\"\\\0\""), 1, "invalid escape in a string"},
    {TEXT("\"\\\xe5\""), 1, "invalid escape in a string"},
    {TEXT("\"\\\xf0\x9f\x8c\x80\""), 1, "invalid escape in a string"},
    {TEXT("\"\\N\""), 1, "invalid escape in a string"},
    {TEXT("\"\\u\""), 1, "invalid escape in a string"},
    {TEXT("\"\\u1\""), 1, "invalid escape in a string"},
    {TEXT("\"\\u00A\""), 1, "invalid escape in a string"},
    {TEXT("\"\\u00g0\""), 1, "invalid escape in a string"},
    {TEXT("\"\\u 123\""), 1, "invalid escape in a string"},
    {TEXT("\"\\u+123\""), 1, "invalid escape in a string"},
    {TEXT("\"\\U0041\""), 1, "invalid escape in a string"},
    {TEXT("\"\\uqqqq\""), 1, "invalid escape in a string"},
    {TEXT("\"\\u12"), 1, "invalid escape in a string"},
    {TEXT("\"\\u{41}\""), 1, "invalid escape in a string"},
    {TEXT("\"\\uD800\""), 1, "lone surrogate in a string"},
    {TEXT("\"\\uDC00\""), 1, "lone surrogate in a string"},
    {TEXT("\"\\uDFFF\""), 1, "lone surrogate in a string"},
    {TEXT("\"a\\udbff\""), 2, "lone surrogate in a string"},
    {TEXT("\"\\uD800\\uD800\""), 1, "lone surrogate in a string"},
    {TEXT("\"\\uDC00\\uD800\""), 1, "lone surrogate in a string"},
    {TEXT("\"\\uD800\\n\""), 1, "lone surrogate in a string"},
    {TEXT("\"\\uD800abc\""), 1, "lone surrogate in a string"},
    {TEXT("\"\\uD800\\u\""), 1, "lone surrogate in a string"},
    {TEXT("\"\\uD800\\u1\""), 1, "lone surrogate in a string"},
    {TEXT("\"\\uD800\\u1x\""), 1, "lone surrogate in a string"},
    {TEXT("\"\\uD800\\uDC0\""), 1, "lone surrogate in a string"},
    {TEXT("\"\\uD888\\u1234\""), 1, "lone surrogate in a string"},
    {TEXT("\"\\uD800\\uE000\""), 1, "lone surrogate in a string"},
    {TEXT("\"\\uD83D\\uDE00\\uDE00\""), 13, "lone surrogate in a string"},
    {TEXT("\"\\uD83D"), 1, "lone surrogate in a string"},
    /* strings: what is not UTF-8 */
    {TEXT("\"\x80\""), 1, "invalid UTF-8"},
    {TEXT("\"\xbf\""), 1, "invalid UTF-8"},
    {TEXT("\"\xc0\xaf\""), 1, "invalid UTF-8"},
    {TEXT("\"\xc1\xbf\""), 1, "invalid UTF-8"},
    {TEXT("\"\xc2\""), 1, "invalid UTF-8"},
    {TEXT("\"\xc2"), 1, "invalid UTF-8"},
    {TEXT("\"\xc2\x7f\""), 1, "invalid UTF-8"},
    {TEXT("\"\xc2\xc0\""), 1, "invalid UTF-8"},
    {TEXT("\"\xe0\x80\xaf\""), 1, "invalid UTF-8"},
    {TEXT("\"\xe0\x9f\xbf\""), 1, "invalid UTF-8"},
    {TEXT("\"\xe2\x82\""), 1, "invalid UTF-8"},
    {TEXT("\"\xe2\x82\xc0\""), 1, "invalid UTF-8"},
    {TEXT("\"\xed\xa0\x80\""), 1, "invalid UTF-8"},
    {TEXT("\"\xed\xbf\xbf\""), 1, "invalid UTF-8"},
    {TEXT("\"\xed\xa0\x80\xed\xb0\x80\""), 1, "invalid UTF-8"},
    {TEXT("\"\xf0\x80\x80\xaf\""), 1, "invalid UTF-8"},
    {TEXT("\"\xf0\x8f\xbf\xbf\""), 1, "invalid UTF-8"},
    {TEXT("\"\xf0\x90\x80\""), 1, "invalid UTF-8"},
    {TEXT("\"\xf4\x90\x80\x80\""), 1, "invalid UTF-8"},
    {TEXT("\"\xf5\x80\x80\x80\""), 1, "invalid UTF-8"},
    {TEXT("\"\xf8\x88\x80\x80\x80\""), 1, "invalid UTF-8"},
    {TEXT("\"\xfc\x84\x80\x80\x80\x80\""), 1, "invalid UTF-8"},
    {TEXT("\"\xfe\""), 1, "invalid UTF-8"},
    {TEXT("\"\xff\""), 1, "invalid UTF-8"},
    {TEXT("\"0123456789abcdef\xff\""), 17, "invalid UTF-8"},
    {TEXT("\"\xe9\""), 1, "invalid UTF-8"}, /* Latin-1 */
    {TEXT("{\"\xb9\":0}"), 2, "invalid UTF-8"},
    {TEXT("[\"\\n\xff\"]"), 4, "invalid UTF-8"},
    /* arrays */
    {TEXT("["), 1, "unexpected end of the text"},
    {TEXT("[1"), 2, "unexpected end of the text"},
    {TEXT("[1,"), 3, "unexpected end of the text"},
    {TEXT("[1,]"), 3, "expected a value"},
    {TEXT("[,]"), 1, "expected a value"},
    {TEXT("[,1]"), 1, "expected a value"},
    {TEXT("[1,,2]"), 3, "expected a value"},
    {TEXT("[1,,]"), 3, "expected a value"},
    {TEXT("[1 2]"), 3, "expected a comma or a closing bracket"},
    {TEXT("[1;2]"), 2, "expected a comma or a closing bracket"},
    {TEXT("[1:2]"), 2, "expected a comma or a closing bracket"},
    {TEXT("[\"a\":1]"), 4, "expected a comma or a closing bracket"},
    {TEXT("[\"a\" \"b\"]"), 5, "expected a comma or a closing bracket"},
    {TEXT("[3[4]]"), 2, "expected a comma or a closing bracket"},
    {TEXT("[[]"), 3, "unexpected end of the text"},
    {TEXT("[[]]]"), 4, "text after the value"},
    {TEXT("[]]"), 2, "text after the value"},
    {TEXT("[][]"), 2, "text after the value"},
    {TEXT("[1}"), 2, "expected a comma or a closing bracket"},
    {TEXT("[}"), 1, "expected a value"},
    {TEXT("[(1)]"), 1, "expected a value"},
    {TEXT("[a]"), 1, "expected a value"},
    {TEXT("['a']"), 1, "expected a value"},
    {TEXT("[*]"), 1, "expected a value"},
    {TEXT("[1]x"), 3, "text after the value"},
    {TEXT("[1],"), 3, "text after the value"},
    {TEXT("1]"), 1, "text after the value"},
    {TEXT("[\x0c]"), 1, "expected a value"},
    {TEXT("[1,\xe2\x81\xa0\x32]"), 3, "expected a value"},
    {TEXT("[...]"), 1, "expected a value"},
    {TEXT("[1//x\n]"), 2, "expected a comma or a closing bracket"},
    {TEXT("[{}"), 3, "unexpected end of the text"},
    {TEXT("[1,\n1\n,1"), 8, "unexpected end of the text"},
    /* objects */
    {TEXT("{"), 1, "unexpected end of the text"},
    {TEXT("{\""), 2, "unexpected end of the text"},
    {TEXT("{\"a"), 3, "unexpected end of the text"},
    {TEXT("{\"a\""), 4, "unexpected end of the text"},
    {TEXT("{\"a\":"), 5, "unexpected end of the text"},
    {TEXT("{\"a\":1"), 6, "unexpected end of the text"},
    {TEXT("{\"a\":1,"), 7, "unexpected end of the text"},
    {TEXT("{\"a\":1,}"), 7, "expected a member name"},
    {TEXT("{\"a\":1,,\"b\":2}"), 7, "expected a member name"},
    {TEXT("{,\"a\":1}"), 1, "expected a member name"},
    {TEXT("{\"a\"}"), 4, "expected a colon"},
    {TEXT("{\"a\",1}"), 4, "expected a colon"},
    {TEXT("{\"a\" 1}"), 5, "expected a colon"},
    {TEXT("{\"a\":}"), 5, "expected a value"},
    {TEXT("{\"a\"::1}"), 5, "expected a value"},
    {TEXT("{\"a\":a}"), 5, "expected a value"},
    {TEXT("{\"a\":1 \"b\":2}"), 7, "expected a comma or a closing brace"},
    {TEXT("{\"a\":1;\"b\":2}"), 6, "expected a comma or a closing brace"},
    {TEXT("{\"a\":1]"), 6, "expected a comma or a closing brace"},
    {TEXT("{\"a\":\"b\":\"c\"}"), 8, "expected a comma or a closing brace"},
    {TEXT("{a:1}"), 1, "expected a member name"},
    {TEXT("{'a':1}"), 1, "expected a member name"},
    {TEXT("{1:1}"), 1, "expected a member name"},
    {TEXT("{null:1}"), 1, "expected a member name"},
    {TEXT("{[]:1}"), 1, "expected a member name"},
    {TEXT("{{}:1}"), 1, "expected a member name"},
    {TEXT("{:1}"), 1, "expected a member name"},
    {TEXT("{]"), 1, "expected a member name"},
    {TEXT("{\"a\":1}}"), 7, "text after the value"},
    {TEXT("{\"a\":1}#"), 7, "text after the value"},
    {TEXT("{\"a\":1}/**/"), 7, "text after the value"},
    {TEXT("{\"a\":1}//"), 7, "text after the value"},
    {TEXT("{}{}"), 2, "text after the value"},
    {TEXT("{\"a\" b}"), 5, "expected a colon"},
    {TEXT("{\"a\":true\"b\":1}"), 9, "expected a comma or a closing brace"},
    {TEXT("{\"\t\":1}"), 2, "control character in a string"},
    {TEXT("{\"a\\q\":1}"), 3, "invalid escape in a string"},
    {TEXT("{\"\\uD800\":1}"), 2, "lone surrogate in a string"},
    {TEXT("{/**/\"a\":1}"), 1, "expected a member name"},
};

#define COUNT(table) ((int)(sizeof(table) / sizeof *(table)))

/* Every test text stands in an exact block of its own, so that a sanitizer sees one byte too many.
 */
static char *exactly(const char *text, apr_size_t len)
{
    char *copy = malloc(len ? len : 1);

    ck_assert_ptr_nonnull(copy);
    memcpy(copy, text, len);
    return copy;
}

/* The caller's way through a text, token by token. */
static void walk(base_scan_t *scan)
{
    base_scan_span_t span;
    base_scan_kind_e kind = base_scan_peek(scan);

    switch (kind) {
    case BASE_SCAN_OBJECT:
        if (base_scan_enter(scan, kind))
            while (base_scan_member(scan, &span))
                walk(scan);
        break;
    case BASE_SCAN_ARRAY:
        if (base_scan_enter(scan, kind))
            while (base_scan_element(scan))
                walk(scan);
        break;
    case BASE_SCAN_STRING:
        base_scan_string(scan, &span);
        break;
    case BASE_SCAN_NUMBER:
        base_scan_number(scan, &span);
        break;
    case BASE_SCAN_TRUE:
    case BASE_SCAN_FALSE:
    case BASE_SCAN_NULL:
        base_scan_literal(scan, kind);
        break;
    case BASE_SCAN_BAD:
        break;
    }
}

START_TEST(accepts)
{
    const accepted_t *want = &accepted[_i];
    char *text = exactly(want->text, want->len);
    base_scan_t scan;

    base_scan_init(&scan, text, want->len, 16);
    ck_assert_msg(base_scan_skip(&scan, NULL) && base_scan_end(&scan), "skip %s: %s", want->text,
                  scan.why);
    ck_assert_ptr_null(scan.why);
    base_scan_init(&scan, text, want->len, 16);
    walk(&scan);
    ck_assert_msg(base_scan_end(&scan), "walk %s: %s", want->text, scan.why);
    free(text);
}
END_TEST

START_TEST(refuses)
{
    const refused_t *want = &refused[_i];
    char *text = exactly(want->text, want->len);
    base_scan_t scan;

    base_scan_init(&scan, text, want->len, 16);
    ck_assert_msg(!(base_scan_skip(&scan, NULL) && base_scan_end(&scan)), "skip %s", want->text);
    ck_assert_str_eq(scan.why, want->why);
    ck_assert_uint_eq(scan.fault, want->fault);
    base_scan_init(&scan, text, want->len, 16);
    walk(&scan);
    ck_assert_msg(!base_scan_end(&scan), "walk %s", want->text);
    ck_assert_str_eq(scan.why, want->why);
    ck_assert_uint_eq(scan.fault, want->fault);
    free(text);
}
END_TEST

/* What passes alone passes as an element and as a member; what doesn't, doesn't. */
START_TEST(context_changes_nothing)
{
    const char *text =
        _i < COUNT(accepted) ? accepted[_i].text : refused[_i - COUNT(accepted)].text;
    apr_size_t len = _i < COUNT(accepted) ? accepted[_i].len : refused[_i - COUNT(accepted)].len;
    static const char *const around[][2] = {{"[0,", ",0]"}, {"{\"a\":", ",\"b\":0}"}};
    apr_size_t i;

    for (i = 0; i < 2; i++) {
        apr_size_t before = strlen(around[i][0]), after = strlen(around[i][1]);
        char *whole = apr_palloc(unit_pool, before + len + after);
        int good = _i < COUNT(accepted) || (i == 0 && !strcmp(text, "1,5")); /* two elements */
        base_scan_t scan;

        memcpy(whole, around[i][0], before);
        memcpy(whole + before, text, len);
        memcpy(whole + before + len, around[i][1], after);
        base_scan_init(&scan, whole, before + len + after, 16);
        ck_assert_msg((base_scan_skip(&scan, NULL) && base_scan_end(&scan)) == good, "%.*s: %s",
                      (int)(before + len + after), whole, scan.why);
    }
}
END_TEST

/* A cut text never passes, except where a number is cut between its digits. */
START_TEST(every_prefix_is_refused)
{
    static const char text[] = "{\"a\\n\\ud83d\\ude00\":[true,false,null,-0.5e+1,"
                               "\"\xf0\x9f\x98\x80\",{}],\"b\":{\"c\":[[]]}}";
    apr_size_t len;
    base_scan_t scan;

    for (len = 0; len < sizeof text - 1; len++) {
        char *cut = exactly(text, len);

        base_scan_init(&scan, cut, len, 16);
        ck_assert_int_eq(base_scan_skip(&scan, NULL), 0);
        ck_assert_ptr_nonnull(scan.why);
        ck_assert_uint_le(scan.fault, len);
        ck_assert_int_eq(base_scan_end(&scan), 0);
        free(cut);
    }
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("base/scan");
    TCase *tcase = unit_case(suite, "grammar");

    tcase_add_loop_test(tcase, accepts, 0, COUNT(accepted));
    tcase_add_loop_test(tcase, refuses, 0, COUNT(refused));
    tcase_add_loop_test(tcase, context_changes_nothing, 0, COUNT(accepted) + COUNT(refused));
    tcase_add_test(tcase, every_prefix_is_refused);
    return suite;
}
