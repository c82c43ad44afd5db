/* SPDX-License-Identifier: Apache-2.0 */
/* aws/retry: the policy as a matrix, and the classes of AWS's codes. */
#include "aws/retry.h"

#include "unit.h"

#define NOW 1000
#define LATER 2000 /* a deadline */

typedef struct {
    const char *what;
    aws_retry_failure_t
        failure; /* number, is_read, kind, status, reused, delivered, begun, now, deadline */
    aws_retry_verdict_e verdict;
} matrix_t;

#define STOP AWS_RETRY_STOP
#define AGAIN AWS_RETRY_AGAIN
#define LATE AWS_RETRY_LATE

static const matrix_t matrix[] = {
    {"read, refused", {1, 1, BASE_ERR_UNAVAILABLE, 0, 0, 0, 0, NOW, LATER}, AGAIN},
    {"read, reset in the answer", {1, 1, BASE_ERR_UNAVAILABLE, 0, 1, 1, 1, NOW, LATER}, AGAIN},
    {"read, attempt timed out", {1, 1, BASE_ERR_TIMEOUT, 0, 0, 1, 0, NOW, LATER}, AGAIN},
    {"read, truncated", {1, 1, BASE_ERR_NONSENSE, 0, 0, 1, 1, NOW, LATER}, AGAIN},
    {"read, 500", {1, 1, BASE_ERR_UNAVAILABLE, 500, 0, 1, 1, NOW, LATER}, AGAIN},
    {"read, 503", {1, 1, BASE_ERR_UNAVAILABLE, 503, 1, 1, 1, NOW, LATER}, AGAIN},
    {"read, nonsense 200", {1, 1, BASE_ERR_NONSENSE, 200, 0, 1, 1, NOW, LATER}, AGAIN},
    {"read, redirect", {1, 1, BASE_ERR_NONSENSE, 301, 0, 1, 1, NOW, LATER}, STOP},
    {"read, 503 that throttles", {1, 1, BASE_ERR_THROTTLED, 503, 0, 1, 1, NOW, LATER}, STOP},
    {"read, throttled", {1, 1, BASE_ERR_THROTTLED, 400, 0, 1, 1, NOW, LATER}, STOP},
    {"read, transient 400", {1, 1, BASE_ERR_UNAVAILABLE, 400, 1, 1, 1, NOW, LATER}, STOP},
    {"read, 400", {1, 1, BASE_ERR_INTERNAL, 400, 0, 1, 1, NOW, LATER}, STOP},
    {"read, certificate refused", {1, 1, BASE_ERR_UNTRUSTED, 0, 0, 0, 0, NOW, LATER}, STOP},
    {"read, our fault", {1, 1, BASE_ERR_INTERNAL, 0, 1, 0, 0, NOW, LATER}, STOP},
    {"read, second", {2, 1, BASE_ERR_UNAVAILABLE, 0, 1, 1, 0, NOW, LATER}, STOP},
    {"read, deadline used up", {1, 1, BASE_ERR_UNAVAILABLE, 0, 0, 1, 0, LATER, LATER}, LATE},
    {"read, 500 at the deadline", {1, 1, BASE_ERR_UNAVAILABLE, 500, 0, 1, 1, LATER, LATER}, LATE},
    {"read, 400 at the deadline", {1, 1, BASE_ERR_INTERNAL, 400, 0, 1, 1, LATER, LATER}, STOP},
    {"write, kept connection died", {1, 0, BASE_ERR_UNAVAILABLE, 0, 1, 1, 0, NOW, LATER}, AGAIN},
    {"write, kept connection silent", {1, 0, BASE_ERR_TIMEOUT, 0, 1, 1, 0, NOW, LATER}, AGAIN},
    {"write, kept, at the deadline", {1, 0, BASE_ERR_TIMEOUT, 0, 1, 1, 0, LATER, LATER}, LATE},
    {"write, kept, second", {2, 0, BASE_ERR_UNAVAILABLE, 0, 1, 1, 0, NOW, LATER}, STOP},
    {"write, answer begun", {1, 0, BASE_ERR_UNAVAILABLE, 0, 1, 1, 1, NOW, LATER}, STOP},
    {"write, new connection", {1, 0, BASE_ERR_UNAVAILABLE, 0, 0, 1, 0, NOW, LATER}, STOP},
    {"write, new connection, timeout", {1, 0, BASE_ERR_TIMEOUT, 0, 0, 1, 0, LATER, LATER}, STOP},
    {"write, refused", {1, 0, BASE_ERR_UNAVAILABLE, 0, 0, 0, 0, NOW, LATER}, AGAIN},
    {"write, connecting timed out", {1, 0, BASE_ERR_TIMEOUT, 0, 0, 0, 0, NOW, LATER}, AGAIN},
    {"write, not sent whole", {1, 0, BASE_ERR_UNAVAILABLE, 0, 1, 0, 0, NOW, LATER}, AGAIN},
    {"write, refused, second", {2, 0, BASE_ERR_UNAVAILABLE, 0, 0, 0, 0, NOW, LATER}, STOP},
    {"write, refused, at the deadline", {1, 0, BASE_ERR_TIMEOUT, 0, 0, 0, 0, LATER, LATER}, LATE},
    {"write, answered before it was sent",
     {1, 0, BASE_ERR_UNAVAILABLE, 0, 0, 0, 1, NOW, LATER},
     STOP},
    {"write, 500", {1, 0, BASE_ERR_UNAVAILABLE, 500, 1, 1, 1, NOW, LATER}, STOP},
    {"write, nonsense 200", {1, 0, BASE_ERR_NONSENSE, 200, 1, 1, 1, NOW, LATER}, STOP},
    {"write, certificate refused", {1, 0, BASE_ERR_UNTRUSTED, 0, 0, 0, 0, NOW, LATER}, STOP},
    {"write, our fault", {1, 0, BASE_ERR_INTERNAL, 0, 1, 0, 0, NOW, LATER}, STOP},
};

