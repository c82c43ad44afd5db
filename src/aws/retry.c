/* SPDX-License-Identifier: Apache-2.0 */
/* The retry policy, in one place.
 *
 * Decided: at most one more attempt, at once, on a new connection. AWS's own policy (SDKs and Tools
 * Reference Guide, "Retry behavior") waits up to seconds between attempts; here a web worker would
 * sleep in the meantime, so a client that is told 503 with Retry-After does the waiting. For the
 * same reason throttling is never answered with another attempt: more calls are what the store asks
 * not to get.
 *
 * A write is sent again when it was not sent whole, most of all when no connection came about: the
 * service carries out nothing whose body, which is signed, it does not have. And when its kept
 * connection died before a byte of an answer came: the ordinary end of an idle connection. Then it
 * may have been carried out all the same, so whoever calls makes its writes recognisable
 * (aws_client_outcome_t.maybe_done), which is what RFC 9110 section 9.2.2 asks of a client that
 * repeats a POST.
 *
 * A redirect is not followed and would be the same again; so would a refused certificate.
 */
#include "aws/retry.h"

#include <string.h>

typedef struct {
    const char *code;
    base_err_kind_e kind;
} class_t;

/* The same names in every SDK's tables; SDKs and Tools Reference Guide, "Retry behavior". */
static const class_t classes[] = {
    {"ProvisionedThroughputExceededException", BASE_ERR_THROTTLED},
    {"ThrottlingException", BASE_ERR_THROTTLED},
    {"RequestLimitExceeded", BASE_ERR_THROTTLED},
    {"Throttling", BASE_ERR_THROTTLED},
    {"ThrottledException", BASE_ERR_THROTTLED},
    {"RequestThrottled", BASE_ERR_THROTTLED},
    {"RequestThrottledException", BASE_ERR_THROTTLED},
    {"TooManyRequestsException", BASE_ERR_THROTTLED},
    {"BandwidthLimitExceeded", BASE_ERR_THROTTLED},
    {"SlowDown", BASE_ERR_THROTTLED},
    {"EC2ThrottledException", BASE_ERR_THROTTLED},
    {"PriorRequestNotComplete", BASE_ERR_THROTTLED},
    {"TransactionInProgressException", BASE_ERR_THROTTLED},
    {"LimitExceededException", BASE_ERR_THROTTLED},
    {"InternalServerError", BASE_ERR_UNAVAILABLE},
    {"InternalFailure", BASE_ERR_UNAVAILABLE},
    {"ServiceUnavailable", BASE_ERR_UNAVAILABLE},
    {"ServiceUnavailableException", BASE_ERR_UNAVAILABLE},
    {"RequestTimeout", BASE_ERR_UNAVAILABLE},
    {"RequestTimeoutException", BASE_ERR_UNAVAILABLE},
    {"ReplicatedWriteConflictException", BASE_ERR_UNAVAILABLE},
    {"IDPCommunicationError", BASE_ERR_UNAVAILABLE},
};

static int is_transport_kind(base_err_kind_e kind)
{
    return kind == BASE_ERR_TIMEOUT || kind == BASE_ERR_UNAVAILABLE || kind == BASE_ERR_NONSENSE;
}

static int is_worth_it(const aws_retry_failure_t *failure)
{
    if (failure->status == 0) {
        if (!is_transport_kind(failure->kind))
            return 0;
        return failure->is_read || (!failure->begun && (failure->reused || !failure->delivered));
    }
    if (!failure->is_read || failure->kind == BASE_ERR_THROTTLED)
        return 0;
    if (failure->status >= 300 && failure->status <= 399)
        return 0;
    return failure->kind == BASE_ERR_NONSENSE || failure->status >= 500;
}

aws_retry_verdict_e aws_retry_next(const aws_retry_failure_t *failure)
{
    if (failure->number >= AWS_RETRY_ATTEMPTS_MAX || !is_worth_it(failure))
        return AWS_RETRY_STOP;
    return failure->now < failure->deadline ? AWS_RETRY_AGAIN : AWS_RETRY_LATE;
}

base_err_kind_e aws_retry_class(int status, const char *code)
{
    apr_size_t i;

    for (i = 0; code && i < sizeof(classes) / sizeof(classes[0]); i++)
        if (strcmp(classes[i].code, code) == 0)
            return classes[i].kind;
    if (status == 429)
        return BASE_ERR_THROTTLED;
    if (status == 408 || status >= 500)
        return BASE_ERR_UNAVAILABLE;
    return BASE_ERR_INTERNAL;
}
