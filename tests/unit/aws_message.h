/* SPDX-License-Identifier: Apache-2.0 */
/* How the aws tests read their cases: an HTTP message in a file, facts of one line each, and the
 * folders of a folder. Everything lives in unit_pool. */
#ifndef AWS_MESSAGE_H
#define AWS_MESSAGE_H

#include <string.h>
#include <strings.h>

#include <apr_file_info.h>
#include <apr_strings.h>

#include "net/http.h"
#include "unit.h"

#define AWS_MESSAGE_HEADERS_MAX 32

typedef struct {
    const char *line; /* the first one */
    net_http_header_t headers[AWS_MESSAGE_HEADERS_MAX];
    int count;
    const char *body;
    apr_size_t body_len;
} aws_message_t;

/* A line that begins with a blank is folded onto the one before, its line break kept. */
static inline void aws_message_read(aws_message_t *message, const char *path)
{
    apr_size_t len;
    char *text = unit_read_file(&len, path);
    char *line = text, *end;

    memset(message, 0, sizeof(*message));
    while ((end = strchr(line, '\n')) != NULL && end > line) {
        char *colon = strchr(line, ':');

        while (end[1] == ' ')
            end = strchr(end + 1, '\n');
        *end = '\0';
        if (line == text) {
            message->line = line;
        } else {
            ck_assert_msg(colon && message->count < AWS_MESSAGE_HEADERS_MAX, "%s: %s", path, line);
            *colon = '\0';
            message->headers[message->count].name = line;
            message->headers[message->count].value = colon + 1;
            message->count++;
        }
        line = end + 1;
    }
    ck_assert_msg(end != NULL, "%s: no empty line", path);
    message->body = end + 1;
    message->body_len = len - (apr_size_t)(end + 1 - text);
}

/* The rest of the line that begins with `word `, NULL without one. */
static inline const char *aws_message_fact(const char *text, const char *word)
{
    apr_size_t len = strlen(word);
    const char *line, *end;

    for (line = text; *line; line = end + 1) {
        end = strchr(line, '\n');
        ck_assert_msg(end != NULL, "a line without its end: %s", line);
        if (strncmp(line, word, len) == 0 && line[len] == ' ')
            return apr_pstrmemdup(unit_pool, line + len + 1, (apr_size_t)(end - line) - len - 1);
    }
    return NULL;
}

/* Calls `each` with the path of every folder in root; returns how many. */
static inline int aws_message_walk(const char *root, void (*each)(const char *path))
{
    apr_dir_t *dir;
    apr_finfo_t entry;
    int count = 0;

    ck_assert_int_eq(apr_dir_open(&dir, root, unit_pool), APR_SUCCESS);
    while (apr_dir_read(&entry, APR_FINFO_NAME | APR_FINFO_TYPE, dir) == APR_SUCCESS) {
        if (entry.filetype == APR_DIR && entry.name[0] != '.') {
            each(apr_pstrcat(unit_pool, root, "/", entry.name, NULL));
            count++;
        }
    }
    apr_dir_close(dir);
    return count;
}

#endif
