/* SPDX-License-Identifier: Apache-2.0 */
/* Bodies and ids of clients.
 *
 * A body is walked once by base_scan, which judges all of it (RFC 8259, UTF-8,
 * depth, ignored members included), without a tree: a megabyte of "[[],[],…" would
 * cost a hundred as one. Fields are strings, of duplicate members the last, and stay
 * where they stand in the body unless they have escapes.
 *
 * Of the original's rules these stay: name is required on POST, null and an empty
 * status mean absent, a PUT without a field keeps it. Ours: the fields must be
 * strings, name must not be blank, both short fields have a ceiling.
 */
#include "items/check.h"

#include <string.h>

#include <apr_strings.h>

/* What is asked of each field, in the order in which faults are told. */
static const struct {
    apr_size_t max; /* characters, 0: the size of the item alone */
    const char *kind_words;
    const char *max_words;
    const char *fallback; /* of a POST, NULL: required */
} rules_of[ITEMS_ITEM_FIELDS] = {
    [ITEMS_ITEM_NAME] = {ITEMS_CHECK_NAME_MAX, "name must be a string",
                         "name is longer than 1024 characters", NULL},
    [ITEMS_ITEM_DESCRIPTION] = {0, "description must be a string", NULL, ""},
    [ITEMS_ITEM_STATUS] = {ITEMS_CHECK_STATUS_MAX, "status must be a string",
                           "status is longer than 256 characters", "active"},
};

int items_check_id(const char *bytes, apr_size_t len)
{
    if (len < 1 || len > ITEMS_ITEM_ID_MAX || memchr(bytes, '\0', len))
        return 0;
    if (bytes[0] == '.' && (len == 1 || (len == 2 && bytes[1] == '.')))
        return 0;
    return base_scan_is_utf8(bytes, len);
}

/* The code points with the property White_Space (Unicode Character Database, PropList.txt); JSON's
 * four white space characters are among them. */
