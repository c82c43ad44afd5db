/* SPDX-License-Identifier: Apache-2.0 */
/* The error envelope of the AWS JSON protocols (Smithy, "AWS JSON 1.0 protocol", operation error
 * serialization): one rule for every spelling that services, emulators and proxies use.
 *
 * Messages are for the log. AWS repeats parts of a request in some of them: for a bad signature the
 * canonical request with the session token in it, for an incomplete one the whole Authorization
 * header. So a message ends at its first line break, and one that shows such a part is withheld.
 */
#include "aws/fault.h"

#include <string.h>
#include <strings.h>

#include <apr_strings.h>

#include "base/scan.h"

/* The strings of an envelope, as scanned; ptr NULL: not there, or no string. */
typedef struct {
    base_scan_span_t code;
    base_scan_span_t type;
    base_scan_span_t message;
    base_scan_span_t message_upper;
    base_scan_span_t error_message;
} envelope_t;

static base_scan_span_t *member_of(envelope_t *envelope, const base_scan_span_t *name)
{
    if (base_scan_equals(name, "code"))
        return &envelope->code;
    if (base_scan_equals(name, "__type"))
        return &envelope->type;
    if (base_scan_equals(name, "message"))
        return &envelope->message;
    if (base_scan_equals(name, "Message"))
        return &envelope->message_upper;
    if (base_scan_equals(name, "errorMessage"))
        return &envelope->error_message;
    return NULL;
}

static void scan_envelope(envelope_t *envelope, const char *body, apr_size_t len)
{
    base_scan_t scan;
    base_scan_span_t name;

    memset(envelope, 0, sizeof(*envelope));
    base_scan_init(&scan, body, len, BASE_SCAN_DEPTH_MAX);
    if (base_scan_enter(&scan, BASE_SCAN_OBJECT)) {
        while (base_scan_member(&scan, &name)) {
            base_scan_span_t *member = member_of(envelope, &name);

            if (member && base_scan_peek(&scan) == BASE_SCAN_STRING)
                base_scan_string(&scan, member);
            else
                base_scan_skip(&scan, NULL);
        }
    }
    base_scan_end(&scan);
    if (scan.why)
        memset(envelope, 0, sizeof(*envelope)); /* half an envelope says nothing for certain */
}

static int is_code(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
}

/* What stands between the last '#' and the first ':', when it can be a code. */
static const char *cut_code(const char *text, apr_size_t len, apr_pool_t *pool)
{
    const char *end = memchr(text, ':', len);
    const char *start, *pos;

    if (!end)
        end = text + len;
    for (start = end; start > text && start[-1] != '#'; start--)
        continue;
    while (start < end && *start == ' ')
        start++;
    while (end > start && end[-1] == ' ')
        end--;
    if (end == start || end - start > AWS_FAULT_CODE_MAX)
        return NULL;
    for (pos = start; pos < end; pos++)
        if (!is_code(*pos))
            return NULL;
    return apr_pstrmemdup(pool, start, (apr_size_t)(end - start));
}

static const char *span_code(const base_scan_span_t *span, apr_pool_t *pool)
{
    const char *text;
    apr_size_t len;

    if (!span->ptr)
        return NULL;
    text = base_scan_decode(&len, span, pool);
    return cut_code(text, len, pool);
}

static int holds(const char *text, apr_size_t len, const char *part)
{
    apr_size_t part_len = strlen(part), i;

    for (i = 0; i + part_len <= len; i++)
        if (strncasecmp(text + i, part, part_len) == 0)
            return 1;
    return 0;
}

static const char *span_message(const base_scan_span_t *span, apr_pool_t *pool)
{
    static const char *const tells[] = {"Signature=", "Credential=", "security-token:"};
    const char *text;
    char *line;
    apr_size_t len, i;

    if (!span->ptr)
        return NULL;
    text = base_scan_decode(&len, span, pool);
    for (i = 0; i < len && text[i] != '\n' && text[i] != '\r'; i++)
        continue;
    len = i;
    for (i = 0; i < sizeof(tells) / sizeof(tells[0]); i++)
        if (holds(text, len, tells[i]))
            return "(message withheld: it repeats the request's signature)";
    if (len > AWS_FAULT_MESSAGE_MAX)
        len = AWS_FAULT_MESSAGE_MAX;
    line = apr_pstrmemdup(pool, text, len);
    for (i = 0; i < len; i++)
        if (line[i] < ' ' || line[i] > '~')
            line[i] = '?';
    return line;
}

void aws_fault_read(aws_fault_t *fault, const char *header, const char *body, apr_size_t len,
                    apr_pool_t *pool)
{
    envelope_t envelope;

    scan_envelope(&envelope, body, len);
    fault->code = header ? cut_code(header, strlen(header), pool) : NULL;
    if (!fault->code)
        fault->code = span_code(&envelope.code, pool);
    if (!fault->code)
        fault->code = span_code(&envelope.type, pool);
    fault->message = span_message(&envelope.message, pool);
    if (!fault->message)
        fault->message = span_message(&envelope.message_upper, pool);
    if (!fault->message)
        fault->message = span_message(&envelope.error_message, pool);
}
