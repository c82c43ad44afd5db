/* SPDX-License-Identifier: Apache-2.0 */
/* Heads and bodies as Amazon DynamoDB sends them (DynamoDB API Reference; the head is that of a
 * public endpoint, with the checksum over the body and a request id of 52 characters).
 */
#include "answers.h"

#include <string.h>

#include <apr_strings.h>

#include "base/crc32.h"
#include "base/text.h"

#define BODY_MAX (1 << 20)
#define STEM_LEN 24 /* of the id: all but its last group, which is the item's number */

static void put_id(base_text_t *text, int number)
{
    char digits[16];

    apr_snprintf(digits, sizeof(digits), "%012d", number);
    base_text_put_str(text, "{\"S\":\"");
    base_text_put(text, ANSWERS_ID, STEM_LEN);
    base_text_put_str(text, digits);
    base_text_put_str(text, "\"}");
}

static void put_item(base_text_t *text, int number)
{
    base_text_put_str(text, "{\"id\":");
    put_id(text, number);
    base_text_put_str(text, ",\"name\":{\"S\":\"Darjeeling\"},"
                            "\"description\":{\"S\":\"First flush, spring harvest, 100 g\"},"
                            "\"status\":{\"S\":\"active\"},"
                            "\"createdAt\":{\"S\":\"2026-02-12T10:11:12.345Z\"},"
                            "\"updatedAt\":{\"S\":\"2026-02-12T10:11:12.345Z\"},"
                            "\"_items_rev\":{\"N\":\"1\"},"
                            "\"_items_w1\":{\"S\":\"q0tM5b2Xr9Yk_3Zc\"}}");
}

static void put_page(base_text_t *text, int count)
{
    int i;

    base_text_put_str(text, "{\"Count\":");
    base_text_put_number(text, count);
    base_text_put_str(text, ",\"Items\":[");
    for (i = 0; i < count; i++) {
        if (i)
            base_text_put_char(text, ',');
        put_item(text, i);
    }
    base_text_put_str(text, "],\"LastEvaluatedKey\":{\"id\":");
    put_id(text, count ? count - 1 : 0);
    base_text_put_str(text, "},\"ScannedCount\":");
    base_text_put_number(text, count);
    base_text_put_char(text, '}');
}

static void put_body(base_text_t *text, answers_kind_e kind, int count)
{
    switch (kind) {
    case ANSWERS_GET:
        base_text_put_str(text, "{\"Item\":");
        put_item(text, 0);
        base_text_put_char(text, '}');
        break;
    case ANSWERS_UPDATE:
        base_text_put_str(text, "{\"Attributes\":");
        put_item(text, 0);
        base_text_put_char(text, '}');
        break;
    case ANSWERS_SCAN:
        put_page(text, count);
        break;
    case ANSWERS_NOTHING:
        base_text_put_str(text, "{}");
        break;
    }
}

answers_t answers_make(answers_kind_e kind, int count, apr_pool_t *pool)
{
    base_text_t body;
    answers_t answer;
    const char *head;

    base_text_init(&body, 1024, BODY_MAX, pool);
    put_body(&body, kind, count);
    head = apr_psprintf(pool,
                        "HTTP/1.1 200 OK\r\n"
                        "Server: Server\r\n"
                        "Date: Thu, 12 Feb 2026 10:11:12 GMT\r\n"
                        "Content-Type: application/x-amz-json-1.0\r\n"
                        "Content-Length: %" APR_SIZE_T_FMT "\r\n"
                        "Connection: keep-alive\r\n"
                        "x-amzn-RequestId: B7QK1VR9T3A0M5E8J2H6N4D7CZVV4KQNSO5AEMVJF66Q9ASUAAJG\r\n"
                        "x-amz-crc32: %u\r\n\r\n",
                        body.len, base_crc32(body.data, body.len));
    answer.bytes = apr_pstrcat(pool, head, body.data, NULL);
    answer.head_len = strlen(head);
    answer.len = answer.head_len + body.len;
    return answer;
}
