/* SPDX-License-Identifier: Apache-2.0 */
/* Accept, Prefer and Content-Type: one walk over elements and parameters serves all three.
 *
 * The grammar is RFC 9110 sections 5.6.1 (lists), 5.6.2 (tokens), 5.6.4 (quoted
 * strings) and 5.6.6 (parameters); Prefer (RFC 7240 section 2) is the same with
 * blanks around its "=" and a value on the first word. Headers are at most as
 * long as httpd's LimitRequestFieldSize; each walk is linear.
 */
#include "items/header.h"

#include <string.h>

#include <apr_lib.h>
#include <apr_strings.h>

/* name, and the value behind "=" without its quotes; a backslash inside quotes stays, so that such
 * a value equals nothing that we look for. */
typedef struct {
    const char *name;
    apr_size_t name_len;
    const char *value;
    apr_size_t value_len;
} word_t;

static const char *skip_blanks(const char *pos)
{
    while (*pos == ' ' || *pos == '\t')
        pos++;
    return pos;
}

/* The end of a run of characters that separate nothing. "/" is let through for media ranges. */
static const char *skip_token(const char *pos)
{
    return pos + strcspn(pos, " \t,;=\"");
}

static const char *skip_quoted(const char *pos)
{
    for (pos++; *pos && *pos != '"'; pos++)
        if (*pos == '\\' && pos[1])
            pos++;
    return pos;
}

/* Read one word [ "=" value ] and go to the separator behind it: ',', ';' or the end. */
static const char *read_word(word_t *word, const char *pos)
{
    memset(word, 0, sizeof(*word));
    pos = skip_blanks(pos);
    word->name = pos;
    pos = skip_token(pos);
    word->name_len = (apr_size_t)(pos - word->name);
    pos = skip_blanks(pos);
    if (*pos == '=') {
        pos = skip_blanks(pos + 1);
        word->value = *pos == '"' ? pos + 1 : pos;
        pos = *pos == '"' ? skip_quoted(pos) : skip_token(pos);
        word->value_len = (apr_size_t)(pos - word->value);
        if (*pos == '"')
            pos++;
        pos = skip_blanks(pos);
    }
    if (*pos && *pos != ',' && *pos != ';') {
        word->name_len = 0; /* malformed: equals nothing */
        while (*pos && *pos != ',' && *pos != ';') {
            if (*pos == '"')
                pos = skip_quoted(pos);
            if (*pos)
                pos++;
        }
    }
    return pos;
}

static int is_text(const char *bytes, apr_size_t len, const char *text)
{
    return bytes && len == strlen(text) && strncasecmp(bytes, text, len) == 0;
}

/* A weight in thousandths (RFC 9110 section 12.4.2), -1 for what is none. */
static int read_weight(const char *text, apr_size_t len)
{
    int weight, scale = 100;
    apr_size_t i;

    if (len < 1 || len > 5 || (text[0] != '0' && text[0] != '1') || (len > 1 && text[1] != '.'))
        return -1;
    weight = (text[0] - '0') * 1000;
    for (i = 2; i < len; i++, scale /= 10) {
        if (!apr_isdigit(text[i]))
            return -1;
        weight += (text[i] - '0') * scale;
    }
    return weight > 1000 ? -1 : weight;
}

/* What one type has got so far: the most specific range that matched it, and its weight. */
typedef struct {
    const char *type;
    int specificity;
    int weight;
} rank_t;

static void rank(rank_t *of, const word_t *range, int weight)
{
    const char *const matches[] = {"*/*", "application/*", of->type};
    int specificity = 3;

    while (specificity > 0 && !is_text(range->name, range->name_len, matches[specificity - 1]))
        specificity--;
    if (specificity == 0 || specificity < of->specificity)
        return;
    if (specificity > of->specificity || weight > of->weight)
        of->weight = weight;
    of->specificity = specificity;
}

int items_header_wants_problem(const char *accept)
{
    rank_t problem = {.type = "application/problem+json"};
    rank_t json = {.type = "application/json"};
    const char *pos = accept;

    while (pos && *pos) {
        word_t range, parameter;
        int weight = 1000;

        pos = read_word(&range, pos);
        while (*pos == ';') {
            pos = read_word(&parameter, pos + 1);
            if (is_text(parameter.name, parameter.name_len, "q"))
                weight = parameter.value ? read_weight(parameter.value, parameter.value_len) : -1;
        }
        if (weight >= 0) {
            rank(&problem, &range, weight);
            rank(&json, &range, weight);
        }
        if (*pos == ',')
            pos++;
    }
    return problem.weight > json.weight;
}

int items_header_is_strict(const char *prefer)
{
    const char *pos = prefer;

    while (pos && *pos) {
        word_t preference, parameter;

        pos = read_word(&preference, pos);
        if (is_text(preference.name, preference.name_len, "handling"))
            return is_text(preference.value, preference.value_len, "strict");
        while (*pos == ';')
            pos = read_word(&parameter, pos + 1);
        if (*pos == ',')
            pos++;
    }
    return 0;
}

int items_header_is_json(const char *content_type, int ambient)
{
    word_t type;
    const char *slash;

    if (!content_type || !*skip_blanks(content_type))
        return !ambient;
    if (*read_word(&type, content_type) == ',')
        return 0; /* two types in one field: which of them is meant, nobody can say */
    if (type.value)
        return 0; /* "application/json=x" is no type */
    if (is_text(type.name, type.name_len, "application/json"))
        return 1;
    if (is_text(type.name, type.name_len, "application/x-www-form-urlencoded"))
        return !ambient;
    slash = memchr(type.name, '/', type.name_len);
    return slash && slash > type.name && type.name + type.name_len > slash + strlen("+json") + 1 &&
           is_text(type.name + type.name_len - strlen("+json"), strlen("+json"), "+json");
}
