/* SPDX-License-Identifier: Apache-2.0 */
/* Settings: every field through make and merge, what finish puts in and refuses, the judges of
 * single values. A field that is missing in the table below is found by its bytes. */
#include "httpd/settings.h"

#include <stddef.h>
#include <string.h>

#include <apr_strings.h>

#include "unit.h"

typedef enum { POINTER, INT, INT64 } kind_e;

static const struct {
    const char *name;
    size_t offset;
    kind_e kind;
} fields[] = {
#define FIELD(name, kind)                                                                          \
    {                                                                                              \
#name, offsetof(httpd_settings_t, name), kind                                              \
    }
    FIELD(store.region, POINTER),
    FIELD(store.endpoint, POINTER),
    FIELD(store.endpoint_at, POINTER),
    FIELD(store.unsafe_http, INT),
    FIELD(store.ca_file, POINTER),
    FIELD(store.connect_timeout, INT64),
    FIELD(store.attempt_timeout, INT64),
    FIELD(store.connections, INT),
    FIELD(collection.table, POINTER),
    FIELD(collection.table_at, POINTER),
    FIELD(collection.path, POINTER),
    FIELD(collection.consistent_read, INT),
    FIELD(collection.page_default, INT),
    FIELD(collection.page_max, INT),
    FIELD(collection.body_max, INT64),
    FIELD(collection.page_keys, POINTER),
    FIELD(collection.page_age, INT64),
    FIELD(collection.plain_tokens, INT),
    FIELD(keys.uri, POINTER),
    FIELD(keys.ca_file, POINTER),
    FIELD(keys.kids, POINTER),
    FIELD(keys.proxy, POINTER),
    FIELD(keys.unverified, INT),
    FIELD(keys.introspects, INT),
    FIELD(keys.has_metadata, INT),
    FIELD(timeout, INT64),
    FIELD(is_public, INT),
    FIELD(issuer, POINTER),
    FIELD(client_ids, POINTER),
    FIELD(scopes, POINTER),
    FIELD(scope_variable, POINTER),
    FIELD(token_memory, INT64),
    FIELD(cors, INT),
};

#define FIELD_COUNT ((int)(sizeof(fields) / sizeof(fields[0])))

static size_t size_of(int i)
{
    return fields[i].kind == POINTER ? sizeof(void *)
           : fields[i].kind == INT   ? sizeof(int)
                                     : sizeof(apr_int64_t);
}

/* A value that says which field and which side it is; 0 is "no" and not "unset". */
static void put(httpd_settings_t *settings, int i, int side)
{
    static char texts[2][FIELD_COUNT + 1];
    char *place = (char *)settings + fields[i].offset;
    const void *pointer = &texts[side][i];
    apr_int64_t wide = side ? 1000 + i : 0;
    int number = side ? 1000 + i : 0;

    memcpy(place,
           fields[i].kind == POINTER ? (const void *)&pointer
           : fields[i].kind == INT   ? (const void *)&number
                                     : (const void *)&wide,
           size_of(i));
}

static int is_equal(const httpd_settings_t *a, const httpd_settings_t *b, int i)
{
    return !memcmp((const char *)a + fields[i].offset, (const char *)b + fields[i].offset,
                   size_of(i));
}

START_TEST(every_field_merges)
{
    int i, j, below, above;

    for (i = 0; i < FIELD_COUNT; i++) {
        for (below = 0; below < 2; below++) {
            for (above = 0; above < 2; above++) {
                httpd_settings_t *base = httpd_settings_make(unit_pool);
                httpd_settings_t *add = httpd_settings_make(unit_pool);
                httpd_settings_t *got;

                if (below)
                    put(base, i, 1);
                if (above)
                    put(add, i, 0);
                got = httpd_settings_merge(base, add, unit_pool);
                for (j = 0; j < FIELD_COUNT; j++)
                    ck_assert_msg(is_equal(got, above ? add : base, j), "%s: set %d below %d: %s",
                                  fields[i].name, below, above, fields[j].name);
            }
        }
    }
}
END_TEST

