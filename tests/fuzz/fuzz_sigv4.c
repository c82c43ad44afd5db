/* SPDX-License-Identifier: Apache-2.0 */
/* aws/sigv4: path, query, then a header a line ("name:value"). What is signed must be canonical:
 * made canonical once more, it stays as it is. */
#include "fuzz.h"

#include <string.h>

#include <apr_strings.h>

#include "aws/sigv4.h"

#define HEADERS_MAX (AWS_SIGV4_HEADERS_MAX + 4)

/* The next line, cut out of text; NULL at the end. */
static char *next_line(char **text)
{
    char *line = *text, *end;

    if (!line)
        return NULL;
    end = strchr(line, '\n');
    if (end)
        *end++ = '\0';
    *text = end;
    return line;
}

static void require_canonical_path(const char *path)
{
    apr_size_t len = strlen(path);

    fuzz_require(path[0] == '/', "a path begins with a slash");
    fuzz_require(strspn(path, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                              "-._~%/") == len,
                 "a path is encoded");
    fuzz_require(!strstr(path, "//") && !strstr(path, "/./") && !strstr(path, "/../"),
                 "a path has no dot and no empty segments");
    fuzz_require(len < 2 || strcmp(path + len - 2, "/.") != 0, "nor at its end");
    fuzz_require(len < 3 || strcmp(path + len - 3, "/..") != 0, "nor two dots");
}

/* The query of a canonical request is its own canonical form. */
static void require_canonical_query(const aws_sigv4_request_t *request, const char *query,
                                    apr_pool_t *pool)
{
    aws_sigv4_request_t second = *request;
    const char *names, *canonical;

    second.query = query;
    canonical = aws_sigv4_canonical(&names, &second, pool);
    fuzz_require(canonical != NULL, "a canonical query can be signed");
    canonical = strchr(strchr(canonical, '\n') + 1, '\n') + 1;
    fuzz_require(strncmp(canonical, query, strlen(query)) == 0 && canonical[strlen(query)] == '\n',
                 "a canonical query stays as it is");
}

/* The header lines are those of the signed names, in order, each name once. */
static void require_headers(char *lines, const char *names, apr_pool_t *pool)
{
    const char *before = "";
    const char *list = NULL;
    char *line;

    while ((line = next_line(&lines)) != NULL && *line) {
        char *colon = strchr(line, ':');

        fuzz_require(colon != NULL, "a header line has a colon");
        *colon = '\0';
        fuzz_require(strcmp(before, line) < 0, "names ascend");
        fuzz_require(!strstr(colon + 1, "  ") || strchr(colon + 1, ','), "runs of blanks are one");
        before = line;
        list = list ? apr_pstrcat(pool, list, ";", line, NULL) : line;
    }
    fuzz_require(list && strcmp(list, names) == 0, "the list names what is signed");
    line = next_line(&lines);
    fuzz_require(line && strcmp(line, names) == 0, "the list stands behind the headers");
    line = next_line(&lines);
    fuzz_require(line && strcmp(line, "HASH") == 0 && !lines, "the hash ends the request");
}

void fuzz_input(const char *bytes, apr_size_t len, apr_pool_t *pool)
{
    net_http_header_t headers[HEADERS_MAX] = {{"Host", "h"}, {"X-Amz-Date", "20260212T101112Z"}};
    aws_sigv4_request_t request = {"GET", "", NULL, headers, 2, "HASH"};
    const aws_sigv4_scope_t scope = {"AKID", "r", "s", "20260212T101112Z"};
    static const unsigned char key[AWS_SIGV4_KEY_BYTES];
    base_digest_t *digest = base_digest_make(pool);
    char *text = apr_pstrmemdup(pool, bytes, len);
    const char *names, *canonical;
    char *copy, *line, *query;

    fuzz_require(digest != NULL, "the crypto library works");
    line = next_line(&text);
    request.path = line;
    request.query = next_line(&text);
    while (request.header_count < HEADERS_MAX && (line = next_line(&text)) != NULL) {
        char *colon = strchr(line, ':');

        headers[request.header_count].name = line;
        headers[request.header_count].value = colon ? colon + 1 : "";
        if (colon)
            *colon = '\0';
        request.header_count++;
    }
    canonical = aws_sigv4_canonical(&names, &request, pool);
    fuzz_require(!canonical == !aws_sigv4_authorization(digest, &scope, key, &request, pool),
                 "what is canonical is signed, and nothing else");
    if (!canonical)
        return;
    copy = apr_pstrdup(pool, canonical);
    fuzz_require(strcmp(next_line(&copy), "GET") == 0, "the method stands first");
    require_canonical_path(next_line(&copy));
    query = next_line(&copy);
    require_canonical_query(&request, query, pool);
    require_headers(copy, names, pool);
}
