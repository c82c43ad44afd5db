/* SPDX-License-Identifier: Apache-2.0 */
/* Access tokens: a text as it comes, and as the payload of a token that is otherwise good. */
#include "fuzz.h"

#include <string.h>

#include <apr_strings.h>

#include "base/hash.h"
#include "base/scan.h"
#include "httpd/token.h"

/* What is let through is harmless to a decoder that trusts it. */
static void judge_form(const char *token)
{
    apr_size_t len, parts = 0;

    for (; token; parts++) {
        len = strcspn(token, ".");
        fuzz_require(len > 0 && len % 4 != 1, "a part is base64url of something");
        fuzz_require(strspn(token, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                   "0123456789-_") == len,
                     "a part is made of the alphabet alone");
        token = token[len] ? token + len + 1 : NULL;
    }
    fuzz_require(parts == 3, "a token has three parts");
}

void fuzz_input(const char *bytes, apr_size_t len, apr_pool_t *pool)
{
    const char *text = apr_pstrmemdup(pool, bytes, len);
    const char *token;
    base_scan_t scan;

    if (httpd_token_is_jws(text, pool))
        judge_form(text);
    token = apr_pstrcat(pool, "e30.", base_hash_base64url((const unsigned char *)bytes, len, pool),
                        ".c2ln", NULL);
    if (!httpd_token_is_jws(token, pool))
        return;
    judge_form(token);
    base_scan_init(&scan, bytes, len, 16);
    base_scan_skip(&scan, NULL);
    fuzz_require(base_scan_end(&scan), "a payload is JSON");
    fuzz_require(!memchr(bytes, '\0', len) && !memmem(bytes, len, "\\u0000", 6),
                 "a payload has no NUL");
}
