/* SPDX-License-Identifier: Apache-2.0 */
#include "items/route.h"

#include <apr_strings.h>

#include "unit.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

static const struct {
    const char *method;
    const char *path;
    items_problem_e problem;
    items_route_action_e action;
    const char *allow;
    const char *name;
} routes[] = {
#define COLLECTION "GET, HEAD, POST, OPTIONS"
#define ITEM "GET, HEAD, PUT, DELETE, OPTIONS"
    {"GET", "/items", ITEMS_PROBLEM_NONE, ITEMS_ROUTE_LIST, COLLECTION, "GET /items"},
    {"HEAD", "/items", ITEMS_PROBLEM_NONE, ITEMS_ROUTE_LIST, COLLECTION, "HEAD /items"},
    {"POST", "/items", ITEMS_PROBLEM_NONE, ITEMS_ROUTE_CREATE, COLLECTION, "POST /items"},
    {"OPTIONS", "/items", ITEMS_PROBLEM_NONE, ITEMS_ROUTE_OPTIONS, COLLECTION, "OPTIONS /items"},
    {"PUT", "/items", ITEMS_PROBLEM_METHOD, 0, COLLECTION, NULL},
    {"get", "/items", ITEMS_PROBLEM_METHOD, 0, COLLECTION, NULL},
    {"", "/items", ITEMS_PROBLEM_METHOD, 0, COLLECTION, NULL},
    {"GET", "/items/a", ITEMS_PROBLEM_NONE, ITEMS_ROUTE_READ, ITEM, "GET /items/{id}"},
    {"HEAD", "/items/a", ITEMS_PROBLEM_NONE, ITEMS_ROUTE_READ, ITEM, "HEAD /items/{id}"},
    {"PUT", "/items/a", ITEMS_PROBLEM_NONE, ITEMS_ROUTE_REPLACE, ITEM, "PUT /items/{id}"},
    {"DELETE", "/items/a", ITEMS_PROBLEM_NONE, ITEMS_ROUTE_REMOVE, ITEM, "DELETE /items/{id}"},
    {"OPTIONS", "/items/a", ITEMS_PROBLEM_NONE, ITEMS_ROUTE_OPTIONS, ITEM, "OPTIONS /items/{id}"},
    {"POST", "/items/a", ITEMS_PROBLEM_METHOD, 0, ITEM, NULL},
    {"PATCH", "/items/a", ITEMS_PROBLEM_METHOD, 0, ITEM, NULL},
    {"GET", "/items/", ITEMS_PROBLEM_NO_ROUTE, 0, NULL, NULL},
    {"GET", "/items/a/b", ITEMS_PROBLEM_NO_ROUTE, 0, NULL, NULL},
    {"GET", "/items/a/", ITEMS_PROBLEM_NO_ROUTE, 0, NULL, NULL},
    {"GET", "/items//a", ITEMS_PROBLEM_NO_ROUTE, 0, NULL, NULL},
    {"FOO", "/items/", ITEMS_PROBLEM_NO_ROUTE, 0, NULL, NULL},
    {"OPTIONS", "/items/a/b", ITEMS_PROBLEM_NO_ROUTE, 0, NULL, NULL},
    {"GET", "/itemsx", ITEMS_PROBLEM_NO_ROUTE, 0, NULL, NULL},
    {"GET", "/", ITEMS_PROBLEM_NO_ROUTE, 0, NULL, NULL},
};

START_TEST(methods_and_paths)
{
    items_route_t route;

    items_route_match(&route, "/items", routes[_i].method, routes[_i].path, routes[_i].path,
                      unit_pool);
    ck_assert_int_eq(route.problem, routes[_i].problem);
    if (!route.problem)
        ck_assert_int_eq(route.action, routes[_i].action);
    ck_assert_pstr_eq(route.allow, routes[_i].allow);
    ck_assert_pstr_eq(route.name, routes[_i].name);
}
END_TEST

