/* SPDX-License-Identifier: Apache-2.0 */
/* Attribute values to plain JSON and back.
 *
 * DynamoDB API Reference, AttributeValue: an object with exactly one member,
 * whose name is the type. Taking that object away only ever makes the text
 * shorter, so the result is bounded by the source. Scalars are left where they
 * stand in the answer. What contains others is judged when it is met and written
 * when its place has come, by one walk with the closing brackets on a stack, which
 * the scan's depth bounds: a copy of it in between would be as large as the answer.
 */
#include "dynamo/attr.h"

#include <string.h>

typedef enum {
    TYPE_S,
    TYPE_N,
    TYPE_B,
    TYPE_BOOL,
    TYPE_NULL,
    TYPE_M,
    TYPE_L,
    TYPE_SS,
    TYPE_NS,
    TYPE_BS,
    TYPE_NONE /* a fault, or no further value */
} type_e;

/* In the order of type_e. */
static const char type_names[TYPE_NONE][5] = {"S", "N", "B",  "BOOL", "NULL",
                                              "M", "L", "SS", "NS",   "BS"};

/* Plain JSON being written, or judged alone. */
typedef struct {
    base_text_t *text;                 /* NULL: judged alone */
    char closers[BASE_SCAN_DEPTH_MAX]; /* of the containers that are open, innermost last */
    int count;
    int first; /* nothing stands in the innermost container yet */
} plain_t;

static type_e type_of(const base_scan_span_t *name)
{
    int type;

    if (name->len == 1) /* nearly every value's, so it is found without a search */
        switch (*name->ptr) {
        case 'S':
            return TYPE_S;
        case 'N':
            return TYPE_N;
        case 'B':
            return TYPE_B;
        case 'M':
            return TYPE_M;
        case 'L':
            return TYPE_L;
        default:
            return TYPE_NONE;
        }
    for (type = 0; type < TYPE_NONE; type++)
        if ((name->escaped || *name->ptr == *type_names[type]) &&
            base_scan_equals(name, type_names[type]))
            break;
    return (type_e)type;
}

/* Consume {"TYPE": so that the value is next. */
static type_e open_value(base_scan_t *scan)
{
    base_scan_span_t name;
    type_e type;

    if (!base_scan_enter(scan, BASE_SCAN_OBJECT))
        return TYPE_NONE;
    if (!base_scan_member(scan, &name)) {
        base_scan_fail(scan, "attribute value without a type");
        return TYPE_NONE;
    }
    type = type_of(&name);
    if (type == TYPE_NONE)
        base_scan_fail(scan, "unknown attribute type");
    return type;
}

/* Consume a whole value of type S, if it is written as nearly all of them are. */
static int take_string(base_scan_span_t *string, base_scan_t *scan)
{
    return base_scan_wrapped(scan, 'S', string);
}

/* Consume the } of a value. */
static int close_value(base_scan_t *scan)
{
    base_scan_span_t name;

    if (base_scan_member(scan, &name))
        base_scan_fail(scan, "attribute value of more than one type");
    return !scan->why;
}

/* A number as RFC 8259 section 6 writes it and nothing around it. DynamoDB's own form always is. */
static int is_number(const base_scan_span_t *digits)
{
    base_scan_t scan;
    base_scan_span_t number;

    base_scan_init(&scan, digits->ptr, digits->len, 1);
    return base_scan_number(&scan, &number) && number.len == digits->len;
}

/* RFC 4648 section 4, with its padding. */
static int is_base64(const base_scan_span_t *text)
{
    apr_size_t i, len = text->len;

    if (len % 4)
        return 0;
    for (i = 0; i < 2 && len && text->ptr[len - 1] == '='; i++)
        len--;
    for (i = 0; i < len; i++) {
        char c = text->ptr[i];

        if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
              c == '+' || c == '/'))
            return 0;
    }
    return 1;
}