static int is_white_space(apr_uint32_t c)
{
    return (c >= 0x09 && c <= 0x0d) || c == 0x20 || c == 0x85 || c == 0xa0 || c == 0x1680 ||
           (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f ||
           c == 0x205f || c == 0x3000;
}

/* Does valid UTF-8 hold nothing but white space? All of it is below U+10000. */
static int is_blank(const char *bytes, apr_size_t len)
{
    const unsigned char *pos = (const unsigned char *)bytes;
    const unsigned char *end = pos + len;

    while (pos < end) {
        apr_uint32_t c = *pos;

        if (c >= 0xe0 && c < 0xf0 && end - pos >= 3) {
            c = (c & 0x0fU) << 12 | (pos[1] & 0x3fU) << 6 | (pos[2] & 0x3fU);
            pos += 3;
        } else if (c >= 0xc0 && c < 0xe0 && end - pos >= 2) {
            c = (c & 0x1fU) << 6 | (pos[1] & 0x3fU);
            pos += 2;
        } else {
            pos++;
        }
        if (!is_white_space(c))
            return 0;
    }
    return 1;
}

static apr_size_t count_characters(const char *bytes, apr_size_t len)
{
    apr_size_t count = 0, i;

    for (i = 0; i < len; i++)
        count += ((unsigned char)bytes[i] & 0xc0) != 0x80;
    return count;
}

static void add(items_reply_error_t *error, int field, const char *words, apr_pool_t *pool)
{
    items_reply_add_fault(error, ITEMS_PROBLEM_ITEM, items_item_fields[field], words, pool);
}

/* The last value of a field. */
typedef struct {
    base_scan_kind_e kind;   /* BASE_SCAN_NULL when it is absent */
    base_scan_span_t string; /* when it is one */
} found_t;

/* Judge one field and put it where it belongs. */
static void take_field(items_item_fields_t *fields, items_reply_error_t *error, int field,
                       const found_t *found, const items_check_rules_t *rules, apr_pool_t *pool)
{
    dynamo_table_bytes_t *to = &fields->value[field];
    const char *fallback = rules_of[field].fallback;

    if (found->kind == BASE_SCAN_STRING) {
        to->bytes = base_scan_decode(&to->len, &found->string, pool);
        if (field == ITEMS_ITEM_STATUS && to->len == 0)
            to->bytes = NULL;
    } else if (found->kind != BASE_SCAN_NULL) {
        add(error, field, rules_of[field].kind_words, pool);
        return;
    }
    if (to->bytes && field == ITEMS_ITEM_NAME && is_blank(to->bytes, to->len)) {
        add(error, field, rules->is_new ? "Name is required" : "Name must not be blank", pool);
    } else if (to->bytes && rules_of[field].max &&
               count_characters(to->bytes, to->len) > rules_of[field].max) {
        add(error, field, rules_of[field].max_words, pool);
    } else if (!to->bytes && rules->is_new) {
        if (!fallback)
            add(error, field, "Name is required", pool);
        to->bytes = fallback;
        to->len = fallback ? strlen(fallback) : 0;
    }
}

static int is_named(const apr_array_header_t *details, const char *name)
{
    int i;

    for (i = 0; details && i < details->nelts; i++)
        if (strcmp(APR_ARRAY_IDX(details, i, items_reply_detail_t).field, name) == 0)
            return 1;
    return 0;
}

/* A member that can't be set, each name once. */
static void refuse_member(items_reply_error_t *unknown, const base_scan_span_t *name,
                          apr_pool_t *pool)
{
    apr_size_t len;
    const char *bytes = base_scan_decode(&len, name, pool);
    const char *shown = items_reply_shown_name(bytes, len, pool);

    if (!is_named(unknown->details, shown))
        items_reply_add_fault(unknown, ITEMS_PROBLEM_STRICT, shown,
                              apr_pstrcat(pool, "member can't be set: ", shown, NULL), pool);
}

/* Walk the members of an object: the fields into found, the others into unknown. */
static void walk(found_t found[ITEMS_ITEM_FIELDS], items_reply_error_t *unknown, base_scan_t *scan,
                 int strict, apr_pool_t *pool)
{
    base_scan_span_t name;
    int i;

    if (!base_scan_enter(scan, BASE_SCAN_OBJECT))
        return;
    while (base_scan_member(scan, &name)) {
        for (i = 0; i < ITEMS_ITEM_FIELDS; i++)
            if (base_scan_equals(&name, items_item_fields[i]))
                break;
        if (i < ITEMS_ITEM_FIELDS)
            found[i].kind = base_scan_peek(scan);
        else if (strict)
            refuse_member(unknown, &name, pool);
        if (i < ITEMS_ITEM_FIELDS && found[i].kind == BASE_SCAN_STRING)
            base_scan_string(scan, &found[i].string);
        else
            base_scan_skip(scan, NULL);
    }
    base_scan_end(scan);
}

/* A fault of the scan in our own words. Whether it is the depth shows in a scan that may go deeper:
 * it gets further. */
static void refuse_json(items_reply_error_t *error, const base_scan_t *scan,
                        const dynamo_table_bytes_t *body, apr_pool_t *pool)
{
    base_scan_t deeper;

    base_scan_init(&deeper, body->bytes, body->len, BASE_SCAN_DEPTH_MAX);
    base_scan_skip(&deeper, NULL);
    base_scan_end(&deeper);
    error->problem = ITEMS_PROBLEM_JSON;
    if (!deeper.why || deeper.fault != scan->fault)
        error->words =
            apr_psprintf(pool, "body is nested deeper than %d levels", ITEMS_CHECK_DEPTH);
    else if (body->len == 0)
        error->words = "body is not valid JSON at byte 0: it is empty";
    else
        error->words =
            apr_psprintf(pool, "body is not valid JSON at byte %" APR_SIZE_T_FMT, scan->fault);
}

int items_check_body(items_item_fields_t *fields, items_reply_error_t *error,
                     const dynamo_table_bytes_t *body, const items_check_rules_t *rules,
                     apr_pool_t *pool)
{
    found_t found[ITEMS_ITEM_FIELDS];
    items_reply_error_t unknown;
    base_scan_t scan;
    int i, is_object;

    memset(fields, 0, sizeof(*fields));
    memset(&unknown, 0, sizeof(unknown));
    memset(found, 0, sizeof(found));
    for (i = 0; i < ITEMS_ITEM_FIELDS; i++)
        found[i].kind = BASE_SCAN_NULL;
    base_scan_init(&scan, body->bytes, body->len, ITEMS_CHECK_DEPTH);
    is_object = base_scan_peek(&scan) == BASE_SCAN_OBJECT;
    if (is_object) {
        walk(found, &unknown, &scan, rules->strict, pool);
    } else {
        base_scan_skip(&scan, NULL);
        base_scan_end(&scan);
    }
    if (scan.why || !is_object) {
        error->problem = ITEMS_PROBLEM_JSON;
        error->words = "body must be a JSON object";
        if (scan.why)
            refuse_json(error, &scan, body, pool);
        return 0;
    }
    for (i = 0; i < ITEMS_ITEM_FIELDS; i++)
        take_field(fields, error, i, &found[i], rules, pool);
    for (i = 0; unknown.details && i < unknown.details->nelts; i++) {
        const items_reply_detail_t *detail =
            &APR_ARRAY_IDX(unknown.details, i, items_reply_detail_t);

        items_reply_add_fault(error, unknown.problem, detail->field, detail->words, pool);
    }
    return !error->details;
}
