/* SPDX-License-Identifier: Apache-2.0 */
/* The tree of JSON that base_scan let through: the only user of json-c.
 *
 * The tree is built from the scanner's tokens, never by json-c's own parser,
 * which accepts what RFC 8259 forbids and clamps integers. Numbers keep their
 * text. Of duplicate members the last wins. A tree dies with its pool and stays
 * on the thread that made it.
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <apr_pools.h>

#include "base/scan.h"

struct json_object;

/* A tree, borrowed from its root; json null is a value of kind BASE_SCAN_NULL, never NULL. */
typedef struct {
    struct json_object *node;
    base_scan_kind_e kind;
} base_json_t;

/* Consume the value at scan and make a tree of it: 1, or 0 and a fault. Beyond what the scanner
 * refuses, a member name that holds U+0000 is a fault: the tree can't carry it. A caller with bytes
 * of a stranger takes only what it wants to keep and skips the rest: a tree costs up to a hundred
 * times its text. */
int base_json_take(base_json_t *tree, base_scan_t *scan, apr_pool_t *pool);

/* The member of that name of an object: 1, or 0 when it has none. */
int base_json_find(base_json_t *value, const base_json_t *object, const char *name);

/* The text of a string (may hold NUL) or the digits of a number, with its length in bytes. */
const char *base_json_text(apr_size_t *len, const base_json_t *value);

#endif
