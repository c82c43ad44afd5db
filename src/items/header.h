/* SPDX-License-Identifier: Apache-2.0 */
/* The request headers that change what is answered: Accept, Prefer, Content-Type.
 *
 * Pure. Each value is a C string or NULL when the header is absent. What is
 * malformed is passed over, as RFC 9110 section 5.6.1 asks of a recipient.
 */
#ifndef ITEMS_HEADER_H
#define ITEMS_HEADER_H

/* Does Accept rank application/problem+json strictly above application/json (RFC 9110 section
 * 12.5.1: q-values, the most specific range decides)? */
int items_header_wants_problem(const char *accept);

/* Does Prefer say handling=strict (RFC 7240)? Of several handlings the first counts. */
int items_header_is_strict(const char *prefer);

/* May a body of this Content-Type be judged as JSON? Absent, application/json, any type ending in
 * +json and application/x-www-form-urlencoded (curl's default) are taken. Where the browser adds
 * the credentials by itself (ambient), the absent and the form type are not: another site's form
 * could send them without a preflight (Fetch Standard, "CORS-safelisted request-header"). */
int items_header_is_json(const char *content_type, int ambient);

#endif
