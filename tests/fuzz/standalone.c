/* SPDX-License-Identifier: Apache-2.0 */
/* The frame of a fuzz target: libFuzzer's entry point, and, built without libFuzzer, a main that
 * replays every file of the folders and files it is given. */
#include "fuzz.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <apr_file_info.h>
#include <apr_file_io.h>
#include <apr_general.h>
#include <apr_strings.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

void fuzz_require(int held, const char *words)
{
    if (!held) {
        fprintf(stderr, "broken promise: %s\n", words);
        abort();
    }
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    apr_initialize();
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    apr_pool_t *pool;
    char *copy = malloc(size ? size : 1); /* its own exact block: a sanitizer sees every overrun */

    if (!copy || apr_pool_create(&pool, NULL) != APR_SUCCESS)
        abort();
    if (size)
        memcpy(copy, data, size);
    fuzz_input(copy, size, pool);
    apr_pool_destroy(pool);
    free(copy);
    return 0;
}

#ifndef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION

static int replay(const char *path, apr_pool_t *pool)
{
    apr_file_t *file;
    apr_finfo_t info;
    char *bytes;
    apr_size_t len;

    if (apr_file_open(&file, path, APR_READ | APR_BINARY, APR_OS_DEFAULT, pool) != APR_SUCCESS ||
        apr_file_info_get(&info, APR_FINFO_SIZE, file) != APR_SUCCESS) {
        fprintf(stderr, "cannot read %s\n", path);
        return 0;
    }
    bytes = apr_palloc(pool, (apr_size_t)info.size + 1);
    if (apr_file_read_full(file, bytes, (apr_size_t)info.size, &len) != APR_SUCCESS)
        return 0;
    apr_file_close(file);
    LLVMFuzzerTestOneInput((const uint8_t *)bytes, len);
    return 1;
}

static int replay_folder(const char *path, apr_pool_t *pool)
{
    apr_dir_t *dir;
    apr_finfo_t entry;
    int count = 0;

    if (apr_dir_open(&dir, path, pool) != APR_SUCCESS)
        return replay(path, pool);
    while (apr_dir_read(&entry, APR_FINFO_NAME, dir) == APR_SUCCESS)
        if (entry.name[0] != '.')
            count += replay(apr_pstrcat(pool, path, "/", entry.name, NULL), pool);
    apr_dir_close(dir);
    return count;
}

int main(int argc, char **argv)
{
    apr_pool_t *pool;
    int i, count = 0;

    LLVMFuzzerInitialize(&argc, &argv);
    atexit(apr_terminate);
    if (apr_pool_create(&pool, NULL) != APR_SUCCESS)
        return EXIT_FAILURE;
    for (i = 1; i < argc; i++)
        count += replay_folder(argv[i], pool);
    printf("%s: %d inputs replayed\n", argv[0], count);
    return count > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
