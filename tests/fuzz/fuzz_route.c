/* SPDX-License-Identifier: Apache-2.0 */
/* The request line and the headers that are read here. Lines: method, path, raw path, query,
 * Accept, Prefer, Content-Type; a missing one is absent, NUL ends a line early. */
#include "fuzz.h"

#include <string.h>

#include <apr_strings.h>

#include "items/check.h"
#include "items/header.h"
#include "items/query.h"
#include "items/route.h"

enum { METHOD, PATH, RAW_PATH, QUERY, ACCEPT, PREFER, CONTENT_TYPE, LINES };

static void judge_route(const char *const lines[LINES], apr_pool_t *pool)
{
    items_route_t route;
    const dynamo_table_bytes_t *id = &route.id;

    items_route_match(&route, "/items", lines[METHOD], lines[PATH] ? lines[PATH] : "/items",
                      lines[RAW_PATH], pool);
    if (route.problem) {
        fuzz_require(route.problem == ITEMS_PROBLEM_NO_ROUTE ||
                         route.problem == ITEMS_PROBLEM_METHOD ||
                         route.problem == ITEMS_PROBLEM_NO_ITEM,
                     "a path or a method is wrong");
        fuzz_require((route.problem != ITEMS_PROBLEM_NO_ROUTE) == (route.allow != NULL),
                     "what exists says what is allowed");
        return;
    }
    fuzz_require(route.name != NULL && route.allow != NULL, "a route has its name");
    if (route.action == ITEMS_ROUTE_READ || route.action == ITEMS_ROUTE_REPLACE ||
        route.action == ITEMS_ROUTE_REMOVE)
        fuzz_require(id->len >= 1 && id->len <= 2048 && !memchr(id->bytes, 0, id->len) &&
                         base_scan_is_utf8(id->bytes, id->len),
                     "an id is 1 to 2048 bytes of UTF-8 without NUL");
}

static void judge_query(const char *raw, int is_list, int strict, apr_pool_t *pool)
{
    const items_query_rules_t rules = {
        .is_list = is_list, .strict = strict, .limit_default = 20, .limit_max = 100};
    items_reply_error_t error;
    items_query_t query;

    memset(&error, 0, sizeof(error));
    if (items_query_read(&query, &error, raw, &rules, pool))
        fuzz_require(query.limit >= 1 && query.limit <= 100, "a limit is within its bounds");
    else
        fuzz_require(error.problem != ITEMS_PROBLEM_NONE && error.words != NULL,
                     "a refusal says why");
}

void fuzz_input(const char *bytes, apr_size_t len, apr_pool_t *pool)
{
    const char *lines[LINES] = {""};
    const char *pos = bytes, *end = bytes + len;
    int i;

    for (i = 0; i < LINES && pos < end; i++) {
        const char *newline = memchr(pos, '\n', (size_t)(end - pos));
        apr_size_t line_len = (apr_size_t)((newline ? newline : end) - pos);

        lines[i] = apr_pstrmemdup(pool, pos, line_len);
        pos += line_len + 1;
    }
    judge_route(lines, pool);
    items_header_wants_problem(lines[ACCEPT]);
    items_header_is_json(lines[CONTENT_TYPE], 0);
    for (i = 0; i < 2; i++)
        judge_query(lines[QUERY], i, items_header_is_strict(lines[PREFER]), pool);
}
