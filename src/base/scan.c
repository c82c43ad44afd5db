/* SPDX-License-Identifier: Apache-2.0 */
/* The judge of JSON: RFC 8259's grammar over RFC 3629's UTF-8, nothing more lenient than either.
 *
 * A byte order mark is refused (RFC 8259 section 8.1 forbids sending it), a surrogate escape only
 * passes as a pair (section 8.2 leaves it open; the stores behind us hold UTF-8). One pass, one
 * look at every byte, no allocation except for what is unescaped.
 *
 * The separators are judged with one flag. `fresh` is set by enter and cleared by every value that
 * was consumed, a closed container included. While it is set, what comes next in the container is
 * its closing bracket or a first entry; once it is cleared, the closing bracket or a comma and a
 * further entry. It belongs to the innermost container, and the outer ones need no copy: when the
 * inner one closes, the outer one has just consumed a value.
 */
#include "base/scan.h"

#include <string.h>

#include "base/hash.h"
#include "base/text.h"

static const char END_OF_TEXT[] = "unexpected end of the text";

static int fail_at(base_scan_t *scan, const char *at, const char *why)
{
    if (!scan->why) {
        scan->why = why;
        scan->fault = (apr_size_t)(at - scan->text);
    }
    return 0;
}

void base_scan_fail(base_scan_t *scan, const char *why)
{
    (void)fail_at(scan, scan->pos, why);
}

void base_scan_init(base_scan_t *scan, const char *text, apr_size_t len, int depth_max)
{
    memset(scan, 0, sizeof *scan);
    scan->text = scan->pos = text ? text : "";
    scan->end = scan->text + (text ? len : 0);
    scan->depth_max = depth_max < BASE_SCAN_DEPTH_MAX ? depth_max : BASE_SCAN_DEPTH_MAX;
}

