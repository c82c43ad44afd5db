/* SPDX-License-Identifier: Apache-2.0 */
/* Writing requests and reading responses of HTTP/1.1: RFC 9112 (framing), RFC 9110 section 5.5
 * (field values), 8.6 (Content-Length), 15.2 (1xx).
 *
 * Stricter than the RFC where a lenient reading is how answers get attached to the wrong request:
 * lines end with CRLF, no folding, no list of lengths, no length beside chunked, no body that ends
 * with the connection, no coding of the content that nobody asked for.
 *
 *   STATUS -> HEADER* -+-> BODY ---------------------> done
 *     ^                +-> SIZE -> DATA -> DATA_END -> SIZE ... -> TRAILER* -> done
 *     +---- 1xx -------+-> done (204, 304, length 0)
 *
 * take_line() makes every step but those of BODY and DATA, which are take_content()'s.
 */
#include "net/wire.h"

#include <string.h>
#include <strings.h>

#include <apr_lib.h>
#include <apr_strings.h>

#include "base/hash.h"

enum { STATUS, HEADER, BODY, SIZE, DATA, DATA_END, TRAILER };

#define SIZE_DIGITS_MAX (2 * sizeof(apr_size_t)) /* of a chunk's size: more might not fit */

/* RFC 9110 section 5.6.2. */
static const char token_chars[256] = {
    ['a' ... 'z'] = 1, ['A' ... 'Z'] = 1, ['0' ... '9'] = 1, ['!'] = 1, ['#'] = 1, ['$'] = 1,
    ['%'] = 1,         ['&'] = 1,         ['\''] = 1,        ['*'] = 1, ['+'] = 1, ['-'] = 1,
    ['.'] = 1,         ['^'] = 1,         ['_'] = 1,         ['`'] = 1, ['|'] = 1, ['~'] = 1,
};

static int is_token(const char *bytes, apr_size_t len)
{
    apr_size_t i;

    for (i = 0; i < len; i++)
        if (!token_chars[(unsigned char)bytes[i]])
            return 0;
    return len > 0;
}

/* Visible characters, blanks, tabs, bytes above ASCII: RFC 9110 section 5.5 */
static int is_field_char(unsigned char c)
{
    return (c >= 0x20 && c != 0x7f) || c == '\t';
}

/* With a high bit set when one of eight bytes is under 0x20, is 0x7f or is above ASCII. */
static apr_uint64_t suspects(const char *bytes)
{
    const apr_uint64_t ones = 0x0101010101010101u;
    apr_uint64_t word;

    memcpy(&word, bytes, sizeof(word));
    return word | (word - ones * 0x20) | (word + ones);
}

/* Eight at a time, the last eight once more; byte by byte where that found a suspect. */
static int is_field_text(const char *bytes, apr_size_t len)
{
    apr_uint64_t found = 0;
    apr_size_t i = 0;

    if (len >= sizeof(found)) {
        found = suspects(bytes + len - sizeof(found));
        for (; i < len - sizeof(found); i += sizeof(found))
            found |= suspects(bytes + i);
        i = found & 0x8080808080808080u ? 0 : len;
    }
    for (; i < len; i++)
        if (!is_field_char((unsigned char)bytes[i]))
            return 0;
    return 1;
}

static int is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static int equals(const char *bytes, apr_size_t len, const char *word)
{
    return len == strlen(word) && !strncasecmp(bytes, word, len);
}

/* --- requests ---------------------------------------------------------------------------- */

static const char too_long[] = "the request is too long";

static int is_target(const char *target)
{
    const char *c;

    for (c = target; *c > 0x20 && *c < 0x7f && *c != '#'; c++)
        ;
    return *target == '/' && !*c;
}

const char *net_wire_put_line(base_text_t *text, const char *method, const char *target,
                              const char *host)
{
    if (!is_token(method, strlen(method)) || !strcmp(method, "HEAD") || !strcmp(method, "CONNECT"))
        return "the method can't be sent";
    if (!is_target(target))
        return "the target is not a path";
    base_text_put_str(text, method);
    base_text_put_char(text, ' ');
    base_text_put_str(text, target);
    base_text_put_str(text, " HTTP/1.1\r\n");
    return net_wire_put_header(text, "Host", host);
}

