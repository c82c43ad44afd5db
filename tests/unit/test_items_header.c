/* SPDX-License-Identifier: Apache-2.0 */
#include "items/header.h"
#include "unit.h"

static const struct {
    const char *value;
    int wanted;
} accepts[] = {
    {NULL, 0},
    {"", 0},
    {"*/*", 0},
    {"application/json", 0},
    {"application/problem+json", 1},
    {"Application/Problem+JSON", 1},
    {"application/problem+json, application/json", 0},
    {"application/problem+json, */*", 0},
    {"application/problem+json, */*;q=0.9", 1},
    {"application/json;q=0.5, application/problem+json", 1},
    {"application/json; q=0.5 ,application/problem+json;q=0.6", 1},
    {"application/json;q=0.6,application/problem+json;q=0.5", 0},
    {"application/problem+json;q=0.001,application/json;q=0", 1},
    {"application/*;q=0.9, application/json;q=0.8", 1},
    {"application/*, */*;q=0.1", 0},
    {"application/*;q=0.1, application/problem+json;q=0", 0},
    {"application/problem+json;q=1.000, application/json;q=0.999", 1},
    {"application/problem+json;q=1.001", 0},
    {"application/problem+json;q=2", 0},
    {"application/problem+json;q=abc", 0},
    {"application/problem+json;q=0.x", 0},
    {"application/problem+json;q", 0},
    {"application/problem+json;q=0.1234", 0},
    {"application/problem+json;q=\"0.9\"", 1},
    {"text/html;x=\"a,application/problem+json\"", 0},
    {"text/html;x=\"a\\\",application/problem+json\", application/problem+json", 1},
    {"application/json;charset=utf-8;q=0.2, application/problem+json;q=0.3", 1},
    {"application/problem+json x", 0},
    {",,, application/problem+json ,,", 1},
    {"application/problem+json;;q=0", 0},
    {"\"application/problem+json", 0},
    {"application/problem+json;q=0.5, application/json;q=0.2, */*;q=0.9", 1},
    {"text/*", 0},
    {"application/problem+xml", 0},
};

START_TEST(accept_ranks)
{
    ck_assert_msg(items_header_wants_problem(accepts[_i].value) == accepts[_i].wanted, "%s",
                  accepts[_i].value);
}
END_TEST

static const struct {
    const char *value;
    int strict;
} prefers[] = {
    {NULL, 0},
    {"", 0},
    {"handling=strict", 1},
    {"Handling=Strict", 1},
    {"handling = \"strict\"", 1},
    {"handling=lenient", 0},
    {"handling", 0},
    {"handling=", 0},
    {"return=minimal, handling=strict", 1},
    {"return=minimal; handling=strict", 0}, /* a parameter of another preference */
    {"wait=10;x=\"a,handling=strict\"", 0},
    {"respond-async,handling=strict;foo=bar", 1},
    {"handling=lenient, handling=strict", 0}, /* the first counts */
    {"handling=strict, handling=lenient", 1},
    {"xhandling=strict", 0},
    {"handling=stricter", 0},
    {"handling strict", 0},
    {"handling=\"strict", 1}, /* the end of the field ends the string */
    {"a=\"\\", 0},
};

START_TEST(prefer_strict)
{
    ck_assert_msg(items_header_is_strict(prefers[_i].value) == prefers[_i].strict, "%s",
                  prefers[_i].value);
}
END_TEST

static const struct {
    const char *value;
    int taken;
    int taken_ambient;
} types[] = {
    {NULL, 1, 0},
    {"", 1, 0},
    {"  ", 1, 0},
    {"application/json", 1, 1},
    {"APPLICATION/JSON; charset=utf-8", 1, 1},
    {" application/json ", 1, 1},
    {"application/x-www-form-urlencoded", 1, 0},
    {"application/x-www-form-urlencoded; charset=utf-8", 1, 0},
    {"application/merge-patch+json", 1, 1},
    {"application/vnd.api+JSON;v=1", 1, 1},
    {"text/plain", 0, 0},
    {"multipart/form-data; boundary=x", 0, 0},
    {"application/jsonx", 0, 0},
    {"text/json", 0, 0},
    {"json", 0, 0},
    {"+json", 0, 0},
    {"/a+json", 0, 0},
    {"application/+json", 0, 0},
    {"application/json, text/plain", 0, 0},
    {"text/plain;x=application/json", 0, 0},
    {"application/json text", 0, 0},
    {"application/json=1", 0, 0},
    {"application/vnd.x+json = \"y\"", 0, 0},
};

START_TEST(content_types)
{
    ck_assert_msg(items_header_is_json(types[_i].value, 0) == types[_i].taken, "%s",
                  types[_i].value);
    ck_assert_msg(items_header_is_json(types[_i].value, 1) == types[_i].taken_ambient,
                  "ambient: %s", types[_i].value);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("items/header");
    TCase *tcase = unit_case(suite, "headers");

    tcase_add_loop_test(tcase, accept_ranks, 0, (int)(sizeof(accepts) / sizeof(accepts[0])));
    tcase_add_loop_test(tcase, prefer_strict, 0, (int)(sizeof(prefers) / sizeof(prefers[0])));
    tcase_add_loop_test(tcase, content_types, 0, (int)(sizeof(types) / sizeof(types[0])));
    return suite;
}
