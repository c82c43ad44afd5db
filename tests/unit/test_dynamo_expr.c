/* SPDX-License-Identifier: Apache-2.0 */
/* Placeholders: each name and value once, nothing unused, nothing bare. */
#include "unit.h"

#include <string.h>

#include <apr_strings.h>

#include "dynamo/expr.h"

static base_text_t text;
static dynamo_expr_t expr;

static void begin(void)
{
    base_text_init(&text, 64, 65536, unit_pool);
    dynamo_expr_init(&expr, unit_pool);
}

/* The placeholders' members alone. */
static const char *placeholders(void)
{
    apr_size_t start = text.len;

    dynamo_expr_put_placeholders(&text, &expr);
    return text.data + start;
}

START_TEST(test_nothing)
{
    begin();
    ck_assert_str_eq(placeholders(), "");
}
END_TEST

START_TEST(test_once_each)
{
    begin();
    dynamo_expr_put_name(&text, &expr, "status");
    dynamo_expr_put_name(&text, &expr, "name");
    dynamo_expr_put_name(&text, &expr, apr_pstrdup(unit_pool, "status"));
    dynamo_expr_put_value(&text, &expr, 'S', "1", 1);
    dynamo_expr_put_value(&text, &expr, 'N', "1", 1); /* another value: another type */
    dynamo_expr_put_value(&text, &expr, 'S', "12", 2);
    dynamo_expr_put_value(&text, &expr, 'S', "1x", 1); /* the first one again */
    dynamo_expr_put_value(&text, &expr, 'S', NULL, 0);
    dynamo_expr_put_value(&text, &expr, 'S', "", 0);
    ck_assert_str_eq(text.data, "#n0#n1#n0:v0:v1:v2:v0:v3:v3");
    ck_assert_str_eq(placeholders(),
                     ",\"ExpressionAttributeNames\":{\"#n0\":\"status\",\"#n1\":\"name\"}"
                     ",\"ExpressionAttributeValues\":{\":v0\":{\"S\":\"1\"},\":v1\":{\"N\":\"1\"},"
                     "\":v2\":{\"S\":\"12\"},\":v3\":{\"S\":\"\"}}");
}
END_TEST

/* A name or value that looks like an expression, or like the JSON around it, stays what it is. */
START_TEST(test_no_way_out)
{
    begin();
    dynamo_expr_put_set(&text, &expr, "#n1 = :v9, \"x", 'S', "\"},\":v1\":{\"S\":\"", 15);
    ck_assert_str_eq(text.data, "#n0 = :v0");
    ck_assert_str_eq(placeholders(), ",\"ExpressionAttributeNames\":{\"#n0\":\"#n1 = :v9, \\\"x\"}"
                                     ",\"ExpressionAttributeValues\":{\":v0\":{\"S\":"
                                     "\"\\\"},\\\":v1\\\":{\\\"S\\\":\\\"\"}}");
}
END_TEST

START_TEST(test_conditions)
{
    begin();
    dynamo_expr_put_exists(&text, &expr, "id", 1);
    dynamo_expr_put_exists(&text, &expr, "id", 0);
    dynamo_expr_put_unlike(&text, &expr, "w1", "T", 1);
    ck_assert_str_eq(text.data, "attribute_exists(#n0)attribute_not_exists(#n0)"
                                "(attribute_not_exists(#n1) OR #n1 <> :v0)");
}
END_TEST

START_TEST(test_changes)
{
    begin();
    dynamo_expr_put_set(&text, &expr, "count", 'N', "7", 1);
    base_text_put_str(&text, ", ");
    dynamo_expr_put_raise(&text, &expr, "version");
    base_text_put_str(&text, ", ");
    dynamo_expr_put_raise(&text, &expr, "other");
    base_text_put_str(&text, ", ");
    dynamo_expr_put_shift(&text, &expr, "w2", "w1");
    ck_assert_str_eq(text.data, "#n0 = :v0, #n1 = if_not_exists(#n1, :v1) + :v2, "
                                "#n2 = if_not_exists(#n2, :v1) + :v2, "
                                "#n3 = if_not_exists(#n4, :v3)");
    ck_assert_str_eq(strstr(placeholders(), ",\"ExpressionAttributeValues"),
                     ",\"ExpressionAttributeValues\":{\":v0\":{\"N\":\"7\"},\":v1\":{\"N\":\"0\"},"
                     "\":v2\":{\"N\":\"1\"},\":v3\":{\"S\":\"\"}}");
}
END_TEST

START_TEST(test_ceilings)
{
    int i;

    begin();
    for (i = 0; i < DYNAMO_EXPR_MAX; i++)
        dynamo_expr_put_name(&text, &expr, apr_itoa(unit_pool, i));
    dynamo_expr_put_name(&text, &expr, "0");
    ck_assert_int_eq(expr.full, 0);
    dynamo_expr_put_name(&text, &expr, "one more");
    ck_assert_int_eq(expr.full, 1);
    begin();
    for (i = 0; i < DYNAMO_EXPR_MAX; i++) {
        const char *value = apr_itoa(unit_pool, i);

        dynamo_expr_put_value(&text, &expr, 'S', value, strlen(value));
    }
    dynamo_expr_put_value(&text, &expr, 'S', "0", 1);
    ck_assert_int_eq(expr.full, 0);
    dynamo_expr_put_value(&text, &expr, 'N', "0", 1);
    ck_assert_int_eq(expr.full, 1);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("dynamo/expr");
    TCase *tcase = unit_case(suite, "expr");

    tcase_add_test(tcase, test_nothing);
    tcase_add_test(tcase, test_once_each);
    tcase_add_test(tcase, test_no_way_out);
    tcase_add_test(tcase, test_conditions);
    tcase_add_test(tcase, test_changes);
    tcase_add_test(tcase, test_ceilings);
    return suite;
}
