/* SPDX-License-Identifier: Apache-2.0 */
/* The error value. One small allocation, on the failing path only; nothing here looks at the
 * words, so whoever makes an error is answerable for what they say (no secrets). */
#include "base/err.h"

#include <stdarg.h>

#include <apr_strings.h>

base_err_t *base_err_make(base_err_kind_e kind, apr_status_t status, apr_pool_t *pool,
                          const char *format, ...)
{
    base_err_t *err = apr_pcalloc(pool, sizeof *err);
    va_list args;

    err->kind = kind;
    err->status = status;
    va_start(args, format);
    err->words = apr_pvsprintf(pool, format, args);
    va_end(args);
    return err;
}

base_err_t *base_err_wrap(const base_err_t *cause, apr_pool_t *pool, const char *format, ...)
{
    base_err_t *err = apr_pmemdup(pool, cause, sizeof *err);
    va_list args;

    va_start(args, format);
    err->words = apr_pvsprintf(pool, format, args);
    va_end(args);
    err->cause = cause;
    return err;
}

const char *base_err_format(const base_err_t *err, apr_pool_t *pool)
{
    const char *words = err->words;
    char reason[256];

    for (; err->cause; err = err->cause)
        words = apr_pstrcat(pool, words, ": ", err->cause->words, NULL);
    if (err->status == APR_SUCCESS)
        return words;
    return apr_pstrcat(pool, words, ": ", apr_strerror(err->status, reason, sizeof reason), NULL);
}

const char *base_err_kind_name(base_err_kind_e kind)
{
    switch (kind) {
    case BASE_ERR_INVALID:
        return "invalid";
    case BASE_ERR_CONFLICT:
        return "conflict";
    case BASE_ERR_DENIED:
        return "denied";
    case BASE_ERR_TOO_LARGE:
        return "too_large";
    case BASE_ERR_THROTTLED:
        return "throttled";
    case BASE_ERR_TIMEOUT:
        return "timeout";
    case BASE_ERR_UNAVAILABLE:
        return "unavailable";
    case BASE_ERR_UNTRUSTED:
        return "untrusted";
    case BASE_ERR_NONSENSE:
        return "nonsense";
    case BASE_ERR_INTERNAL:
        return "internal";
    }
    return "unknown"; /* no default above: the compiler names a kind that is forgotten */
}