START_TEST(every_field_is_made_unset)
{
    const httpd_settings_t *made = httpd_settings_make(unit_pool);
    int i;

    for (i = 0; i < FIELD_COUNT; i++) {
        static const void *const none = NULL;
        static const int number = HTTPD_SETTINGS_UNSET;
        static const apr_int64_t wide = HTTPD_SETTINGS_UNSET;

        ck_assert_msg(!memcmp((const char *)made + fields[i].offset,
                              fields[i].kind == POINTER ? (const void *)&none
                              : fields[i].kind == INT   ? (const void *)&number
                                                        : (const void *)&wide,
                              size_of(i)),
                      "%s is not unset", fields[i].name);
    }
}
END_TEST

START_TEST(no_field_is_left_out)
{
    char seen[sizeof(httpd_settings_t)] = {0};
    size_t at, gap = 0;
    int i;

    for (i = 0; i < FIELD_COUNT; i++)
        memset(seen + fields[i].offset, 1, size_of(i));
    for (at = 0; at < sizeof(seen); at++) {
        gap = seen[at] ? 0 : gap + 1;
        ck_assert_msg(gap < sizeof(void *), "a field before byte %d is in no row", (int)at);
    }
}
END_TEST

/* Settings that can serve. */
static httpd_settings_t *good(void)
{
    httpd_settings_t *settings = httpd_settings_make(unit_pool);

    settings->collection.table = "things";
    settings->is_public = 1;
    return settings;
}

START_TEST(defaults_are_the_documented_ones)
{
    httpd_settings_t *settings = good();

    ck_assert_ptr_null(httpd_settings_finish(settings, 25, unit_pool));
    ck_assert_str_eq(settings->collection.path, "/items");
    ck_assert_int_eq(settings->collection.consistent_read, 0);
    ck_assert_int_eq(settings->collection.page_default, 20);
    ck_assert_int_eq(settings->collection.page_max, 100);
    ck_assert_int_eq(settings->collection.body_max, 1048576);
    ck_assert_ptr_null(settings->collection.page_keys);
    ck_assert_int_eq(settings->collection.page_age, apr_time_from_sec(86400));
    ck_assert_int_eq(settings->collection.plain_tokens, 0);
    ck_assert_int_eq(settings->timeout, apr_time_from_sec(3));
    ck_assert_int_eq(settings->store.connect_timeout, apr_time_from_msec(500));
    ck_assert_int_eq(settings->store.attempt_timeout, apr_time_from_sec(1));
    ck_assert_int_eq(settings->store.connections, 25);
    ck_assert_int_eq(settings->store.unsafe_http, 0);
    ck_assert_int_eq(settings->cors, 1);
    ck_assert_int_eq(settings->is_public, 1);
    ck_assert_int_eq(settings->token_memory, 0);
}
END_TEST

START_TEST(what_was_set_stays)
{
    httpd_settings_t *settings = good();

    settings->collection.path = "/things";
    settings->collection.page_default = 5;
    settings->collection.page_max = 7;
    settings->collection.body_max = 9;
    settings->collection.page_age = 11;
    settings->store.connections = 3;
    settings->cors = 0;
    ck_assert_ptr_null(httpd_settings_finish(settings, 25, unit_pool));
    ck_assert_str_eq(settings->collection.path, "/things");
    ck_assert_int_eq(settings->collection.page_default, 5);
    ck_assert_int_eq(settings->collection.page_max, 7);
    ck_assert_int_eq(settings->collection.body_max, 9);
    ck_assert_int_eq(settings->collection.page_age, 11);
    ck_assert_int_eq(settings->store.connections, 3);
    ck_assert_int_eq(settings->cors, 0);
}
END_TEST

START_TEST(connections_follow_threads)
{
    static const struct {
        int threads, connections;
    } rows[] = {{0, 8}, {1, 8}, {8, 8}, {9, 9}, {64, 64}, {5000, 1024}};
    const size_t count = sizeof(rows) / sizeof(rows[0]);
    size_t i;

    for (i = 0; i < count; i++) {
        httpd_settings_t *settings = good();

        ck_assert_ptr_null(httpd_settings_finish(settings, rows[i].threads, unit_pool));
        ck_assert_int_eq(settings->store.connections, rows[i].connections);
    }
}
END_TEST