const char *net_wire_put_header(base_text_t *text, const char *name, const char *value)
{
    apr_size_t name_len = strlen(name), len = strlen(value);
    char *to;

    if (!is_token(name, name_len))
        return "a header's name is not a token";
    if (!is_field_text(value, len))
        return "a header's value has control characters";
    to = base_text_reserve(text, name_len + 2 + len + 2);
    if (!to)
        return too_long;
    to = mempcpy(to, name, name_len);
    to = mempcpy(to, ": ", 2);
    to = mempcpy(to, value, len);
    to = mempcpy(to, "\r\n", 2);
    text->len = (apr_size_t)(to - text->data);
    base_text_end(text);
    return NULL;
}

const char *net_wire_put_body(base_text_t *text, const char *body, apr_size_t len)
{
    if (body) {
        base_text_put_str(text, "Content-Length: ");
        base_text_put_number(text, (apr_int64_t)len);
        base_text_put_str(text, "\r\n");
    }
    base_text_put_str(text, "\r\n");
    if (body)
        base_text_put(text, body, len);
    return text->full ? too_long : NULL;
}

/* --- responses --------------------------------------------------------------------------- */

void net_wire_init(net_wire_answer_t *answer, apr_size_t body_max, apr_pool_t *pool)
{
    memset(answer, 0, sizeof(*answer));
    answer->pool = pool;
    answer->body = "";
    answer->body_max = body_max;
    answer->head_left = NET_WIRE_HEAD_MAX;
    answer->keep_alive = 1;
    answer->step = STATUS;
}

static void fail(net_wire_answer_t *answer, const char *why)
{
    answer->verdict = NET_WIRE_BROKEN;
    answer->why = why;
}

static void complete(net_wire_answer_t *answer)
{
    if (answer->content.data) {
        answer->body = answer->content.data;
        answer->body_len = answer->content.len;
    }
    answer->verdict = NET_WIRE_COMPLETE;
}

static void take_status(net_wire_answer_t *answer, const char *line, apr_size_t len)
{
    if (len < 12 || memcmp(line, "HTTP/1.", 7) != 0 || (line[7] != '0' && line[7] != '1') ||
        line[8] != ' ' || !apr_isdigit(line[9]) || !apr_isdigit(line[10]) ||
        !apr_isdigit(line[11]) || (len > 12 && line[12] != ' ') || !is_field_text(line, len)) {
        fail(answer, "malformed status line");
        return;
    }
    answer->is_http10 = line[7] == '0';
    answer->status = (line[9] - '0') * 100 + (line[10] - '0') * 10 + (line[11] - '0');
    if (answer->status < 100 || answer->status > 599 || answer->status == 101) {
        fail(answer, "status out of range");
        return;
    }
    answer->header_count = 0;
    answer->has_length = 0;
    answer->is_chunked = 0;
    answer->step = HEADER;
}

/* RFC 9112 section 6.3: what can't be read one way only is refused. */
static void take_length(net_wire_answer_t *answer, const char *value, apr_size_t len)
{
    apr_size_t length = 0, i;

    for (i = 0; i < len && apr_isdigit(value[i]); i++) {
        if (length > (APR_SIZE_MAX - 9) / 10)
            break;
        length = length * 10 + (apr_size_t)(value[i] - '0');
    }
    if (len == 0 || i < len)
        fail(answer, "malformed Content-Length");
    else if (answer->has_length && length != answer->length)
        fail(answer, "several lengths that differ");
    answer->has_length = 1;
    answer->length = length;
}

static void take_connection(net_wire_answer_t *answer, const char *value, apr_size_t len)
{
    const char *pos = value, *end = value + len;

    while (pos < end) {
        const char *comma = memchr(pos, ',', (apr_size_t)(end - pos));
        const char *stop = comma ? comma : end;

        while (pos < stop && is_blank(*pos))
            pos++;
        len = (apr_size_t)(stop - pos);
        while (len > 0 && is_blank(pos[len - 1]))
            len--;
        if (equals(pos, len, "close"))
            answer->keep_alive = 0;
        pos = comma ? comma + 1 : end;
    }
}

static void take_framing(net_wire_answer_t *answer, const char *name, apr_size_t name_len,
                         const char *value, apr_size_t len)
{
    if (equals(name, name_len, "Content-Length")) {
        take_length(answer, value, len);
    } else if (equals(name, name_len, "Transfer-Encoding")) {
        if (answer->is_chunked || !equals(value, len, "chunked"))
            fail(answer, "a Transfer-Encoding other than chunked");
        answer->is_chunked = 1;
    } else if (equals(name, name_len, "Content-Encoding")) {
        if (len > 0 && !equals(value, len, "identity"))
            fail(answer, "a Content-Encoding that was not asked for");
    } else if (equals(name, name_len, "Connection")) {
        take_connection(answer, value, len);
    }
}