START_TEST(policy)
{
    ck_assert_msg(aws_retry_next(&matrix[_i].failure) == matrix[_i].verdict, "%s", matrix[_i].what);
}
END_TEST

static const struct {
    int status;
    const char *code;
    base_err_kind_e kind;
} codes[] = {
    {400, "ProvisionedThroughputExceededException", BASE_ERR_THROTTLED},
    {400, "ThrottlingException", BASE_ERR_THROTTLED},
    {400, "RequestLimitExceeded", BASE_ERR_THROTTLED},
    {400, "Throttling", BASE_ERR_THROTTLED},
    {400, "ThrottledException", BASE_ERR_THROTTLED},
    {400, "RequestThrottled", BASE_ERR_THROTTLED},
    {400, "RequestThrottledException", BASE_ERR_THROTTLED},
    {429, "TooManyRequestsException", BASE_ERR_THROTTLED},
    {400, "BandwidthLimitExceeded", BASE_ERR_THROTTLED},
    {503, "SlowDown", BASE_ERR_THROTTLED},
    {400, "EC2ThrottledException", BASE_ERR_THROTTLED},
    {400, "PriorRequestNotComplete", BASE_ERR_THROTTLED},
    {400, "TransactionInProgressException", BASE_ERR_THROTTLED},
    {400, "LimitExceededException", BASE_ERR_THROTTLED},
    {429, NULL, BASE_ERR_THROTTLED},
    {500, "InternalServerError", BASE_ERR_UNAVAILABLE},
    {500, "InternalFailure", BASE_ERR_UNAVAILABLE},
    {503, "ServiceUnavailable", BASE_ERR_UNAVAILABLE},
    {503, "ServiceUnavailableException", BASE_ERR_UNAVAILABLE},
    {400, "RequestTimeout", BASE_ERR_UNAVAILABLE},
    {400, "RequestTimeoutException", BASE_ERR_UNAVAILABLE},
    {409, "ReplicatedWriteConflictException", BASE_ERR_UNAVAILABLE},
    {400, "IDPCommunicationError", BASE_ERR_UNAVAILABLE},
    {500, NULL, BASE_ERR_UNAVAILABLE},
    {504, NULL, BASE_ERR_UNAVAILABLE},
    {500, "SomethingNew", BASE_ERR_UNAVAILABLE},
    {408, NULL, BASE_ERR_UNAVAILABLE},
    {400, NULL, BASE_ERR_INTERNAL},
    {413, NULL, BASE_ERR_INTERNAL},
    {400, "ConditionalCheckFailedException", BASE_ERR_INTERNAL},
    {400, "TransactionConflictException", BASE_ERR_INTERNAL},
    {400, "AccessDeniedException", BASE_ERR_INTERNAL},
    {400, "throttlingexception", BASE_ERR_INTERNAL},
    {400, "", BASE_ERR_INTERNAL},
};

START_TEST(classes)
{
    ck_assert_int_eq(aws_retry_class(codes[_i].status, codes[_i].code), codes[_i].kind);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("aws/retry");
    TCase *tcase = unit_case(suite, "retry");

    tcase_add_loop_test(tcase, policy, 0, sizeof(matrix) / sizeof(matrix[0]));
    tcase_add_loop_test(tcase, classes, 0, sizeof(codes) / sizeof(codes[0]));
    return suite;
}
