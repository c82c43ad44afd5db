/* SPDX-License-Identifier: Apache-2.0 */
/* Why before: the libraries below mod_auth_openidc trust a token's form too much.
 *
 * libcjose 0.6.2.1 as Debian 12 has it ends the process with an assertion when
 * base64url is padded ("a=.b=.c="), so that anybody could end all requests of a child with one of
 * his own; mod_auth_openidc 2.4.12.3 puts a payload that jansson refuses into its log as a
 * text, which it is not: there is no NUL behind it. So a token is let through to
 * them only if its three parts are base64url in its one spelling (RFC 7515 section 2: no padding)
 * and the first two are JSON that jansson reads as well. It is narrower than RFC 8259:
 * no U+0000, no number that could be out of range.
 */
#include "httpd/token.h"

#include <string.h>

#include "base/hash.h"
#include "base/scan.h"

#define DEPTH_MAX 16  /* of a claim; cognito:groups needs two */
#define NUMBER_MAX 18 /* characters: fits 64 bits */

/* Is every number of a JSON text short, and without an exponent? */
static int has_plain_numbers(const char *text, apr_size_t len)
{
    apr_size_t i = 0, run;

    while (i < len) {
        if (text[i] == '"') {
            for (i++; text[i] != '"'; i++) /* a string ends within the text: it was scanned */
                i += text[i] == '\\';
            i++;
        } else if (text[i] == '-' || (text[i] >= '0' && text[i] <= '9')) {
            for (run = 0; i < len && strchr("-.0123456789", text[i]) && text[i]; i++)
                run++;
            if (run > NUMBER_MAX || (i < len && (text[i] == 'e' || text[i] == 'E')))
                return 0;
        } else {
            i++;
        }
    }
    return 1;
}

/* Is the part a JSON object in base64url? */
static int is_object(const char *part, apr_size_t len, apr_pool_t *pool)
{
    apr_size_t text_len;
    const char *text = (char *)base_hash_base64url_decode(&text_len, part, len, pool);
    base_scan_t scan;

    if (!text)
        return 0;
    base_scan_init(&scan, text, text_len, DEPTH_MAX);
    return base_scan_peek(&scan) == BASE_SCAN_OBJECT && base_scan_skip(&scan, NULL) &&
           base_scan_end(&scan) && !memmem(text, text_len, "\\u0000", 6) &&
           has_plain_numbers(text, text_len);
}

int httpd_token_is_jws(const char *text, apr_pool_t *pool)
{
    const char *payload = strchr(text, '.');
    const char *signature = payload ? strchr(payload + 1, '.') : NULL;
    apr_size_t len;

    return signature && is_object(text, (apr_size_t)(payload - text), pool) &&
           is_object(payload + 1, (apr_size_t)(signature - payload - 1), pool) &&
           base_hash_base64url_decode(&len, signature + 1, strlen(signature + 1), pool) && len > 0;
}