/* name ":" OWS value OWS; the value's span without its blanks, or a fault. */
static int split_field(net_wire_answer_t *answer, apr_size_t *name_len, const char **value,
                       apr_size_t *value_len, const char *line, apr_size_t len)
{
    const char *colon = memchr(line, ':', len);
    const char *end = line + len;

    if (len > 0 && is_blank(*line))
        fail(answer, "a folded header line");
    else if (!colon || !is_token(line, (apr_size_t)(colon - line)))
        fail(answer, "malformed header line");
    else if (!is_field_text(colon, (apr_size_t)(end - colon)))
        fail(answer, "control characters in a header");
    if (answer->verdict == NET_WIRE_BROKEN || !colon)
        return 0;
    *name_len = (apr_size_t)(colon - line);
    *value = colon + 1;
    while (*value < end && is_blank(**value))
        ++*value;
    while (end > *value && is_blank(end[-1]))
        end--;
    *value_len = (apr_size_t)(end - *value);
    return 1;
}

static void take_header(net_wire_answer_t *answer, const char *line, apr_size_t len)
{
    net_wire_header_t *header;
    const char *value;
    char *own;
    apr_size_t name_len, value_len;

    if (answer->header_count == NET_WIRE_HEADERS_MAX) {
        fail(answer, "too many headers");
        return;
    }
    if (!split_field(answer, &name_len, &value, &value_len, line, len))
        return;
    take_framing(answer, line, name_len, value, value_len);
    if (!answer->headers)
        answer->headers = apr_palloc(answer->pool, NET_WIRE_HEADERS_MAX * sizeof(*header));
    own = apr_pstrmemdup(answer->pool, line, (apr_size_t)(value - line) + value_len);
    own[name_len] = '\0'; /* over the colon */
    header = &answer->headers[answer->header_count++];
    header->name = own;
    header->value = own + (value - line);
}

static void start_content(net_wire_answer_t *answer)
{
    if (answer->is_chunked) {
        answer->head_left = NET_WIRE_HEAD_MAX;
        answer->step = SIZE;
    } else if (answer->length > answer->body_max) {
        fail(answer, "the answer is too large");
    } else if (answer->length == 0) {
        complete(answer);
    } else {
        net_body_init(&answer->content, answer->length, answer->length, answer->pool);
        answer->left = answer->length;
        answer->step = BODY;
    }
}

/* The empty line: how long the body is, RFC 9112 section 6.3. */
static void end_head(net_wire_answer_t *answer)
{
    int is_bodiless = answer->status < 200 || answer->status == 204 || answer->status == 304;

    if (answer->is_http10)
        answer->keep_alive = 0;
    if (answer->is_chunked && (answer->has_length || answer->is_http10 || is_bodiless)) {
        fail(answer, "Transfer-Encoding where it must not be");
    } else if (answer->status < 200) {
        if (++answer->interim_count > NET_WIRE_INTERIM_MAX)
            fail(answer, "too many interim answers");
        answer->step = STATUS;
    } else if (is_bodiless) {
        /* A length above 0 is normal in a 304; after a 204 it is anybody's guess what follows. */
        if (answer->status == 204 && answer->has_length && answer->length > 0)
            answer->keep_alive = 0;
        complete(answer);
    } else if (!answer->has_length && !answer->is_chunked) {
        fail(answer, "the answer has no length");
    } else {
        start_content(answer);
    }
}

static void take_size(net_wire_answer_t *answer, const char *line, apr_size_t len)
{
    apr_size_t size = 0, room = answer->body_max - answer->content.len, i, rest;
    int digit;

    for (i = 0; i < len && i < SIZE_DIGITS_MAX && (digit = base_hash_unhex(line[i])) >= 0; i++)
        size = (size << 4) | (apr_size_t)digit;
    for (rest = i; rest < len && is_blank(line[rest]); rest++)
        ;
    if (i == 0 || (i < len && (rest == len || line[rest] != ';')) ||
        !is_field_text(line + i, len - i)) {
        fail(answer, "malformed chunk size");
    } else if (len - i > answer->head_left) {
        fail(answer, "chunk extensions are too long");
    } else if (size > room) {
        fail(answer, "the answer is too large");
    } else {
        answer->head_left -= len - i;
        answer->left = size;
        answer->step = size > 0 ? DATA : TRAILER;
        if (size > 0 && !answer->content.data)
            net_body_init(&answer->content, size, answer->body_max, answer->pool);
    }
}