#define MS(number) apr_time_from_msec(number)
#define NO ((apr_interval_time_t)HTTPD_SETTINGS_UNSET)

/* A longer one is no fault: what is left of the whole request cuts it. */
START_TEST(timeouts_need_not_nest)
{
    static const struct {
        apr_interval_time_t timeout, attempt, connect;             /* as set */
        apr_interval_time_t timeout_got, attempt_got, connect_got; /* as finished */
    } rows[] = {
        {NO, NO, NO, MS(3000), MS(1000), MS(500)},
        {MS(200), NO, NO, MS(200), MS(1000), MS(500)},
        {NO, MS(4000), NO, MS(3000), MS(4000), MS(500)},
        {NO, NO, MS(1001), MS(3000), MS(1000), MS(1001)},
        {MS(1), MS(2), MS(3), MS(1), MS(2), MS(3)},
    };
    const size_t count = sizeof(rows) / sizeof(rows[0]);
    size_t i;

    for (i = 0; i < count; i++) {
        httpd_settings_t *settings = good();

        settings->timeout = rows[i].timeout;
        settings->store.attempt_timeout = rows[i].attempt;
        settings->store.connect_timeout = rows[i].connect;
        ck_assert_ptr_null(httpd_settings_finish(settings, 1, unit_pool));
        ck_assert_int_eq(settings->timeout, rows[i].timeout_got);
        ck_assert_int_eq(settings->store.attempt_timeout, rows[i].attempt_got);
        ck_assert_int_eq(settings->store.connect_timeout, rows[i].connect_got);
    }
}
END_TEST

START_TEST(identity_is_closed_by_default)
{
    static const struct {
        int is_public;
        const char *issuer;
        int has_client;
        const char *word; /* in the refusal, NULL: accepted */
    } rows[] = {
        {HTTPD_SETTINGS_UNSET, NULL, 0, "ItemsPublic"},
        {0, NULL, 0, "ItemsPublic"},
        {0, NULL, 1, "ItemsIssuer and"},
        {0, "https://issuer.example", 0, "ItemsClientId"},
        {0, "https://issuer.example", 1, NULL},
        {0, "", 0, NULL}, /* none */
        {1, NULL, 0, NULL},
    };
    const size_t count = sizeof(rows) / sizeof(rows[0]);
    size_t i;

    for (i = 0; i < count; i++) {
        httpd_settings_t *settings = good();
        const base_err_t *err;

        settings->is_public = rows[i].is_public;
        settings->issuer = rows[i].issuer;
        if (rows[i].has_client)
            settings->client_ids = apr_array_make(unit_pool, 1, sizeof(const char *));
        err = httpd_settings_finish(settings, 1, unit_pool);
        ck_assert_msg(!err == !rows[i].word, "row %d", (int)i);
        if (err)
            ck_assert_msg(strstr(err->words, rows[i].word) != NULL, "row %d: %s", (int)i,
                          err->words);
        ck_assert_int_eq(httpd_settings_is_ambient(settings), rows[i].issuer && !rows[i].issuer[0]);
    }
}
END_TEST

START_TEST(scopes_need_tokens)
{
    static const struct {
        int is_public;
        const char *issuer;
        const char *variable;
        int is_good;
        int has_tokens;
    } rows[] = {
        {0, "https://issuer.example", NULL, 1, 1},
        {0, "https://issuer.example", "SCOPES", 0, 1},
        {0, "", NULL, 0, 0}, /* none */
        {0, "", "SCOPES", 1, 0},
        {1, NULL, NULL, 0, 0},
        {1, "", "SCOPES", 0, 0},
        {1, "https://issuer.example", NULL, 0, 0},
    };
    const size_t count = sizeof(rows) / sizeof(rows[0]);
    size_t i;

    for (i = 0; i < count; i++) {
        httpd_settings_t *settings = good();
        const base_err_t *err;

        settings->is_public = rows[i].is_public;
        settings->issuer = rows[i].issuer;
        settings->client_ids = apr_array_make(unit_pool, 1, sizeof(const char *));
        settings->scopes = apr_array_make(unit_pool, 1, sizeof(httpd_settings_scope_t));
        settings->scope_variable = rows[i].variable;
        err = httpd_settings_finish(settings, 1, unit_pool);
        ck_assert_msg((err == NULL) == rows[i].is_good, "row %d", (int)i);
        ck_assert(!err || strstr(err->words, "ItemsScope"));
        ck_assert_int_eq(httpd_settings_has_tokens(settings), rows[i].has_tokens);
    }
}
END_TEST