static void skip_space(base_scan_t *scan)
{
    const char *at = scan->pos;

    while (at < scan->end && (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t'))
        at++;
    scan->pos = at;
}

static int is_digit(char c)
{
    return c >= '0' && c <= '9';
}

base_scan_kind_e base_scan_peek(base_scan_t *scan)
{
    if (scan->why)
        return BASE_SCAN_BAD;
    skip_space(scan);
    if (scan->pos == scan->end) {
        base_scan_fail(scan, END_OF_TEXT);
        return BASE_SCAN_BAD;
    }
    switch (*scan->pos) {
    case '"':
        return BASE_SCAN_STRING;
    case '{':
        return BASE_SCAN_OBJECT;
    case '[':
        return BASE_SCAN_ARRAY;
    case 't':
        return BASE_SCAN_TRUE;
    case 'f':
        return BASE_SCAN_FALSE;
    case 'n':
        return BASE_SCAN_NULL;
    default:
        if (*scan->pos == '-' || is_digit(*scan->pos))
            return BASE_SCAN_NUMBER;
        base_scan_fail(scan, "expected a value");
        return BASE_SCAN_BAD;
    }
}

/* Length in bytes of the character at `at`, which is before end; 0 when it is not UTF-8. The
 * bounds are the table of RFC 3629 section 4. */
static int utf8_length(const char *at, const char *end)
{
    const unsigned char *c = (const unsigned char *)at;
    unsigned char low = 0x80, high = 0xBF;
    int i, len;

    if (c[0] < 0x80)
        return 1;
    if (c[0] < 0xC2 || c[0] > 0xF4)
        return 0;
    len = c[0] < 0xE0 ? 2 : c[0] < 0xF0 ? 3 : 4;
    if (end - at < len)
        return 0;
    if (c[0] == 0xE0)
        low = 0xA0; /* shorter forms */
    else if (c[0] == 0xED)
        high = 0x9F; /* surrogates */
    else if (c[0] == 0xF0)
        low = 0x90; /* shorter forms */
    else if (c[0] == 0xF4)
        high = 0x8F; /* above U+10FFFF */
    if (c[1] < low || c[1] > high)
        return 0;
    for (i = 2; i < len; i++)
        if ((c[i] & 0xC0) != 0x80)
            return 0;
    return len;
}

/* Where the run of bytes ends that need no second look within a string. */
static inline const char *plain_end(const char *at, const char *end)
{
    return base_text_run_end(at, end, 1);
}

/* The UTF-16 code unit that a \uXXXX at `at` spells, -1 when there is none. */
static int escaped_unit(const char *at, const char *end)
{
    int i, digit, unit = 0;

    if (end - at < 6 || at[0] != '\\' || at[1] != 'u')
        return -1;
    for (i = 2; i < 6; i++) {
        digit = base_hash_unhex(at[i]);
        if (digit < 0)
            return -1;
        unit = unit * 16 + digit;
    }
    return unit;
}

static int is_high(int unit)
{
    return unit >= 0xD800 && unit <= 0xDBFF;
}

static int is_low(int unit)
{
    return unit >= 0xDC00 && unit <= 0xDFFF;
}

/* Length in bytes of the escape at `at`, 0 and a fault when it is none. */
static int escape_length(base_scan_t *scan, const char *at)
{
    static const char letters[] = "\"\\/bfnrt", why[] = "invalid escape in a string";
    int unit;

    if (scan->end - at < 2)
        return fail_at(scan, scan->end, END_OF_TEXT);
    if (at[1] != 'u')
        return memchr(letters, at[1], sizeof letters - 1) ? 2 : fail_at(scan, at, why);
    unit = escaped_unit(at, scan->end);
    if (unit < 0)
        return fail_at(scan, at, why);
    if (is_high(unit) && is_low(escaped_unit(at + 6, scan->end)))
        return 12;
    if (is_high(unit) || is_low(unit))
        return fail_at(scan, at, "lone surrogate in a string");
    return 6;
}

/* Where the string goes on behind what plain_end() stopped at; NULL and a fault when it doesn't. */
static const char *pass_special(base_scan_t *scan, base_scan_span_t *span, const char *at)
{
    int len = 0;

    if (at == scan->end) {
        (void)fail_at(scan, at, END_OF_TEXT);
    } else if (*at == '\\') {
        len = escape_length(scan, at);
        span->escaped = 1;
    } else if ((unsigned char)*at < 0x20) {
        (void)fail_at(scan, at, "control character in a string");
    } else {
        len = utf8_length(at, scan->end);
        if (!len)
            (void)fail_at(scan, at, "invalid UTF-8");
    }
    return len ? at + len : NULL;
}

static int close_quotes(base_scan_t *scan, base_scan_span_t *span, const char *at)
{
    span->len = (apr_size_t)(at - span->ptr);
    scan->pos = at + 1;
    scan->fresh = 0;
    return 1;
}

/* The rest of a string that is not plain. */
static __attribute__((noinline)) int quoted_rest(base_scan_t *scan, base_scan_span_t *span,
                                                 const char *at)
{
    while (at == scan->end || *at != '"') {
        at = pass_special(scan, span, at);
        if (!at)
            return 0;
        at = plain_end(at, scan->end);
    }
    return close_quotes(scan, span, at);
}

/* The string whose opening quote is at pos. */
static int quoted(base_scan_t *scan, base_scan_span_t *span)
{
    const char *at = plain_end(scan->pos + 1, scan->end);

    span->ptr = scan->pos + 1;
    span->escaped = 0;
    if (at < scan->end && *at == '"')
        return close_quotes(scan, span, at);
    return quoted_rest(scan, span, at);
}

int base_scan_string(base_scan_t *scan, base_scan_span_t *string)
{
    if (base_scan_peek(scan) != BASE_SCAN_STRING)
        return fail_at(scan, scan->pos, "expected a string");
    return quoted(scan, string);
}

static const char *digits_end(const char *at, const char *end)
{
    while (at < end && is_digit(*at))
        at++;
    return at;
}

/* The digits at `at`, at least one: where they end, or NULL and a fault. */
static const char *digits(base_scan_t *scan, const char *at)
{
    const char *last = digits_end(at, scan->end);

    if (last > at)
        return last;
    (void)fail_at(scan, at, at == scan->end ? END_OF_TEXT : "expected a digit");
    return NULL;
}

int base_scan_number(base_scan_t *scan, base_scan_span_t *number)
{
    const char *at, *last;

    if (base_scan_peek(scan) != BASE_SCAN_NUMBER)
        return fail_at(scan, scan->pos, "expected a number");
    at = scan->pos + (*scan->pos == '-');
    last = digits(scan, at);
    if (last && *at == '0' && last > at + 1)
        return fail_at(scan, at, "number with a leading zero");
    if (last && last < scan->end && *last == '.')
        last = digits(scan, last + 1);
    if (last && last < scan->end && (*last == 'e' || *last == 'E')) {
        at = last + 1;
        last = digits(scan, at + (at < scan->end && (*at == '+' || *at == '-')));
    }
    if (!last)
        return 0;
    number->ptr = scan->pos;
    number->len = (apr_size_t)(last - scan->pos);
    number->escaped = 0;
    scan->pos = last;
    scan->fresh = 0;
    return 1;
}

int base_scan_literal(base_scan_t *scan, base_scan_kind_e kind)
{
    const char *word = kind == BASE_SCAN_TRUE    ? "true"
                       : kind == BASE_SCAN_FALSE ? "false"
                       : kind == BASE_SCAN_NULL  ? "null"
                                                 : NULL;
    apr_size_t len = word ? strlen(word) : 0;

    if (base_scan_peek(scan) != kind || !word || (apr_size_t)(scan->end - scan->pos) < len ||
        memcmp(scan->pos, word, len) != 0)
        return fail_at(scan, scan->pos, "expected true, false or null");
    scan->pos += len;
    scan->fresh = 0;
    return 1;
}

int base_scan_enter(base_scan_t *scan, base_scan_kind_e kind)
{
    if (kind != BASE_SCAN_OBJECT && kind != BASE_SCAN_ARRAY)
        return fail_at(scan, scan->pos, "expected an object or an array");
    if (base_scan_peek(scan) != kind)
        return fail_at(scan, scan->pos,
                       kind == BASE_SCAN_OBJECT ? "expected an object" : "expected an array");
    if (scan->depth >= scan->depth_max)
        return fail_at(scan, scan->pos, "nested too deeply");
    scan->pos++;
    scan->depth++;
    scan->fresh = 1;
    return 1;
}

/* Up to the next entry of the innermost container: 1, or 0 when it was closed or on a fault. */
static int next_entry(base_scan_t *scan, char close, const char *expected)
{
    if (scan->why)
        return 0;
    skip_space(scan);
    if (scan->pos == scan->end)
        return fail_at(scan, scan->pos, END_OF_TEXT);
    if (scan->depth < 1)
        return fail_at(scan, scan->pos, "no container is open");
    if (*scan->pos == close) {
        scan->pos++;
        scan->depth--;
        scan->fresh = 0;
        return 0;
    }
    if (scan->fresh)
        return 1;
    if (*scan->pos != ',')
        return fail_at(scan, scan->pos, expected);
    scan->pos++;
    return 1;
}

int base_scan_member(base_scan_t *scan, base_scan_span_t *name)
{
    if (!next_entry(scan, '}', "expected a comma or a closing brace"))
        return 0;
    skip_space(scan);
    if (scan->pos == scan->end)
        return fail_at(scan, scan->pos, END_OF_TEXT);
    if (*scan->pos != '"')
        return fail_at(scan, scan->pos, "expected a member name");
    if (!quoted(scan, name))
        return 0;
    skip_space(scan);
    if (scan->pos == scan->end)
        return fail_at(scan, scan->pos, END_OF_TEXT);
    if (*scan->pos != ':')
        return fail_at(scan, scan->pos, "expected a colon");
    scan->pos++;
    return 1;
}

int base_scan_wrapped(base_scan_t *scan, char name, base_scan_span_t *string)
{
    const char *start = scan->pos;

    if (scan->why || scan->depth >= scan->depth_max || scan->end - start < 6 ||
        memcmp(start, "{\"", 2) != 0 || start[2] != name || memcmp(start + 3, "\":\"", 3) != 0)
        return 0;
    scan->pos = start + 5;
    if (!quoted(scan, string))
        return 0;
    if (scan->pos < scan->end && *scan->pos == '}') {
        scan->pos++;
        return 1;
    }
    scan->pos = start;
    return 0;
}

int base_scan_element(base_scan_t *scan)
{
    return next_entry(scan, ']', "expected a comma or a closing bracket") &&
           base_scan_peek(scan) != BASE_SCAN_BAD;
}

/* Consume a scalar, or enter a container. */
static int step_in(base_scan_t *scan, base_scan_kind_e kind)
{
    base_scan_span_t unused;

    switch (kind) {
    case BASE_SCAN_OBJECT:
    case BASE_SCAN_ARRAY:
        return base_scan_enter(scan, kind);
    case BASE_SCAN_STRING:
        return quoted(scan, &unused);
    case BASE_SCAN_NUMBER:
        return base_scan_number(scan, &unused);
    case BASE_SCAN_TRUE:
    case BASE_SCAN_FALSE:
    case BASE_SCAN_NULL:
        return base_scan_literal(scan, kind);
    case BASE_SCAN_BAD:
        break;
    }
    return 0;
}

int base_scan_skip(base_scan_t *scan, base_scan_span_t *span)
{
    char is_object[BASE_SCAN_DEPTH_MAX + 1]; /* by depth */
    base_scan_kind_e kind;
    base_scan_span_t name;
    const char *start;
    int base = scan->depth;

    (void)base_scan_peek(scan); /* over the white space; a fault is met again in the loop */
    start = scan->pos;
    do {
        kind = base_scan_peek(scan);
        if (!step_in(scan, kind))
            return 0;
        if (kind == BASE_SCAN_OBJECT || kind == BASE_SCAN_ARRAY)
            is_object[scan->depth] = (char)(kind == BASE_SCAN_OBJECT);
        while (scan->depth > base &&
               !(is_object[scan->depth] ? base_scan_member(scan, &name) : base_scan_element(scan)))
            if (scan->why)
                return 0;
    } while (scan->depth > base);
    if (span) {
        span->ptr = start;
        span->len = (apr_size_t)(scan->pos - start);
        span->escaped = 0;
    }
    return 1;
}

int base_scan_end(base_scan_t *scan)
{
    if (scan->why)
        return 0;
    skip_space(scan);
    if (scan->pos < scan->end)
        return fail_at(scan, scan->pos, "text after the value");
    if (scan->depth > 0)
        return fail_at(scan, scan->pos, END_OF_TEXT);
    return 1;
}

/* Write a code point as UTF-8: the number of bytes. */
static int put_utf8(char *to, int code)
{
    if (code < 0x80) {
        to[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        to[0] = (char)(0xC0 | code >> 6);
        to[1] = (char)(0x80 | (code & 0x3F));
        return 2;
    }
    if (code < 0x10000) {
        to[0] = (char)(0xE0 | code >> 12);
        to[1] = (char)(0x80 | (code >> 6 & 0x3F));
        to[2] = (char)(0x80 | (code & 0x3F));
        return 3;
    }
    to[0] = (char)(0xF0 | code >> 18);
    to[1] = (char)(0x80 | (code >> 12 & 0x3F));
    to[2] = (char)(0x80 | (code >> 6 & 0x3F));
    to[3] = (char)(0x80 | (code & 0x3F));
    return 4;
}

/* Unescape what stands at *at (a byte, or an escape that the scanner has judged), move *at behind
 * it: the number of bytes written to `to`, at most 4 and never more than were read. */
static int unescape(char to[4], const char **at, const char *end)
{
    static const char letters[] = "bfnrt", means[] = "\b\f\n\r\t";
    const char *from = *at, *found;
    int unit;

    if (*from != '\\' || end - from < 2) {
        to[0] = *from;
        *at = from + 1;
        return 1;
    }
    unit = escaped_unit(from, end);
    if (unit < 0) {
        found = memchr(letters, from[1], sizeof letters - 1);
        to[0] = from[1];
        if (found)
            to[0] = means[found - letters];
        *at = from + 2;
        return 1;
    }
    *at = from + 6;
    if (is_high(unit)) {
        unit = 0x10000 + ((unit - 0xD800) << 10) + (escaped_unit(from + 6, end) - 0xDC00);
        *at = from + 12;
    }
    return put_utf8(to, unit);
}

int base_scan_equals(const base_scan_span_t *string, const char *ascii)
{
    const char *at = string->ptr, *end = at + string->len;
    apr_size_t len = strlen(ascii), i = 0;
    char bytes[4];

    if (!string->escaped)
        return string->len == len && memcmp(at, ascii, len) == 0;
    while (at < end && i < len) {
        if (unescape(bytes, &at, end) != 1 || bytes[0] != ascii[i])
            return 0;
        i++;
    }
    return at == end && i == len;
}

const char *base_scan_unescape(apr_size_t *len, const base_scan_span_t *string, apr_pool_t *pool)
{
    const char *at = string->ptr, *end = at + string->len, *slash;
    char *bytes, *to, unescaped[4];
    int count;

    bytes = to = apr_palloc(pool, string->len); /* an escape is longer than what it means */
    while ((slash = memchr(at, '\\', (apr_size_t)(end - at)))) {
        memcpy(to, at, (apr_size_t)(slash - at));
        to += slash - at;
        at = slash;
        count = unescape(unescaped, &at, end);
        memcpy(to, unescaped, (apr_size_t)count);
        to += count;
    }
    memcpy(to, at, (apr_size_t)(end - at));
    to += end - at;
    *len = (apr_size_t)(to - bytes);
    return bytes;
}

int base_scan_is_utf8(const char *bytes, apr_size_t len)
{
    const char *at = bytes, *end = at + len;
    int count;

    for (; at < end; at += count) {
        at = plain_end(at, end);
        if (at == end)
            break;
        count = utf8_length(at, end);
        if (!count)
            return 0;
    }
    return 1;
}