static void take_trailer(net_wire_answer_t *answer, const char *line, apr_size_t len)
{
    const char *value;
    apr_size_t name_len, value_len;

    if (len == 0)
        complete(answer);
    else if (++answer->trailer_count > NET_WIRE_HEADERS_MAX)
        fail(answer, "too many trailers");
    else
        (void)split_field(answer, &name_len, &value, &value_len, line, len);
}

/* A whole line without its CRLF. */
static void step_line(net_wire_answer_t *answer, const char *line, apr_size_t len)
{
    switch (answer->step) {
    case STATUS:
        take_status(answer, line, len);
        break;
    case HEADER:
        if (len == 0)
            end_head(answer);
        else
            take_header(answer, line, len);
        break;
    case SIZE:
        take_size(answer, line, len);
        break;
    case DATA_END: /* line_max() lets nothing but an empty line come here */
        answer->step = SIZE;
        break;
    default:
        take_trailer(answer, line, len);
        break;
    }
}

/* How long the line, its CRLF included, may be. */
static apr_size_t line_max(const net_wire_answer_t *answer)
{
    switch (answer->step) {
    case SIZE:
        return SIZE_DIGITS_MAX + answer->head_left + 2;
    case DATA_END:
        return 2;
    default:
        return answer->head_left;
    }
}

static const char *line_too_long(int step)
{
    switch (step) {
    case SIZE:
        return "chunk extensions are too long";
    case DATA_END:
        return "a chunk is longer than its size";
    case TRAILER:
        return "the trailers are too long";
    default:
        return "the head is too large";
    }
}

/* HTTP/1 so far? Said at the first wrong byte: a peer of another kind may never end a line. */
static int is_status_start(const char *line, apr_size_t len)
{
    static const char start[] = "HTTP/1.";

    return !memcmp(line, start, len < sizeof(start) - 1 ? len : sizeof(start) - 1);
}

/* Take bytes up to and including the line's end, or all of them: how many. */
static apr_size_t take_line(net_wire_answer_t *answer, const char *bytes, apr_size_t len)
{
    const char *newline = memchr(bytes, '\n', len);
    apr_size_t taken = newline ? (apr_size_t)(newline - bytes) + 1 : len;
    const char *line = bytes;
    apr_size_t line_len = taken;

    if (answer->line.len + taken > line_max(answer)) {
        fail(answer, line_too_long(answer->step));
        return taken;
    }
    if (!newline || answer->line.len > 0) {
        if (!answer->line.data)
            base_text_init(&answer->line, 256, NET_WIRE_HEAD_MAX + SIZE_DIGITS_MAX + 2,
                           answer->pool);
        base_text_put(&answer->line, bytes, taken);
        line = answer->line.data;
        line_len = answer->line.len;
    }
    if (answer->step == STATUS && !is_status_start(line, line_len)) {
        fail(answer, "the answer is not HTTP/1");
    } else if (newline) {
        if (answer->step != SIZE && answer->step != DATA_END)
            answer->head_left -= line_len;
        if (line_len < 2 || line[line_len - 2] != '\r')
            fail(answer, "a line without CRLF");
        else
            step_line(answer, line, line_len - 2);
        answer->line.len = 0;
    }
    return taken;
}

static apr_size_t take_content(net_wire_answer_t *answer, const char *bytes, apr_size_t len)
{
    apr_size_t taken = len < answer->left ? len : answer->left;

    if (!net_body_put(&answer->content, bytes, taken)) {
        answer->is_starved = 1;
        fail(answer, "no memory for the answer");
    }
    answer->left -= taken;
    if (answer->left > 0 || answer->verdict == NET_WIRE_BROKEN)
        return taken;
    if (answer->step == BODY)
        complete(answer);
    else
        answer->step = DATA_END;
    return taken;
}

net_wire_verdict_e net_wire_feed(net_wire_answer_t *answer, apr_size_t *consumed, const char *bytes,
                                 apr_size_t len)
{
    apr_size_t pos = 0;

    while (pos < len && answer->verdict == NET_WIRE_NEED_MORE) {
        if (answer->step == BODY || answer->step == DATA)
            pos += take_content(answer, bytes + pos, len - pos);
        else
            pos += take_line(answer, bytes + pos, len - pos);
    }
    *consumed = pos;
    return answer->verdict;
}
