/* SPDX-License-Identifier: Apache-2.0 */
/* aws/fault: X-Amzn-Errortype in the first line ("-": no such header), the body behind it. */
#include "fuzz.h"

#include <string.h>

#include <apr_strings.h>

#include "aws/fault.h"

static int is_code(const char *code)
{
    apr_size_t len = strlen(code);

    return len > 0 && len <= AWS_FAULT_CODE_MAX &&
           strspn(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-") == len;
}

void fuzz_input(const char *bytes, apr_size_t len, apr_pool_t *pool)
{
    const char *end = len ? memchr(bytes, '\n', len) : NULL;
    aws_fault_t fault, again;
    const char *header = NULL;
    const char *pos;

    if (!end)
        return;
    if (end - bytes != 1 || *bytes != '-')
        header = apr_pstrmemdup(pool, bytes, (apr_size_t)(end - bytes));
    len -= (apr_size_t)(end + 1 - bytes);
    aws_fault_read(&fault, header, end + 1, len, pool);
    if (fault.code) {
        fuzz_require(is_code(fault.code), "a code is made of code characters");
        aws_fault_read(&again, fault.code, "", 0, pool);
        fuzz_require(again.code && strcmp(again.code, fault.code) == 0, "a code is its own code");
    }
    if (fault.message) {
        fuzz_require(strlen(fault.message) <= AWS_FAULT_MESSAGE_MAX, "a message is short");
        for (pos = fault.message; *pos; pos++)
            fuzz_require(*pos >= ' ' && *pos <= '~', "a message is one printable line");
        fuzz_require(!strstr(fault.message, "Signature="), "a message shows no signature");
    }
}
