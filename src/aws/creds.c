/* SPDX-License-Identifier: Apache-2.0 */
/* The door to every credential source: what comes out of it is a whole set that can stand in a
 * header, or an error that names the source.
 *
 * The check stands here once, and not in each source, because what comes from files, services and
 * environments is somebody else's text: a key with a line break in it would write headers of its
 * own.
 */
#include "aws/creds.h"

#include <string.h>

/* Printable ASCII without blanks and without the characters of `without`. */
static int is_plain(const char *text, const char *without)
{
    const char *pos;

    for (pos = text; *pos; pos++)
        if (*pos <= ' ' || *pos > '~')
            return 0;
    return pos > text && !strpbrk(text, without);
}

/* The name of the part that can't be used, or NULL. */
static const char *unusable_part(const aws_creds_t *creds)
{
    /* "AKID/date/region", "Credential=AKID/..., SignedHeaders=" */
    if (!creds->access_key_id || !is_plain(creds->access_key_id, "/,="))
        return "access key id";
    if (!creds->secret_access_key || !is_plain(creds->secret_access_key, ""))
        return "secret access key";
    if (creds->session_token && !is_plain(creds->session_token, ""))
        return "session token";
    return NULL;
}

base_err_t *aws_creds_get(aws_creds_t *creds, const aws_creds_source_t *source,
                          const base_call_t *call, apr_pool_t *pool)
{
    const char *part;
    base_err_t *err;

    memset(creds, 0, sizeof(*creds));
    err = source->get(creds, source->source, call, pool);
    if (err)
        return base_err_wrap(err, pool, "no credentials from the %s", source->name);
    part = unusable_part(creds);
    if (part)
        return base_err_make(BASE_ERR_UNAVAILABLE, 0, pool,
                             "no credentials from the %s: expected printable characters without "
                             "blanks for the %s",
                             source->name, part);
    return NULL;
}