static const struct {
    const char *raw;
    const char *path;
    const char *id; /* NULL: 404 */
} ids[] = {
    {"/items/a", "/items/a", "a"},
    {NULL, "/items/a%2Fb", "a%2Fb"},
    {"/items/a%20b+c", "/items/a b+c", "a b+c"},
    {"/items/a%2Fb", "/items/a%2Fb", "a/b"},         /* NoDecode */
    {"/items/a%2fb", "/items/a%2fb", "a/b"},         /* NoDecode */
    {"/items/a%2Fb", "/items/a/b", "a/b"},           /* On */
    {"/items/a%252Fb", "/items/a%2Fb", "a%2Fb"},     /* the same path under NoDecode, another id */
    {"/items/a%252Fb", "/items/a%252Fb", "a%252Fb"}, /* rewritten: as it stands */
    {"//items/a%2Fb", "/items/a%2Fb", "a/b"},        /* MergeSlashes */
    {"http://host/items/a%2Fb", "/items/a%2Fb", "a/b"},
    {"/old/a%2Fb", "/items/a%2Fb", "a/b"},
    {"/old/other", "/items/new", "new"},
    {"/items/a/b", "/items/a/b", NULL},
    {"/items/%C3%A9", "/items/\xc3\xa9", "\xc3\xa9"},
    {"/items/%e2%82%ac", "/items/\xe2\x82\xac", "\xe2\x82\xac"},
    {"/items/%C3", "/items/\xc3", NULL},
    {"/items/%C0%AF", "/items/\xc0\xaf", NULL},
    {"/items/%ED%A0%80", "/items/\xed\xa0\x80", NULL},
    {"/items/a%00", "/items/a", NULL},
    {"/items/%zz", "/items/%zz", NULL},
    {"/items/a%2", "/items/a%2", NULL},
    {"/items/%2e", "/items/.", NULL},
    {"/items/..", "/items/..", NULL},
    {"/items/...", "/items/...", "..."},
    {"/items/.a", "/items/.a", ".a"},
    {"/items/%01%7F", "/items/\x01\x7f", "\x01\x7f"},
    {"/items/a;x.css", "/items/a;x.css", "a;x.css"},
    {"/items/", "/items/", NULL},
};

START_TEST(ids_decoded_once)
{
    items_route_t route;

    items_route_match(&route, "/items", "GET", ids[_i].path, ids[_i].raw, unit_pool);
    if (!ids[_i].id) {
        ck_assert_msg(route.problem == ITEMS_PROBLEM_NO_ROUTE ||
                          route.problem == ITEMS_PROBLEM_NO_ITEM,
                      "%s", ids[_i].path);
        return;
    }
    ck_assert_msg(route.problem == ITEMS_PROBLEM_NONE, "%s", ids[_i].path);
    ck_assert_uint_eq(route.id.len, strlen(ids[_i].id));
    ck_assert_mem_eq(route.id.bytes, ids[_i].id, route.id.len);
}
END_TEST

START_TEST(id_lengths)
{
    char path[7 + 2049 + 1];
    items_route_t route;

    memset(path, 'a', sizeof(path));
    memcpy(path, "/items/", 7);
    path[7 + 2049] = '\0';
    items_route_match(&route, "/items", "GET", path, path, unit_pool);
    ck_assert_int_eq(route.problem, ITEMS_PROBLEM_NO_ITEM);
    ck_assert_str_eq(route.name, "GET /items/{id}");
    items_route_match(&route, "/items", "OPTIONS", path, path, unit_pool);
    ck_assert_int_eq(route.problem, ITEMS_PROBLEM_NONE);
    path[7 + 2048] = '\0';
    items_route_match(&route, "/items", "GET", path, path, unit_pool);
    ck_assert_int_eq(route.problem, ITEMS_PROBLEM_NONE);
    ck_assert_uint_eq(route.id.len, 2048);
}
END_TEST

START_TEST(covers)
{
    ck_assert(items_route_covers("/items", "/items"));
    ck_assert(items_route_covers("/items", "/items/"));
    ck_assert(items_route_covers("/items", "/items/a/b"));
    ck_assert(!items_route_covers("/items", "/items2"));
    ck_assert(!items_route_covers("/items", "/item"));
    ck_assert(!items_route_covers("/items", "/Items"));
    ck_assert(items_route_covers("/a/b", "/a/b/c"));
    ck_assert(!items_route_covers("/a/b", "/a"));
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("items/route");
    TCase *tcase = unit_case(suite, "routes");

    tcase_add_loop_test(tcase, methods_and_paths, 0, COUNT(routes));
    tcase_add_loop_test(tcase, ids_decoded_once, 0, COUNT(ids));
    tcase_add_test(tcase, id_lengths);
    tcase_add_test(tcase, covers);
    return suite;
}
