/* SPDX-License-Identifier: Apache-2.0 */
/* What a client may send as an id and as an item: judged whole, all faults at once.
 *
 * Pure. Strings point into the body or live in the pool given.
 */
#ifndef ITEMS_CHECK_H
#define ITEMS_CHECK_H

#include "items/item.h"
#include "items/reply.h"

#define ITEMS_CHECK_DEPTH 32       /* levels of a body, as DynamoDB's limit of an item */
#define ITEMS_CHECK_NAME_MAX 1024  /* characters */
#define ITEMS_CHECK_STATUS_MAX 256 /* characters */

/* Is it an id: 1 to 2,048 bytes of valid UTF-8 without NUL, not "." and not ".."? */
int items_check_id(const char *bytes, apr_size_t len);

/* How a body is judged. */
typedef struct {
    int is_new; /* a POST: name is required, what is absent gets its default */
    int strict; /* members that can't be set are refused */
} items_check_rules_t;

/* The fields of an item in a body: 1, or 0 with the faults in error. Absent ones have bytes NULL,
 * on a POST none is absent. */
int items_check_body(items_item_fields_t *fields, items_reply_error_t *error,
                     const dynamo_table_bytes_t *body, const items_check_rules_t *rules,
                     apr_pool_t *pool);

#endif
