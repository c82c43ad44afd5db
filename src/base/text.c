/* SPDX-License-Identifier: Apache-2.0 */
/* Append-only text with a ceiling. It grows by doubling, so that the blocks it leaves behind in
 * the pool add up to less than the text itself. An append that does not fit is dropped whole: what
 * is kept never ends within a character. */
#include "base/text.h"

#include <string.h>
#include <sys/mman.h>

#include <apr_strings.h>

#define ROOM_MIN 32
#define POOLED_MAX (256 * 1024) /* bytes that may be expected of a pool */

void base_text_init(base_text_t *text, apr_size_t hint, apr_size_t max, apr_pool_t *pool)
{
    if (max > APR_SIZE_MAX / 4)
        max = APR_SIZE_MAX / 4; /* so that doubling never wraps */
    text->max = max;
    text->room = (hint < max ? hint : max) + 1;
    text->data = apr_palloc(pool, text->room);
    text->data[0] = '\0';
    text->len = 0;
    text->full = 0;
    text->pool = pool;
}

typedef struct {
    void *at;
    apr_size_t size;
} map_t;

static apr_status_t end_map(void *data)
{
    const map_t *map = data;

    munmap(map->at, map->size);
    return APR_SUCCESS;
}

/* httpd's pools end the process, and with it the requests of all its threads, when there is no
 * memory. Most likely it is a large block that there is none for. */
static char *map_room(apr_size_t room, apr_pool_t *pool)
{
    void *at = mmap(NULL, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    map_t *map;

    if (at == MAP_FAILED)
        return NULL;
    map = apr_palloc(pool, sizeof(*map));
    *map = (map_t){at, room};
    apr_pool_cleanup_register(pool, map, end_map, apr_pool_cleanup_null);
    return at;
}

static void move(base_text_t *text, char *data, apr_size_t room)
{
    memcpy(data, text->data, text->len);
    text->data = data;
    text->room = room;
    base_text_end(text);
}

static void grow(base_text_t *text, apr_size_t need)
{
    apr_size_t room = text->room < ROOM_MIN ? ROOM_MIN : 2 * text->room;

    if (room < need)
        room = need;
    if (room > text->max + 1)
        room = text->max + 1; /* never below need, which fits */
    move(text, apr_palloc(text->pool, room), room);
}

int base_text_expect(base_text_t *text, apr_size_t len)
{
    apr_size_t left = text->max - text->len, room;
    char *data;

    if (len > left)
        len = left;
    if (len < text->room - text->len)
        return 1;
    room = text->len + len + 1;
    data = room > POOLED_MAX ? map_room(room, text->pool) : apr_palloc(text->pool, room);
    if (data)
        move(text, data, room);
    return data != NULL;
}

char *base_text_reserve(base_text_t *text, apr_size_t len)
{
    if (text->full || len > text->max - text->len) {
        text->full = 1;
        return NULL;
    }
    if (text->room - text->len <= len)
        grow(text, text->len + len + 1);
    return text->data + text->len;
}

void base_text_put_number(base_text_t *text, apr_int64_t number)
{
    char digits[20]; /* -9223372036854775808 */
    char *first = digits + sizeof digits;
    apr_uint64_t rest = number < 0 ? 0 - (apr_uint64_t)number : (apr_uint64_t)number;

    do {
        *--first = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest);
    if (number < 0)
        *--first = '-';
    base_text_put(text, first, (apr_size_t)(digits + sizeof digits - first));
}

static void put_escape(base_text_t *text, unsigned char c)
{
    static const char shorts[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt",
                      hex[] = "0123456789abcdef";
    const char *found = memchr(shorts, c, sizeof shorts - 1);
    char escape[6] = {'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]};

    if (found)
        escape[1] = letters[found - shorts];
    base_text_put(text, escape, found ? 2 : 6);
}

void base_text_put_json(base_text_t *text, const char *bytes, apr_size_t len)
{
    const char *at = bytes, *end, *run;
    char *to = base_text_reserve(text, len > text->max ? len : len + 2);

    if (!to)
        return; /* now, since with a length like that the sum below might wrap */
    end = bytes + len;
    run = base_text_run_end(at, end, 0);
    if (run == end) { /* nearly always */
        *to++ = '"';
        if (len)
            memcpy(to, bytes, len);
        to[len] = '"';
        text->len += len + 2;
        base_text_end(text);
        return;
    }
    base_text_put_char(text, '"');
    for (; run < end; run = base_text_run_end(at, end, 0)) {
        base_text_put(text, at, (apr_size_t)(run - at));
        put_escape(text, (unsigned char)*run);
        at = run + 1;
    }
    base_text_put(text, at, (apr_size_t)(end - at));
    base_text_put_char(text, '"');
}