/* The string at scan, unescaped. */
static int read_string(base_scan_span_t *string, base_scan_t *scan, apr_pool_t *pool)
{
    if (!base_scan_string(scan, string))
        return 0;
    if (string->escaped) {
        string->ptr = base_scan_decode(&string->len, string, pool);
        string->escaped = 0;
    }
    return 1;
}

static void set_plain(dynamo_attr_t *attr, const char *json, apr_size_t len)
{
    attr->json = json;
    attr->len = len;
    attr->is_plain = 1;
}

static void set_string(dynamo_attr_t *attr, const base_scan_span_t *string)
{
    set_plain(attr, string->ptr - 1, string->len + 2);
    attr->escaped = (char)(string->escaped != 0);
}

static int read_number(dynamo_attr_t *attr, base_scan_t *scan, apr_pool_t *pool)
{
    base_scan_span_t digits;

    if (!read_string(&digits, scan, pool))
        return 0;
    if (!is_number(&digits))
        base_scan_fail(scan, "attribute of type N that is no number");
    set_plain(attr, digits.ptr, digits.len);
    return !scan->why;
}

static int read_binary(dynamo_attr_t *attr, base_scan_t *scan, apr_pool_t *pool)
{
    base_scan_span_t string, bytes;
    base_text_t quoted;

    if (!base_scan_string(scan, &string))
        return 0;
    bytes = string;
    bytes.ptr = base_scan_decode(&bytes.len, &string, pool);
    if (!is_base64(&bytes)) {
        base_scan_fail(scan, "attribute of type B that is no base64");
        return 0;
    }
    if (!string.escaped) {
        set_string(attr, &string);
        return 1;
    }
    /* Encoders differ in whether they escape '/': what was escaped is quoted anew. */
    base_text_init(&quoted, bytes.len + 2, bytes.len + 2, pool);
    base_text_put_json(&quoted, bytes.ptr, bytes.len);
    set_plain(attr, quoted.data, quoted.len);
    return 1;
}

static void put(plain_t *plain, const char *bytes, apr_size_t len)
{
    if (plain->text)
        base_text_put(plain->text, bytes, len);
}

/* A value that contains no other, or an element of a set. */
static int read_scalar(dynamo_attr_t *attr, type_e type, base_scan_t *scan, apr_pool_t *pool)
{
    base_scan_span_t string;
    base_scan_kind_e kind;

    switch (type) {
    case TYPE_S:
        if (!base_scan_string(scan, &string))
            return 0;
        set_string(attr, &string);
        return 1;
    case TYPE_N:
        return read_number(attr, scan, pool);
    case TYPE_B:
        return read_binary(attr, scan, pool);
    case TYPE_BOOL:
        kind = base_scan_peek(scan);
        if (kind != BASE_SCAN_TRUE && kind != BASE_SCAN_FALSE)
            base_scan_fail(scan, "attribute of type BOOL that is neither true nor false");
        set_plain(attr, kind == BASE_SCAN_TRUE ? "true" : "false", kind == BASE_SCAN_TRUE ? 4 : 5);
        return base_scan_literal(scan, kind);
    default: /* TYPE_NULL */
        if (base_scan_peek(scan) != BASE_SCAN_TRUE)
            base_scan_fail(scan, "attribute of type NULL that is not true");
        set_plain(attr, "null", 4);
        return base_scan_literal(scan, BASE_SCAN_TRUE);
    }
}

static type_e type_of_element(type_e set)
{
    return set == TYPE_SS ? TYPE_S : set == TYPE_NS ? TYPE_N : TYPE_B;
}

static void write_set(plain_t *plain, type_e element, base_scan_t *scan, apr_pool_t *pool)
{
    dynamo_attr_t scalar = {0};
    int first = 1;

    if (!base_scan_enter(scan, BASE_SCAN_ARRAY))
        return;
    put(plain, "[", 1);
    while (base_scan_element(scan) && read_scalar(&scalar, element, scan, pool)) {
        if (!first)
            put(plain, ",", 1);
        first = 0;
        put(plain, scalar.json, scalar.len);
    }
    put(plain, "]", 1);
}

