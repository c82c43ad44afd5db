/* SPDX-License-Identifier: Apache-2.0 */
/* Which exception is which kind.
 *
 * DynamoDB Developer Guide, "Error messages and codes", and the common errors of
 * the API Reference. A ValidationException says in words alone what was wrong:
 * what an item's size or depth breaks is the client's to hear, everything else is
 * a request that we should not have made.
 */
#include "dynamo/fault.h"

#include <string.h>

typedef struct {
    const char *code;
    base_err_kind_e kind;
} code_t;

static const code_t codes[] = {
    {"ConditionalCheckFailedException", BASE_ERR_CONFLICT},
    /* a table, a permission, a signature: the configuration's fault */
    {"ResourceNotFoundException", BASE_ERR_DENIED},
    {"TableNotFoundException", BASE_ERR_DENIED},
    {"AccessDeniedException", BASE_ERR_DENIED},
    {"AccessDenied", BASE_ERR_DENIED},
    {"NotAuthorized", BASE_ERR_DENIED},
    {"OptInRequired", BASE_ERR_DENIED},
    {"InvalidSignatureException", BASE_ERR_DENIED},
    {"SignatureDoesNotMatch", BASE_ERR_DENIED},
    {"AuthFailure", BASE_ERR_DENIED},
    {"RequestExpired", BASE_ERR_DENIED},
    {"RequestTimeTooSkewed", BASE_ERR_DENIED},
    {"IncompleteSignatureException", BASE_ERR_DENIED},
    {"IncompleteSignature", BASE_ERR_DENIED},
    {"MissingAuthenticationTokenException", BASE_ERR_DENIED},
    {"MissingAuthenticationToken", BASE_ERR_DENIED},
    /* credentials that are none (any more): as if there were none, and new ones may come */
    {"UnrecognizedClientException", BASE_ERR_UNAVAILABLE},
    {"InvalidClientTokenId", BASE_ERR_UNAVAILABLE},
    {"InvalidAccessKeyId", BASE_ERR_UNAVAILABLE},
    {"ExpiredTokenException", BASE_ERR_UNAVAILABLE},
    {"ExpiredToken", BASE_ERR_UNAVAILABLE},
    {"InvalidToken", BASE_ERR_UNAVAILABLE},
    /* passes by itself, nothing was written */
    {"TransactionConflictException", BASE_ERR_UNAVAILABLE},
    {"ResourceInUseException", BASE_ERR_UNAVAILABLE},
    {"ItemCollectionSizeLimitExceededException", BASE_ERR_TOO_LARGE},
};

/* What a ValidationException says of an item that is over a limit; part of its message. */
static const char *const too_large[] = {
    "Item size has exceeded the maximum allowed size",
    "Item size to update has exceeded the maximum allowed size",
    "Nesting Levels have exceeded supported limits",
};

static base_err_kind_e kind_of_validation(const char *message)
{
    apr_size_t i;

    for (i = 0; message && i < sizeof too_large / sizeof *too_large; i++)
        if (strstr(message, too_large[i]))
            return BASE_ERR_TOO_LARGE;
    return BASE_ERR_INTERNAL;
}

base_err_kind_e dynamo_fault_kind(const base_err_t *err, const char *message)
{
    apr_size_t i;

    if (err->kind != BASE_ERR_INTERNAL || !err->code)
        return err->kind;
    for (i = 0; i < sizeof codes / sizeof *codes; i++)
        if (!strcmp(err->code, codes[i].code))
            return codes[i].kind;
    return strcmp(err->code, "ValidationException") ? err->kind : kind_of_validation(message);
}