START_TEST(memory_of_tokens)
{
    static const struct {
        const char *table;
        int is_public;
        const char *issuer;
        apr_interval_time_t time;
        int introspects;
        int is_good;
        int has_memory;
    } rows[] = {
        {"items", 0, "https://issuer.example", 60, HTTPD_SETTINGS_UNSET, 1, 1},
        {"items", 0, "https://issuer.example", 60, 1, 0, 1},
        {"items", 0, "https://issuer.example", 0, 1, 1, 0},
        {"items", 0, "https://issuer.example", HTTPD_SETTINGS_UNSET, 1, 1, 0},
        /* inherited by hosts without tokens */
        {"items", 0, "", 60, 1, 1, 0},
        {"items", 1, NULL, 60, 1, 1, 0},
        {NULL, 0, "https://issuer.example", 60, 1, 1, 0},
    };
    const size_t count = sizeof(rows) / sizeof(rows[0]);
    size_t i;

    for (i = 0; i < count; i++) {
        httpd_settings_t *settings = good();
        const base_err_t *err;

        settings->collection.table = rows[i].table;
        settings->is_public = rows[i].is_public;
        settings->issuer = rows[i].issuer;
        settings->client_ids = apr_array_make(unit_pool, 1, sizeof(const char *));
        settings->token_memory = rows[i].time;
        settings->keys.introspects = rows[i].introspects;
        err = httpd_settings_finish(settings, 1, unit_pool);
        ck_assert_msg((err == NULL) == rows[i].is_good, "row %d", (int)i);
        ck_assert(!err || strstr(err->words, "ItemsTokenMemory"));
        ck_assert_int_eq(httpd_settings_has_memory(settings), rows[i].has_memory);
    }
}
END_TEST

START_TEST(what_a_method_asks_for)
{
    httpd_settings_t *settings = good();
    const httpd_settings_scope_t *scope;

    ck_assert_ptr_null(httpd_settings_scope(settings, "GET"));
    settings->scopes = apr_array_make(unit_pool, 2, sizeof(httpd_settings_scope_t));
    APR_ARRAY_PUSH(settings->scopes, httpd_settings_scope_t) =
        (httpd_settings_scope_t){"PUT", NULL, "write"};
    APR_ARRAY_PUSH(settings->scopes, httpd_settings_scope_t) =
        (httpd_settings_scope_t){"GET", NULL, "read"};
    scope = httpd_settings_scope(settings, "GET");
    ck_assert_ptr_nonnull(scope);
    ck_assert_str_eq(scope->words, "read");
    ck_assert_ptr_eq(httpd_settings_scope(settings, "HEAD"), scope);
    scope = httpd_settings_scope(settings, "PUT");
    ck_assert_ptr_nonnull(scope);
    ck_assert_str_eq(scope->words, "write");
    ck_assert_ptr_null(httpd_settings_scope(settings, "POST"));
    ck_assert_ptr_null(httpd_settings_scope(settings, "get"));
    ck_assert_ptr_null(httpd_settings_scope(settings, "GETX"));
    ck_assert_ptr_null(httpd_settings_scope(settings, ""));
}
END_TEST

START_TEST(without_a_table_nothing_is_wrong)
{
    httpd_settings_t *settings = httpd_settings_make(unit_pool);

    ck_assert_ptr_null(settings->issuer);
    ck_assert_ptr_null(httpd_settings_finish(settings, 1, unit_pool));
}
END_TEST

