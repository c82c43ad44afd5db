/* SPDX-License-Identifier: Apache-2.0 */
/* Attribute values to plain JSON and back.
 *
 * DynamoDB API Reference, AttributeValue: an object with exactly one member,
 * whose name is the type. Taking that object away only ever makes the text
 * shorter, so the result is bounded by the source. Scalars are left where they
 * stand in the answer; what contains others is rewritten in one pass with the
 * closing brackets on a stack, which the scan's depth bounds.
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

/* Plain JSON being written. */
typedef struct {
    base_text_t text;
    char closers[BASE_SCAN_DEPTH_MAX]; /* of the containers that are open, innermost last */
    int count;
    int first; /* nothing stands in the innermost container yet */
} plain_t;

/* Consume {"TYPE": so that the value is next. */
static type_e open_value(base_scan_t *scan)
{
    base_scan_span_t name;
    int type;

    if (!base_scan_enter(scan, BASE_SCAN_OBJECT))
        return TYPE_NONE;
    if (!base_scan_member(scan, &name)) {
        base_scan_fail(scan, "attribute value without a type");
        return TYPE_NONE;
    }
    for (type = 0; type < TYPE_NONE; type++)
        if (base_scan_equals(&name, type_names[type]))
            return (type_e)type;
    base_scan_fail(scan, "unknown attribute type");
    return TYPE_NONE;
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

static int read_number(dynamo_attr_t *attr, base_scan_t *scan, apr_pool_t *pool)
{
    if (!read_string(&attr->string, scan, pool))
        return 0;
    if (!is_number(&attr->string))
        base_scan_fail(scan, "attribute of type N that is no number");
    attr->json = attr->string.ptr;
    attr->len = attr->string.len;
    return !scan->why;
}

static int read_binary(dynamo_attr_t *attr, base_scan_t *scan, apr_pool_t *pool)
{
    base_scan_span_t string;
    base_text_t quoted;

    if (!read_string(&string, scan, pool))
        return 0;
    if (!is_base64(&string)) {
        base_scan_fail(scan, "attribute of type B that is no base64");
        return 0;
    }
    /* Encoders differ in whether they escape '/': what was escaped is quoted anew. */
    base_text_init(&quoted, string.len + 2, string.len + 2, pool);
    base_text_put_json(&quoted, string.ptr, string.len);
    attr->json = quoted.data;
    attr->len = quoted.len;
    return 1;
}

/* A value that contains no other, or an element of a set. */
static int read_scalar(dynamo_attr_t *attr, type_e type, base_scan_t *scan, apr_pool_t *pool)
{
    base_scan_kind_e kind;

    switch (type) {
    case TYPE_S:
        if (!base_scan_string(scan, &attr->string))
            return 0;
        attr->json = attr->string.ptr - 1;
        attr->len = attr->string.len + 2;
        return 1;
    case TYPE_N:
        return read_number(attr, scan, pool);
    case TYPE_B:
        return read_binary(attr, scan, pool);
    case TYPE_BOOL:
        kind = base_scan_peek(scan);
        if (kind != BASE_SCAN_TRUE && kind != BASE_SCAN_FALSE)
            base_scan_fail(scan, "attribute of type BOOL that is neither true nor false");
        attr->json = kind == BASE_SCAN_TRUE ? "true" : "false";
        attr->len = strlen(attr->json);
        return base_scan_literal(scan, kind);
    default: /* TYPE_NULL */
        if (base_scan_peek(scan) != BASE_SCAN_TRUE)
            base_scan_fail(scan, "attribute of type NULL that is not true");
        attr->json = "null";
        attr->len = strlen(attr->json);
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
    base_text_put_char(&plain->text, '[');
    while (base_scan_element(scan) && read_scalar(&scalar, element, scan, pool)) {
        if (!first)
            base_text_put_char(&plain->text, ',');
        first = 0;
        base_text_put(&plain->text, scalar.json, scalar.len);
    }
    base_text_put_char(&plain->text, ']');
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
        base_text_put_char(&plain->text, is_map ? '{' : '[');
        return;
    case TYPE_SS:
    case TYPE_NS:
    case TYPE_BS:
        write_set(plain, type_of_element(type), scan, pool);
        break;
    default:
        if (read_scalar(&scalar, type, scan, pool))
            base_text_put(&plain->text, scalar.json, scalar.len);
        break;
    }
    close_value(scan);
}

/* Go to the next value within the open containers, closing those that end before it. */
static type_e next_value(plain_t *plain, base_scan_t *scan)
{
    while (plain->count && !scan->why) {
        base_scan_span_t name = {0};
        char closer = plain->closers[plain->count - 1];
        int is_map = closer == '}';

        if (is_map ? base_scan_member(scan, &name) : base_scan_element(scan)) {
            if (!plain->first)
                base_text_put_char(&plain->text, ',');
            plain->first = 0;
            if (is_map) {
                base_text_put(&plain->text, name.ptr - 1, name.len + 2);
                base_text_put_char(&plain->text, ':');
            }
            return open_value(scan);
        }
        base_text_put_char(&plain->text, closer);
        plain->count--;
        plain->first = 0;
        close_value(scan);
    }
    return TYPE_NONE;
}

static int read_nested(dynamo_attr_t *attr, type_e type, base_scan_t *scan, apr_pool_t *pool)
{
    plain_t plain;

    plain.count = 0;
    plain.first = 1;
    base_text_init(&plain.text, 128, (apr_size_t)(scan->end - scan->pos), pool);
    for (; type != TYPE_NONE; type = next_value(&plain, scan))
        write_value(&plain, type, scan, pool);
    if (plain.text.full)
        base_scan_fail(scan, "attribute value grew");
    attr->json = plain.text.data;
    attr->len = plain.text.len;
    return !scan->why;
}

int dynamo_attr_next(dynamo_attr_t *attr, base_scan_t *scan, apr_pool_t *pool)
{
    type_e type;

    memset(attr, 0, sizeof *attr);
    if (!base_scan_member(scan, &attr->name))
        return 0;
    type = open_value(scan);
    if (type == TYPE_NONE)
        return 0;
    memcpy(attr->type, type_names[type], sizeof attr->type);
    if (type >= TYPE_M)
        return read_nested(attr, type, scan, pool);
    return read_scalar(attr, type, scan, pool) && close_value(scan);
}

void dynamo_attr_put(base_text_t *text, char type, const char *bytes, apr_size_t len)
{
    base_text_put_str(text, type == 'N' ? "{\"N\":" : "{\"S\":");
    base_text_put_json(text, bytes, len);
    base_text_put_char(text, '}');
}

void dynamo_attr_put_string(base_text_t *text, const char *bytes, apr_size_t len)
{
    dynamo_attr_put(text, 'S', bytes, len);
}

void dynamo_attr_put_number(base_text_t *text, const char *digits, apr_size_t len)
{
    dynamo_attr_put(text, 'N', digits, len);
}
