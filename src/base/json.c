/* SPDX-License-Identifier: Apache-2.0 */
/* The tree of JSON: json-c's objects, filled from the scanner's tokens.
 *
 * json-c's tokener is left out because even its strict mode takes what RFC 8259 forbids (NaN, raw
 * control characters, invalid UTF-8) and clamps integers over 64 bits. A number is kept as the
 * text it came as: json_object_new_double_s() holds a copy, and the double beside it is never
 * asked for, so it is left at 0. json-c's table of members is keyed with a random seed per
 * process and replaces the value of a name that comes again.
 */
#include "base/json.h"

#include <limits.h>
#include <string.h>

#include <json-c/json.h>

#include "base/text.h"

typedef struct {
    base_scan_t *scan;
    int base;           /* containers that were open around the value */
    base_text_t name;   /* of the member whose value is next */
    base_text_t digits; /* of the number at hand, NUL-terminated as json-c wants it */
    struct json_object *root;
    struct json_object *open[BASE_SCAN_DEPTH_MAX]; /* the containers around the next value */
    int refused;                                   /* json-c is out of memory */
    apr_pool_t *pool;
} builder_t;

static apr_status_t put_tree(void *root)
{
    json_object_put(root);
    return APR_SUCCESS;
}

static struct json_object *make_string(builder_t *builder)
{
    base_scan_span_t span;
    const char *bytes;
    apr_size_t len;

    if (!base_scan_string(builder->scan, &span))
        return NULL;
    bytes = base_scan_decode(&len, &span, builder->pool);
    return json_object_new_string_len(bytes, (int)len);
}

static struct json_object *make_number(builder_t *builder)
{
    base_scan_span_t span;

    if (!base_scan_number(builder->scan, &span))
        return NULL;
    builder->digits.len = 0;
    base_text_put(&builder->digits, span.ptr, span.len);
    return json_object_new_double_s(0.0, builder->digits.data);
}

static struct json_object *make_container(builder_t *builder, base_scan_kind_e kind)
{
    if (!base_scan_enter(builder->scan, kind))
        return NULL;
    return kind == BASE_SCAN_OBJECT ? json_object_new_object() : json_object_new_array();
}

/* Consume a scalar or enter a container: its node, NULL for json null and on a fault. */
static struct json_object *make_node(builder_t *builder, base_scan_kind_e kind)
{
    struct json_object *node = NULL;

    switch (kind) {
    case BASE_SCAN_OBJECT:
    case BASE_SCAN_ARRAY:
        node = make_container(builder, kind);
        break;
    case BASE_SCAN_STRING:
        node = make_string(builder);
        break;
    case BASE_SCAN_NUMBER:
        node = make_number(builder);
        break;
    case BASE_SCAN_TRUE:
    case BASE_SCAN_FALSE:
        if (base_scan_literal(builder->scan, kind))
            node = json_object_new_boolean(kind == BASE_SCAN_TRUE);
        break;
    case BASE_SCAN_NULL:
        (void)base_scan_literal(builder->scan, kind);
        return NULL;
    case BASE_SCAN_BAD:
        return NULL;
    }
    if (!node && !builder->scan->why)
        builder->refused = 1;
    return node;
}

/* Hand the node to the container around it, or make it the root, which the pool owns. */
static void place(builder_t *builder, int depth, struct json_object *node)
{
    struct json_object *around = depth > builder->base ? builder->open[depth - 1] : NULL;
    int status = 0;

    if (!around) {
        builder->root = node;
        if (node)
            apr_pool_cleanup_register(builder->pool, node, put_tree, apr_pool_cleanup_null);
    } else if (json_object_is_type(around, json_type_object)) {
        status = json_object_object_add(around, builder->name.data, node);
    } else {
        status = json_object_array_add(around, node);
    }
    if (status != 0) {
        json_object_put(node);
        builder->refused = 1;
    }
}

/* The next member's name into builder->name: 1, or 0 when the object was closed or on a fault. */
static int next_name(builder_t *builder)
{
    base_scan_span_t span;
    const char *bytes;
    apr_size_t len;

    if (!base_scan_member(builder->scan, &span))
        return 0;
    bytes = base_scan_decode(&len, &span, builder->pool);
    if (memchr(bytes, '\0', len)) { /* json-c would cut the name there */
        base_scan_fail(builder->scan, "member name holds U+0000");
        builder->scan->fault = (apr_size_t)(span.ptr - builder->scan->text);
        return 0;
    }
    builder->name.len = 0;
    base_text_put(&builder->name, bytes, len);
    return 1;
}

/* Up to where the next value stands: 1, or 0 when the whole tree was read or on a fault. */
static int next_value(builder_t *builder)
{
    base_scan_t *scan = builder->scan;

    while (scan->depth > builder->base && !scan->why) {
        struct json_object *around = builder->open[scan->depth - 1];

        if (json_object_is_type(around, json_type_object) ? next_name(builder)
                                                          : base_scan_element(scan))
            return 1;
    }
    return 0;
}

static void build(builder_t *builder)
{
    base_scan_t *scan = builder->scan;
    struct json_object *node;
    base_scan_kind_e kind;
    int depth;

    do {
        kind = base_scan_peek(scan);
        depth = scan->depth;
        node = make_node(builder, kind);
        if (scan->why || builder->refused)
            return;
        place(builder, depth, node);
        if (builder->refused)
            return;
        if (scan->depth > depth)
            builder->open[depth] = node;
    } while (next_value(builder));
}

static base_scan_kind_e kind_of(struct json_object *node)
{
    switch (json_object_get_type(node)) {
    case json_type_object:
        return BASE_SCAN_OBJECT;
    case json_type_array:
        return BASE_SCAN_ARRAY;
    case json_type_string:
        return BASE_SCAN_STRING;
    case json_type_int:
    case json_type_double:
        return BASE_SCAN_NUMBER;
    case json_type_boolean:
        return json_object_get_boolean(node) ? BASE_SCAN_TRUE : BASE_SCAN_FALSE;
    case json_type_null:
        break;
    }
    return BASE_SCAN_NULL;
}

int base_json_take(base_json_t *tree, base_scan_t *scan, apr_pool_t *pool)
{
    apr_size_t left = (apr_size_t)(scan->end - scan->pos);
    builder_t builder;

    memset(&builder, 0, sizeof builder);
    builder.scan = scan;
    builder.base = scan->depth;
    builder.pool = pool;
    base_text_init(&builder.name, 63, left, pool);
    base_text_init(&builder.digits, 31, left, pool);
    if (left > INT_MAX) /* json-c counts in int */
        base_scan_fail(scan, "text too long");
    else
        build(&builder);
    if (builder.refused)
        base_scan_fail(scan, "out of memory");
    if (scan->why)
        return 0;
    tree->node = builder.root;
    tree->kind = kind_of(builder.root);
    return 1;
}

int base_json_find(base_json_t *value, const base_json_t *object, const char *name)
{
    struct json_object *node;

    if (object->kind != BASE_SCAN_OBJECT || !json_object_object_get_ex(object->node, name, &node))
        return 0;
    value->node = node;
    value->kind = kind_of(node);
    return 1;
}

const char *base_json_text(apr_size_t *len, const base_json_t *value)
{
    const char *text = NULL;

    *len = 0;
    if (value->kind == BASE_SCAN_STRING) {
        text = json_object_get_string(value->node);
        *len = (apr_size_t)json_object_get_string_len(value->node);
    } else if (value->kind == BASE_SCAN_NUMBER) {
        text = json_object_get_string(value->node);
        *len = text ? strlen(text) : 0;
    }
    return text;
}
