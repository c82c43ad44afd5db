/* SPDX-License-Identifier: Apache-2.0 */
/* Expressions and their placeholders.
 *
 * DynamoDB Developer Guide, "Expression attribute names" and "Condition and
 * filter expressions": 573 reserved words, name and status among them, may not
 * stand bare in an expression, so no name ever does; and no byte of a value
 * stands in an expression at all.
 */
#include "dynamo/expr.h"

#include <string.h>

#include "dynamo/attr.h"

typedef struct {
    char type;
    const char *bytes;
    apr_size_t len;
} value_t;

void dynamo_expr_init(dynamo_expr_t *expr, apr_pool_t *pool)
{
    expr->names = apr_array_make(pool, 8, sizeof(const char *));
    expr->values = apr_array_make(pool, 8, sizeof(value_t));
    expr->full = 0;
}

static void put_placeholder(base_text_t *text, const char *prefix, int number)
{
    base_text_put_str(text, prefix);
    base_text_put_number(text, number);
}

/* Which of the names, their count when it is none of them. The same name is nearly always the same
 * constant, so letters are compared only where no pointer is equal. */
static int find_name(const dynamo_expr_t *expr, const char *name)
{
    const char *const *names = (const char *const *)expr->names->elts;
    int count = expr->names->nelts, i;

    for (i = 0; i < count; i++)
        if (names[i] == name)
            return i;
    for (i = 0; i < count; i++)
        if (!strcmp(names[i], name))
            break;
    return i;
}

void dynamo_expr_put_name(base_text_t *text, dynamo_expr_t *expr, const char *name)
{
    int i = find_name(expr, name);

    if (i == DYNAMO_EXPR_MAX) {
        expr->full = 1;
        return;
    }
    if (i == expr->names->nelts)
        APR_ARRAY_PUSH(expr->names, const char *) = name;
    put_placeholder(text, "#n", i);
}

static int is_same(const value_t *known, char type, const char *bytes, apr_size_t len)
{
    return known->type == type && known->len == len && (!len || !memcmp(known->bytes, bytes, len));
}

void dynamo_expr_put_value(base_text_t *text, dynamo_expr_t *expr, char type, const char *bytes,
                           apr_size_t len)
{
    value_t *known = NULL;
    int i;

    for (i = 0; i < expr->values->nelts; i++)
        if (is_same(&APR_ARRAY_IDX(expr->values, i, value_t), type, bytes, len))
            break;
    if (i == DYNAMO_EXPR_MAX) {
        expr->full = 1;
        return;
    }
    if (i == expr->values->nelts) {
        known = apr_array_push(expr->values);
        known->type = type;
        known->bytes = bytes;
        known->len = len;
    }
    put_placeholder(text, ":v", i);
}

void dynamo_expr_put_exists(base_text_t *text, dynamo_expr_t *expr, const char *name, int exists)
{
    base_text_put_str(text, exists ? "attribute_exists(" : "attribute_not_exists(");
    dynamo_expr_put_name(text, expr, name);
    base_text_put_char(text, ')');
}

/* What a comparison with an attribute that is not there yields is said nowhere in the guide, so
 * that case is spelt out; and dynalite, an emulator, dies of IN with such an operand. */
void dynamo_expr_put_unlike(base_text_t *text, dynamo_expr_t *expr, const char *name,
                            const char *bytes, apr_size_t len)
{
    base_text_put_char(text, '(');
    dynamo_expr_put_exists(text, expr, name, 0);
    base_text_put_str(text, " OR ");
    dynamo_expr_put_name(text, expr, name);
    base_text_put_str(text, " <> ");
    dynamo_expr_put_value(text, expr, 'S', bytes, len);
    base_text_put_char(text, ')');
}

void dynamo_expr_put_set(base_text_t *text, dynamo_expr_t *expr, const char *name, char type,
                         const char *bytes, apr_size_t len)
{
    dynamo_expr_put_name(text, expr, name);
    base_text_put_str(text, " = ");
    dynamo_expr_put_value(text, expr, type, bytes, len);
}

/* name = if_not_exists(from, "otherwise") */
static void put_if_not_exists(base_text_t *text, dynamo_expr_t *expr, const char *name,
                              const char *from, char type, const char *otherwise)
{
    dynamo_expr_put_name(text, expr, name);
    base_text_put_str(text, " = if_not_exists(");
    dynamo_expr_put_name(text, expr, from);
    base_text_put_str(text, ", ");
    dynamo_expr_put_value(text, expr, type, otherwise, strlen(otherwise));
    base_text_put_char(text, ')');
}

void dynamo_expr_put_raise(base_text_t *text, dynamo_expr_t *expr, const char *name)
{
    put_if_not_exists(text, expr, name, name, 'N', "0");
    base_text_put_str(text, " + ");
    dynamo_expr_put_value(text, expr, 'N', "1", 1);
}

void dynamo_expr_put_shift(base_text_t *text, dynamo_expr_t *expr, const char *name,
                           const char *from)
{
    put_if_not_exists(text, expr, name, from, 'S', "");
}

void dynamo_expr_put_placeholders(base_text_t *text, const dynamo_expr_t *expr)
{
    int i;

    for (i = 0; i < expr->names->nelts; i++) {
        const char *name = APR_ARRAY_IDX(expr->names, i, const char *);

        base_text_put_str(text, i ? ",\"" : ",\"ExpressionAttributeNames\":{\"");
        put_placeholder(text, "#n", i);
        base_text_put_str(text, "\":");
        base_text_put_json(text, name, strlen(name));
    }
    if (expr->names->nelts)
        base_text_put_char(text, '}');
    for (i = 0; i < expr->values->nelts; i++) {
        const value_t *value = &APR_ARRAY_IDX(expr->values, i, value_t);

        base_text_put_str(text, i ? ",\"" : ",\"ExpressionAttributeValues\":{\"");
        put_placeholder(text, ":v", i);
        base_text_put_str(text, "\":");
        dynamo_attr_put(text, value->type, value->bytes, value->len);
    }
    if (expr->values->nelts)
        base_text_put_char(text, '}');
}