/* What a word may be and what it may not; the lists end with NULL. */
static void judges(int (*is)(const char *word), const char *const *yes, const char *const *no)
{
    for (; *yes; yes++)
        ck_assert_msg(is(*yes), "%s is refused", *yes);
    for (; *no; no++)
        ck_assert_msg(!is(*no), "%s is taken", *no);
}

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

START_TEST(tables)
{
    judges(httpd_settings_is_table, WORDS("abc", "A_b.c-9", unit_repeat('a', 255)),
           WORDS("ab", "", "a/bc", "a bc",
                 "\xc3\xa4"
                 "bc",
                 unit_repeat('a', 256)));
}
END_TEST

START_TEST(paths)
{
    judges(httpd_settings_is_path,
           WORDS("/items", "/v1/items", "/a", "/a.b", "/..a", "/.a/b", "/a/...", "/~x/a;b=c,d",
                 apr_pstrcat(unit_pool, "/", unit_repeat('a', 254), NULL)),
           WORDS("", "/", "items", "/items/", "//items", "/a//b", "/.", "/..", "/a/..", "/a/./b",
                 "/../a", "/a%20b", "/a?b", "/a#b", "/a b", "/a\tb", "/a\\b", "/a\"b", "/a<b>",
                 "/a\x7f", "/\xc3\xa4", apr_pstrcat(unit_pool, "/", unit_repeat('a', 255), NULL)));
}
END_TEST

START_TEST(issuers_and_clients)
{
    judges(
        httpd_settings_is_issuer,
        WORDS("https://cognito-idp.eu-central-1.amazonaws.com/eu_x", "http://127.0.0.1:9229/pool"),
        WORDS("https://", "https:///pool", "ftp://a", "a.example", "https://a b", "https://a\"b",
              apr_pstrcat(unit_pool, "https://", unit_repeat('a', 2048), NULL)));
    judges(httpd_settings_is_client, WORDS("7abc", unit_repeat('c', 255)),
           WORDS("", "a b", "a\nb", "\xc3\xa4", unit_repeat('c', 256)));
}
END_TEST

START_TEST(scopes_and_methods)
{
    judges(httpd_settings_is_scope,
           WORDS("items/read", "https://api.example/items:read,write", unit_repeat('s', 513)),
           WORDS("", "a b", "a\tb", "a\"b", "a\\b", "\xc3\xa4", unit_repeat('s', 514)));
    judges(httpd_settings_is_method, WORDS("GET", "PATCH"), WORDS("HEAD", "OPTIONS", "get", ""));
}
END_TEST

START_TEST(variables)
{
    judges(httpd_settings_is_variable,
           WORDS("OAUTH2_CLAIM_scope", "OIDC_CLAIM_cognito-groups", "a.b:c", "HTTPS",
                 unit_repeat('v', 255)),
           WORDS("", "1A", "a b", "a=b", "\xc3\xa4", "HTTP_SCOPES", "http_scopes",
                 "REDIRECT_SCOPES", "Redirect_SCOPES", unit_repeat('v', 256)));
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("httpd/settings");
    TCase *tcase = unit_case(suite, "fields");

    tcase_add_test(tcase, every_field_is_made_unset);
    tcase_add_test(tcase, every_field_merges);
    tcase_add_test(tcase, no_field_is_left_out);
    tcase = unit_case(suite, "finish");
    tcase_add_test(tcase, defaults_are_the_documented_ones);
    tcase_add_test(tcase, what_was_set_stays);
    tcase_add_test(tcase, connections_follow_threads);
    tcase_add_test(tcase, timeouts_need_not_nest);
    tcase_add_test(tcase, identity_is_closed_by_default);
    tcase_add_test(tcase, scopes_need_tokens);
    tcase_add_test(tcase, memory_of_tokens);
    tcase_add_test(tcase, what_a_method_asks_for);
    tcase_add_test(tcase, without_a_table_nothing_is_wrong);
    tcase = unit_case(suite, "words");
    tcase_add_test(tcase, tables);
    tcase_add_test(tcase, paths);
    tcase_add_test(tcase, issuers_and_clients);
    tcase_add_test(tcase, scopes_and_methods);
    tcase_add_test(tcase, variables);
    return suite;
}