/* Write the value whose type was just read; of a map or list only its opening bracket. */
static void write_value(plain_t *plain, type_e type, base_scan_t *scan, apr_pool_t *pool)
{
    dynamo_attr_t scalar = {0};
    int is_map = type == TYPE_M;

    switch (type) {
    case TYPE_M:
    case TYPE_L:
        if (plain->count == BASE_SCAN_DEPTH_MAX) {
            base_scan_fail(scan, "nested too deep");
            return;
        }
        if (!base_scan_enter(scan, is_map ? BASE_SCAN_OBJECT : BASE_SCAN_ARRAY))
            return;
        plain->closers[plain->count++] = is_map ? '}' : ']';
        plain->first = 1;
        put(plain, is_map ? "{" : "[", 1);
        return;
    case TYPE_SS:
    case TYPE_NS:
    case TYPE_BS:
        write_set(plain, type_of_element(type), scan, pool);
        break;
    default:
        if (read_scalar(&scalar, type, scan, pool))
            put(plain, scalar.json, scalar.len);
        break;
    }
    close_value(scan);
}

/* Go to the next value within the open containers, closing those that end before it. */
static type_e next_value(plain_t *plain, base_scan_t *scan)
{
    while (plain->count && !scan->why) {
        base_scan_span_t name = {0}, string;
        char closer = plain->closers[plain->count - 1];
        int is_map = closer == '}';

        if (is_map ? base_scan_member(scan, &name) : base_scan_element(scan)) {
            if (!plain->first)
                put(plain, ",", 1);
            plain->first = 0;
            if (is_map) {
                put(plain, name.ptr - 1, name.len + 2);
                put(plain, ":", 1);
            }
            if (!take_string(&string, scan))
                return open_value(scan);
            put(plain, string.ptr - 1, string.len + 2);
            continue;
        }
        put(plain, &closer, 1);
        plain->count--;
        plain->first = 0;
        close_value(scan);
    }
    return TYPE_NONE;
}

/* Walk the value whose type was just read, to its end. */
static void walk(base_text_t *text, type_e type, base_scan_t *scan, apr_pool_t *pool)
{
    plain_t plain;

    plain.text = text;
    plain.count = 0;
    plain.first = 1;
    for (; type != TYPE_NONE; type = next_value(&plain, scan))
        write_value(&plain, type, scan, pool);
}

int dynamo_attr_next(dynamo_attr_t *attr, base_scan_t *scan, apr_pool_t *pool)
{
    base_scan_span_t string;
    const char *start;
    type_e type;

    memset(attr, 0, sizeof *attr);
    if (!base_scan_member(scan, &attr->name))
        return 0;
    start = scan->pos;
    if (take_string(&string, scan)) {
        attr->type[0] = 'S';
        set_string(attr, &string);
        return 1;
    }
    type = open_value(scan);
    if (type == TYPE_NONE)
        return 0;
    memcpy(attr->type, type_names[type], sizeof attr->type);
    if (type < TYPE_M)
        return read_scalar(attr, type, scan, pool) && close_value(scan);
    walk(NULL, type, scan, pool);
    attr->json = start;
    attr->len = (apr_size_t)(scan->pos - start);
    return !scan->why;
}

void dynamo_attr_put_source(base_text_t *text, const dynamo_attr_t *attr)
{
    base_scan_t scan;

    base_scan_init(&scan, attr->json, attr->len, DYNAMO_ATTR_DEPTH);
    walk(text, open_value(&scan), &scan, text->pool); /* it was judged: no fault can come */
}

void dynamo_attr_put(base_text_t *text, char type, const char *bytes, apr_size_t len)
{
    base_text_put_str(text, type == 'N' ? "{\"N\":" : "{\"S\":");
    base_text_put_json(text, bytes, len);
    base_text_put_char(text, '}');
}
