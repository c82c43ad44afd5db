/* SPDX-License-Identifier: Apache-2.0 */
/* Query parameters as application/x-www-form-urlencoded (WHATWG URL Standard section 5.1), which is
 * what API Gateway decoded for the original: names and values are percent-decoded, '+' is a blank.
 *
 * A name with a bad escape can't be one that we know, so it is left as it is.
 * Unknown parameters are ignored unless the client asked to be told (Prefer:
 * handling=strict), since links carry tracking parameters.
 */
#include "items/query.h"

#include <string.h>

#include <apr_strings.h>

#include "base/hash.h"

#define LIMIT_DIGITS 9 /* fits an int; longer ones are nobody's page size */

enum { LIMIT, LAST_KEY, NEXT_TOKEN, KNOWN };

static const struct {
    const char *name;
    const char *twice;
    const char *escape;
} known[KNOWN] = {
    [LIMIT] = {"limit", "limit is given more than once", "limit has a bad escape"},
    [LAST_KEY] = {"lastKey", "lastKey is given more than once", "lastKey has a bad escape"},
    [NEXT_TOKEN] = {"nextToken", "nextToken is given more than once", "nextToken has a bad escape"},
};

typedef struct {
    const char *bytes; /* NULL: not given */
    apr_size_t len;
} value_t;

/* Decode a name or value; bytes NULL when an escape is malformed. */
static value_t decode(const char *raw, apr_size_t len, apr_pool_t *pool)
{
    char *bytes = apr_palloc(pool, len + 1);
    value_t value = {bytes, 0};
    apr_size_t i;

    for (i = 0; i < len; i++) {
        char c = raw[i];

        if (c == '+') {
            c = ' ';
        } else if (c == '%') {
            int high = i + 2 < len ? base_hash_unhex(raw[i + 1]) : -1;
            int low = i + 2 < len ? base_hash_unhex(raw[i + 2]) : -1;

            if (high < 0 || low < 0) {
                value.bytes = NULL;
                return value;
            }
            c = (char)(high * 16 + low);
            i += 2;
        }
        bytes[value.len++] = c;
    }
    bytes[value.len] = '\0';
    return value;
}

static int find_known(const value_t *name)
{
    int i;

    for (i = 0; name->bytes && i < KNOWN; i++)
        if (name->len == strlen(known[i].name) &&
            memcmp(name->bytes, known[i].name, name->len) == 0)
            return i;
    return KNOWN;
}

/* One name=value piece: a known parameter into values, an unknown one is a fault when strict. */
static void read_piece(value_t values[KNOWN], items_reply_error_t *error, const value_t *piece,
                       const items_query_rules_t *rules, apr_pool_t *pool)
{
    const char *equals = memchr(piece->bytes, '=', piece->len);
    apr_size_t name_len = equals ? (apr_size_t)(equals - piece->bytes) : piece->len;
    value_t name = decode(piece->bytes, name_len, pool);
    value_t value;
    int i = rules->is_list ? find_known(&name) : KNOWN;

    if (i == KNOWN) {
        if (rules->strict) {
            const char *shown = name.bytes ? items_reply_shown_name(name.bytes, name.len, pool)
                                           : items_reply_shown_name(piece->bytes, name_len, pool);

            items_reply_add_fault(error, ITEMS_PROBLEM_STRICT, shown,
                                  apr_pstrcat(pool, "unknown query parameter: ", shown, NULL),
                                  pool);
        }
        return;
    }
    if (values[i].bytes) {
        items_reply_add_fault(error, ITEMS_PROBLEM_QUERY, known[i].name, known[i].twice, pool);
        return;
    }
    value.bytes = "";
    value.len = 0;
    if (equals)
        value = decode(equals + 1, piece->len - name_len - 1, pool);
    if (value.bytes) {
        values[i] = value;
        return;
    }
    values[i].bytes = "";
    items_reply_add_fault(error, ITEMS_PROBLEM_QUERY, known[i].name, known[i].escape, pool);
}

static int read_limit(const value_t *limit, const items_query_rules_t *rules)
{
    apr_size_t i;
    int number = 0;

    if (limit->len > LIMIT_DIGITS)
        return -1;
    for (i = 0; i < limit->len; i++) {
        if (limit->bytes[i] < '0' || limit->bytes[i] > '9')
            return -1;
        number = number * 10 + (limit->bytes[i] - '0');
    }
    if (number == 0)
        return rules->limit_default;
    return number < rules->limit_max ? number : rules->limit_max;
}

/* Both names mean the same, since the original answers nextToken and asks for lastKey. */
static void read_token(items_query_t *query, items_reply_error_t *error,
                       const value_t values[KNOWN], apr_pool_t *pool)
{
    const value_t *last = &values[LAST_KEY], *next = &values[NEXT_TOKEN];
    const value_t *given = last->bytes ? last : next;

    if (last->bytes && next->bytes &&
        (last->len != next->len || memcmp(last->bytes, next->bytes, last->len) != 0))
        items_reply_add_fault(error, ITEMS_PROBLEM_QUERY, known[LAST_KEY].name,
                              "lastKey and nextToken differ", pool);
    query->token = given->len ? given->bytes : NULL;
    query->token_len = given->len;
}

int items_query_read(items_query_t *query, items_reply_error_t *error, const char *raw,
                     const items_query_rules_t *rules, apr_pool_t *pool)
{
    value_t values[KNOWN];
    const char *pos = raw;

    memset(values, 0, sizeof(values));
    while (pos && *pos) {
        value_t piece = {pos, strcspn(pos, "&")};

        if (piece.len)
            read_piece(values, error, &piece, rules, pool);
        pos += piece.len + (pos[piece.len] == '&');
    }
    query->limit = read_limit(&values[LIMIT], rules);
    if (query->limit < 0)
        items_reply_add_fault(error, ITEMS_PROBLEM_QUERY, known[LIMIT].name,
                              "limit must be a whole number of at most 9 digits", pool);
    read_token(query, error, values, pool);
    return !error->details;
}
