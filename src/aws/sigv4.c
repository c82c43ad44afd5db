/* SPDX-License-Identifier: Apache-2.0 */
/* AWS Signature Version 4 as the IAM User Guide has it ("Create a signed AWS API request"), header
 * form, with what every service but S3 wants: the path without dot segments and empty segments,
 * each of its bytes encoded once more than on the wire.
 *
 * Decided: a header value with a line break is refused. Folded headers are gone from HTTP (RFC 9112
 * section 5.2), and a value that could end a header line must not reach the wire anyway.
 */
#include "aws/sigv4.h"

#include <stdlib.h>
#include <string.h>

#include <apr_strings.h>

#include "base/hash.h"
#include "base/text.h"

#define ALGORITHM "AWS4-HMAC-SHA256"
#define TERMINATOR "aws4_request"

typedef struct {
    const char *name; /* in lower case */
    apr_size_t name_len;
    const char *value;
} header_t;

typedef struct {
    const char *name; /* encoded */
    const char *value;
} parameter_t;

static inline int is_unreserved(unsigned char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

static void put_encoded(base_text_t *text, unsigned char c)
{
    static const char digits[] = "0123456789ABCDEF";

    if (is_unreserved(c)) {
        base_text_put_char(text, (char)c);
        return;
    }
    base_text_put_char(text, '%');
    base_text_put_char(text, digits[c >> 4]);
    base_text_put_char(text, digits[c & 15]);
}

/* A segment ends at '/' or at the end of the text. */
static const char *segment_end(const char *segment)
{
    const char *end = strchr(segment, '/');

    return end ? end : segment + strlen(segment);
}

static int segment_is(const char *segment, const char *end, const char *what)
{
    apr_size_t len = (apr_size_t)(end - segment);

    return len == strlen(what) && memcmp(segment, what, len) == 0;
}

/* Dot segments and empty segments taken out (RFC 3986 section 5.2.4, and '//' as '/'); the slash at
 * the end stays. Written in place over a copy: the result is never longer. */
static const char *normalize_path(const char *path, apr_pool_t *pool)
{
    apr_size_t len = strlen(path);
    char *out = apr_palloc(pool, len + 2);
    apr_size_t used = 0;
    const char *segment, *end;

    for (segment = path + 1;; segment = end + 1) {
        end = segment_end(segment);
        if (segment_is(segment, end, "..")) {
            while (used > 0 && out[--used] != '/')
                continue;
        } else if (end > segment && !segment_is(segment, end, ".")) {
            out[used++] = '/';
            memcpy(out + used, segment, (apr_size_t)(end - segment));
            used += (apr_size_t)(end - segment);
        }
        if (!*end)
            break;
    }
    if (used == 0 || path[len - 1] == '/')
        out[used++] = '/';
    out[used] = '\0';
    return out;
}

static void put_path(base_text_t *text, const char *path, apr_pool_t *pool)
{
    const char *pos;

    for (pos = normalize_path(path, pool); *pos; pos++) {
        if (*pos == '/')
            base_text_put_char(text, '/');
        else
            put_encoded(text, (unsigned char)*pos);
    }
}

/* Decode percent escapes and encode again: upper-case hex, unreserved bytes bare. A '+' is a plus;
 * a '%' that begins no escape is one too. */
static const char *recode(const char *text, const char *end, apr_pool_t *pool)
{
    base_text_t out;

    base_text_init(&out, (apr_size_t)(end - text) + 1, AWS_SIGV4_CANONICAL_MAX, pool);
    while (text < end) {
        unsigned char c = (unsigned char)*text++;

        int high = c == '%' && end - text >= 2 ? base_hash_unhex(text[0]) : -1;
        int low = high >= 0 ? base_hash_unhex(text[1]) : -1;

        if (low >= 0) {
            c = (unsigned char)(high << 4 | low);
            text += 2;
        }
        put_encoded(&out, c);
    }
    return out.full ? NULL : out.data;
}

static int parameter_order(const void *left, const void *right)
{
    const parameter_t *a = left, *b = right;
    int order = strcmp(a->name, b->name); /* names first: "a-b" stands behind "a" */

    return order ? order : strcmp(a->value, b->value);
}

/* The parameters of a query, encoded: how many, -1 when there are too many. */
static int split_query(parameter_t *parameters, const char *query, apr_pool_t *pool)
{
    int count = 0;
    const char *pos = query;

    while (*pos) {
        const char *end = strchr(pos, '&');
        const char *equals;

        if (!end)
            end = pos + strlen(pos);
        if (end > pos) {
            if (count == AWS_SIGV4_PARAMETERS_MAX)
                return -1;
            equals = memchr(pos, '=', (apr_size_t)(end - pos));
            parameters[count].name = recode(pos, equals ? equals : end, pool);
            parameters[count].value = equals ? recode(equals + 1, end, pool) : "";
            if (!parameters[count].name || !parameters[count].value)
                return -1;
            count++;
        }
        pos = *end ? end + 1 : end;
    }
    return count;
}

static int put_query(base_text_t *text, const char *query, apr_pool_t *pool)
{
    parameter_t *parameters;
    int count, i;

    if (!query || !*query)
        return 1;
    parameters = apr_palloc(pool, AWS_SIGV4_PARAMETERS_MAX * sizeof(*parameters));
    count = split_query(parameters, query, pool);
    if (count < 0)
        return 0;
    qsort(parameters, (size_t)count, sizeof(*parameters), parameter_order);
    for (i = 0; i < count; i++) {
        if (i > 0)
            base_text_put_char(text, '&');
        base_text_put_str(text, parameters[i].name);
        base_text_put_char(text, '=');
        base_text_put_str(text, parameters[i].value);
    }
    return 1;
}

/* The name in lower case: 0 when it is no token (RFC 9110 section 5.1). */
static int lower_name(header_t *header, const char *name, apr_pool_t *pool)
{
    apr_size_t len = strlen(name), i;
    char *lower = apr_palloc(pool, len + 1);

    for (i = 0; i < len; i++) {
        char c = name[i];

        if (c >= 'A' && c <= 'Z')
            lower[i] = (char)(c - 'A' + 'a');
        else if (is_unreserved((unsigned char)c) || strchr("!#$%&'*+^`|", c))
            lower[i] = c;
        else
            return 0;
    }
    lower[len] = '\0';
    header->name = lower;
    header->name_len = len;
    return len > 0;
}

static int is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* A header's value, its ends trimmed, each run of blanks made one: where it ends, NULL when it is
 * refused. */
static char *put_value(char *to, const char *value)
{
    const char *start = to, *word;

    for (;;) {
        while (is_blank(*value))
            value++;
        for (word = value; (unsigned char)*value > ' ' && *value != 127; value++)
            ;
        if (value > word && to > start)
            *to++ = ' ';
        to = mempcpy(to, word, (apr_size_t)(value - word));
        if (!*value)
            return to;
        if (!is_blank(*value))
            return NULL;
    }
}

/* Host, without which nothing binds the request to a server, and the date. */
static int has_required(const header_t *headers, int count)
{
    int host = 0, date = 0, i;

    for (i = 0; i < count; i++) {
        host += strcmp(headers[i].name, "host") == 0;
        date += strcmp(headers[i].name, "x-amz-date") == 0;
    }
    return host == 1 && date == 1;
}

/* The request's headers under lower-case names in their order; equal names as they came. There are
 * a handful, and they come nearly sorted. NULL for what is refused. */
static header_t *sort_headers(const aws_sigv4_request_t *request, apr_pool_t *pool)
{
    int count = request->header_count, i, place;
    header_t *headers, next;

    if (count < 0 || count > AWS_SIGV4_HEADERS_MAX)
        return NULL;
    headers = apr_palloc(pool, (apr_size_t)count * sizeof(*headers));
    for (i = 0; i < count; i++) {
        if (!lower_name(&next, request->headers[i].name, pool))
            return NULL;
        next.value = request->headers[i].value;
        for (place = i; place > 0 && strcmp(headers[place - 1].name, next.name) > 0; place--)
            headers[place] = headers[place - 1];
        headers[place] = next;
    }
    return has_required(headers, count) ? headers : NULL;
}

/* The header block, and the list of its names. Room is made for both at once: their bytes are most
 * of what is written for a request. */
static int put_headers(base_text_t *text, base_text_t *names, const aws_sigv4_request_t *request,
                       apr_pool_t *pool)
{
    const header_t *headers = sort_headers(request, pool);
    apr_size_t room = 0, names_room = 0;
    char *to, *name_to;
    int i;

    for (i = 0; headers && i < request->header_count; i++) {
        room += headers[i].name_len + 1 + strlen(headers[i].value) + 1;
        names_room += headers[i].name_len + 1;
    }
    to = headers ? base_text_reserve(text, room) : NULL;
    name_to = to ? base_text_reserve(names, names_room) : NULL;
    if (!name_to)
        return 0;
    for (i = 0; i < request->header_count; i++) {
        if (i > 0 && strcmp(headers[i].name, headers[i - 1].name) == 0) {
            to[-1] = ','; /* over the line break of the one before */
        } else {
            if (i > 0)
                *name_to++ = ';';
            name_to = mempcpy(name_to, headers[i].name, headers[i].name_len);
            to = mempcpy(to, headers[i].name, headers[i].name_len);
            *to++ = ':';
        }
        to = put_value(to, headers[i].value);
        if (!to)
            return 0;
        *to++ = '\n';
    }
    text->len = (apr_size_t)(to - text->data);
    names->len = (apr_size_t)(name_to - names->data);
    base_text_end(text);
    base_text_end(names);
    return 1;
}

int aws_sigv4_payload_hash(char hex[AWS_SIGV4_HEX_SIZE], base_digest_t *digest, const char *body,
                           apr_size_t len)
{
    unsigned char sum[BASE_DIGEST_BYTES];

    if (!base_digest_sha256(sum, digest, body, len))
        return 0;
    base_hash_hex(hex, sum, sizeof(sum));
    return 1;
}

static int chain(unsigned char mac[AWS_SIGV4_KEY_BYTES], base_digest_t *digest,
                 const base_digest_part_t *key, const char *message, apr_size_t message_len)
{
    const base_digest_part_t part = {message, message_len};

    return base_digest_hmac(mac, digest, key, &part, 1);
}

int aws_sigv4_key(unsigned char key[AWS_SIGV4_KEY_BYTES], base_digest_t *digest,
                  const char *secret_access_key, const aws_sigv4_scope_t *scope)
{
    static const char prefix[] = "AWS4";
    char secret[512];
    apr_size_t len = strlen(secret_access_key);
    const base_digest_part_t first = {secret, sizeof(prefix) - 1 + len};
    const base_digest_part_t next = {key, AWS_SIGV4_KEY_BYTES};
    int good;

    if (len > sizeof(secret) - sizeof(prefix))
        return 0; /* ten times what AWS hands out */
    memcpy(secret, prefix, sizeof(prefix) - 1);
    memcpy(secret + sizeof(prefix) - 1, secret_access_key, len);
    good = chain(key, digest, &first, scope->stamp, AWS_SIGV4_DAY_LEN) &&
           chain(key, digest, &next, scope->region, strlen(scope->region)) &&
           chain(key, digest, &next, scope->service, strlen(scope->service)) &&
           chain(key, digest, &next, TERMINATOR, strlen(TERMINATOR));
    base_hash_wipe(secret, sizeof(secret));
    return good;
}

const char *aws_sigv4_canonical(const char **signed_headers, const aws_sigv4_request_t *request,
                                apr_pool_t *pool)
{
    const char *path = *request->path ? request->path : "/";
    base_text_t text, names;

    *signed_headers = NULL;
    if (*path != '/')
        return NULL;
    base_text_init(&text, 1024, AWS_SIGV4_CANONICAL_MAX, pool);
    base_text_init(&names, 128, AWS_SIGV4_CANONICAL_MAX, pool);
    base_text_put_str(&text, request->method);
    base_text_put_char(&text, '\n');
    put_path(&text, path, pool);
    base_text_put_char(&text, '\n');
    if (!put_query(&text, request->query, pool))
        return NULL;
    base_text_put_char(&text, '\n');
    if (!put_headers(&text, &names, request, pool))
        return NULL;
    base_text_put_char(&text, '\n');
    base_text_put(&text, names.data, names.len);
    base_text_put_char(&text, '\n');
    base_text_put_str(&text, request->payload_hash);
    if (text.full)
        return NULL;
    *signed_headers = names.data;
    return text.data;
}

/* DATE/REGION/SERVICE/aws4_request. */
static void put_scope(base_text_t *text, const aws_sigv4_scope_t *scope)
{
    base_text_put(text, scope->stamp, AWS_SIGV4_DAY_LEN);
    base_text_put_char(text, '/');
    base_text_put_str(text, scope->region);
    base_text_put_char(text, '/');
    base_text_put_str(text, scope->service);
    base_text_put_str(text, "/" TERMINATOR);
}

const char *aws_sigv4_string_to_sign(base_digest_t *digest, const aws_sigv4_scope_t *scope,
                                     const char *canonical, apr_pool_t *pool)
{
    char hash[AWS_SIGV4_HEX_SIZE];
    base_text_t text;

    if (!aws_sigv4_payload_hash(hash, digest, canonical, strlen(canonical)))
        return NULL;
    base_text_init(&text, 256, AWS_SIGV4_CANONICAL_MAX, pool);
    base_text_put_str(&text, ALGORITHM "\n");
    base_text_put_str(&text, scope->stamp);
    base_text_put_char(&text, '\n');
    put_scope(&text, scope);
    base_text_put_char(&text, '\n');
    base_text_put(&text, hash, sizeof(hash) - 1);
    return text.full ? NULL : text.data;
}

int aws_sigv4_signature(char hex[AWS_SIGV4_HEX_SIZE], base_digest_t *digest,
                        const unsigned char key[AWS_SIGV4_KEY_BYTES], const char *string_to_sign)
{
    const base_digest_part_t part = {key, AWS_SIGV4_KEY_BYTES};
    unsigned char mac[AWS_SIGV4_KEY_BYTES];

    if (!chain(mac, digest, &part, string_to_sign, strlen(string_to_sign)))
        return 0;
    base_hash_hex(hex, mac, sizeof(mac));
    return 1;
}

const char *aws_sigv4_authorization(base_digest_t *digest, const aws_sigv4_scope_t *scope,
                                    const unsigned char key[AWS_SIGV4_KEY_BYTES],
                                    const aws_sigv4_request_t *request, apr_pool_t *pool)
{
    char signature[AWS_SIGV4_HEX_SIZE];
    const char *names, *canonical, *to_sign;
    base_text_t text;

    canonical = aws_sigv4_canonical(&names, request, pool);
    if (!canonical)
        return NULL;
    to_sign = aws_sigv4_string_to_sign(digest, scope, canonical, pool);
    if (!to_sign || !aws_sigv4_signature(signature, digest, key, to_sign))
        return NULL;
    base_text_init(&text, 320, AWS_SIGV4_CANONICAL_MAX, pool);
    base_text_put_str(&text, ALGORITHM " Credential=");
    base_text_put_str(&text, scope->access_key_id);
    base_text_put_char(&text, '/');
    put_scope(&text, scope);
    base_text_put_str(&text, ", SignedHeaders=");
    base_text_put_str(&text, names);
    base_text_put_str(&text, ", Signature=");
    base_text_put(&text, signature, sizeof(signature) - 1);
    return text.full ? NULL : text.data;
}
