/* SPDX-License-Identifier: Apache-2.0 */
/* A token is looked for by a digest over its bytes and over what decides whether mod_auth_openidc
 * would take it: the server (by its memory and key), the AuthType, the lines of the sections.
 * Where a section asks for more than a user, or a request carries headers that mod_auth_openidc
 * would take away, nothing is known: httpd's own way is always right.
 */
#include "httpd/memory.h"

#include <string.h>
#include <strings.h>

#include <http_config.h>
#include <apr_hash.h>
#include <apr_shm.h>
#include <apr_strings.h>

#include "auth/memory.h"
#include "base/call.h"
#include "base/hash.h"
#include "httpd/directives.h"
#include "httpd/sections.h"

/* What is known of a server's tokens. */
typedef struct {
    const httpd_settings_t *settings; /* the key in the hash */
    auth_memory_t *shared;
    unsigned char key[BASE_DIGEST_BYTES];
} memory_t;

/* settings -> memory_t: made before the children, only read by them. */
static apr_hash_t *memories;

static base_digest_kit_t *digests; /* of the child */

static base_err_t *make(memory_t **memory, const httpd_settings_t *settings, apr_pool_t *conf)
{
    apr_shm_t *shm;
    apr_status_t rv;

    *memory = apr_pcalloc(conf, sizeof(**memory));
    (*memory)->settings = settings;
    if (!base_hash_random((*memory)->key, sizeof((*memory)->key)))
        return base_err_make(BASE_ERR_INTERNAL, 0, conf, "OpenSSL gives no random bytes");
    /* anonymous: the children have it from their parent, and it ends with the last of them */
    rv = apr_shm_create(&shm, sizeof(*(*memory)->shared), NULL, conf);
    if (rv != APR_SUCCESS)
        return base_err_make(BASE_ERR_INTERNAL, rv, conf, "no shared memory for ItemsTokenMemory");
    (*memory)->shared = apr_shm_baseaddr_get(shm);
    memset((*memory)->shared, 0, sizeof(*(*memory)->shared));
    return NULL;
}

base_err_t *httpd_memory_prepare(server_rec *servers, apr_pool_t *conf)
{
    server_rec *server;
    memory_t *memory;
    base_err_t *err;

    memories = NULL; /* those of the last configuration went with its pool */
    for (server = servers; server; server = server->next) {
        const httpd_settings_t *settings = httpd_directives_settings(server);

        if (!httpd_settings_has_memory(settings))
            continue;
        err = make(&memory, settings, conf);
        if (err)
            return err;
        if (!memories)
            memories = apr_hash_make(conf);
        apr_hash_set(memories, &memory->settings, sizeof(memory->settings), memory);
    }
    return NULL;
}

void httpd_memory_start(apr_pool_t *pool)
{
    digests = memories ? base_digest_kit_make(pool) : NULL;
}

/* mod_auth_openidc takes away headers that look like its own (OIDC_CLAIM_sub, oidc-claim-sub). */
static int has_lookalike(const request_rec *r)
{
    const apr_array_header_t *headers = apr_table_elts(r->headers_in);
    int i;

    for (i = 0; i < headers->nelts; i++) {
        if (!strncasecmp(APR_ARRAY_IDX(headers, i, apr_table_entry_t).key, "OIDC", 4))
            return 1;
    }
    return 0;
}

/* The memory that may be asked for r, and what to ask it for; NULL: none. */
static const memory_t *open_for(unsigned char sum[BASE_DIGEST_BYTES], const request_rec *r,
                                const char *how, const char *token)
{
    const httpd_settings_t *settings = httpd_directives_settings(r->server);
    const httpd_sections_t *sections;
    const memory_t *memory;
    base_digest_t *digest;
    int done;

    memory = memories ? apr_hash_get(memories, &settings, sizeof(settings)) : NULL;
    if (!memory || !digests)
        return NULL;
    sections = httpd_sections_of(r);
    if (!sections || httpd_sections_why(sections))
        return NULL;
    digest = base_digest_take(digests, r->pool);
    if (!digest)
        return NULL;
    done = auth_memory_digest(sum, digest, memory->key, how, sections->lines ? sections->lines : "",
                              token);
    base_digest_give(digests, digest);
    return done ? memory : NULL;
}

char *httpd_memory_find(const request_rec *r, const char *how, const char *token)
{
    unsigned char sum[BASE_DIGEST_BYTES];
    char user[AUTH_MEMORY_USER_MAX + 1];
    const memory_t *memory = open_for(sum, r, how, token);

    if (!memory || has_lookalike(r) ||
        !auth_memory_find(user, memory->shared, sum, base_call_clock()))
        return NULL;
    return apr_pstrdup(r->pool, user);
}

void httpd_memory_keep(const request_rec *r, const char *how, const char *token, const char *user)
{
    unsigned char sum[BASE_DIGEST_BYTES];
    const memory_t *memory = open_for(sum, r, how, token);

    if (memory)
        auth_memory_keep(memory->shared, sum, user,
                         base_call_clock() + memory->settings->token_memory);
}
