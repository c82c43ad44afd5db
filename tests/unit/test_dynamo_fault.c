/* SPDX-License-Identifier: Apache-2.0 */
/* Exceptions to kinds. */
#include "unit.h"

#include <string.h>

#include "aws/fault.h"
#include "dynamo/fault.h"

static base_err_kind_e kind(base_err_kind_e before, const char *code, const char *body)
{
    base_err_t *err = base_err_make(before, 0, unit_pool, "answer 400");
    aws_fault_t fault;

    err->code = code;
    aws_fault_read(&fault, NULL, body ? body : "", body ? strlen(body) : 0, unit_pool);
    return dynamo_fault_kind(err, fault.message);
}

static const struct {
    const char *code;
    const char *body;
    base_err_kind_e kind;
} cases[] = {
    {"ConditionalCheckFailedException", NULL, BASE_ERR_CONFLICT},
    {"ResourceNotFoundException", NULL, BASE_ERR_DENIED},
    {"AccessDeniedException", NULL, BASE_ERR_DENIED},
    {"InvalidSignatureException", NULL, BASE_ERR_DENIED},
    {"MissingAuthenticationTokenException", NULL, BASE_ERR_DENIED},
    {"MissingAuthenticationToken", NULL, BASE_ERR_DENIED},
    {"IncompleteSignatureException", NULL, BASE_ERR_DENIED},
    {"UnrecognizedClientException", NULL, BASE_ERR_UNAVAILABLE},
    {"ExpiredTokenException", NULL, BASE_ERR_UNAVAILABLE},
    {"TransactionConflictException", NULL, BASE_ERR_UNAVAILABLE},
    {"ItemCollectionSizeLimitExceededException", NULL, BASE_ERR_TOO_LARGE},
    {"SerializationException", NULL, BASE_ERR_INTERNAL},
    {"NeverHeardOfException", NULL, BASE_ERR_INTERNAL},
    {"conditionalcheckfailedexception", NULL, BASE_ERR_INTERNAL},
    {NULL, "{\"message\":\"Item size has exceeded the maximum allowed size\"}", BASE_ERR_INTERNAL},
    {"ValidationException", "{\"message\":\"Item size has exceeded the maximum allowed size\"}",
     BASE_ERR_TOO_LARGE},
    {"ValidationException",
     "{\"__type\":\"com.amazon.coral.validate#ValidationException\",\"Message\":"
     "\"Item size to update has exceeded the maximum allowed size\"}",
     BASE_ERR_TOO_LARGE},
    {"ValidationException",
     "{\"message\":\"1 validation error detected: Nesting Levels have exceeded supported limits: "
     "Attributes in the item have nested levels beyond supported limit\"}",
     BASE_ERR_TOO_LARGE},
    {"ValidationException",
     "{\"message\":\"Item\\u0020size has exceeded the maximum allowed size\"}", BASE_ERR_TOO_LARGE},
    {"ValidationException",
     "{\"message\":null,\"Message\":\"Item size has exceeded the maximum allowed size\"}",
     BASE_ERR_TOO_LARGE},
    {"ValidationException", "{\"message\":\"Invalid UpdateExpression: Syntax error\"}",
     BASE_ERR_INTERNAL},
    {"ValidationException",
     "{\"Item\":{\"message\":\"Item size has exceeded the maximum allowed size\"}}",
     BASE_ERR_INTERNAL},
    {"ValidationException", "{\"message\":\"\"}", BASE_ERR_INTERNAL},
    {"ValidationException", "{\"message\":\"Item size has exceeded", BASE_ERR_INTERNAL},
    {"ValidationException", "<html>Item size has exceeded the maximum allowed size</html>",
     BASE_ERR_INTERNAL},
    {"ValidationException", "", BASE_ERR_INTERNAL},
    {"ValidationException", NULL, BASE_ERR_INTERNAL},
};

START_TEST(test_codes)
{
    ck_assert_msg(kind(BASE_ERR_INTERNAL, cases[_i].code, cases[_i].body) == cases[_i].kind,
                  "%s %s", cases[_i].code, cases[_i].body);
}
END_TEST

/* What was settled below stays so. */
START_TEST(test_settled)
{
    ck_assert_int_eq(kind(BASE_ERR_THROTTLED, "ThrottlingException", NULL), BASE_ERR_THROTTLED);
    ck_assert_int_eq(kind(BASE_ERR_UNAVAILABLE, "InternalServerError", NULL), BASE_ERR_UNAVAILABLE);
    ck_assert_int_eq(kind(BASE_ERR_TIMEOUT, "AccessDeniedException", NULL), BASE_ERR_TIMEOUT);
    ck_assert_int_eq(kind(BASE_ERR_NONSENSE, NULL, NULL), BASE_ERR_NONSENSE);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("dynamo/fault");
    TCase *tcase = unit_case(suite, "fault");

    tcase_add_loop_test(tcase, test_codes, 0, (int)(sizeof cases / sizeof *cases));
    tcase_add_test(tcase, test_settled);
    return suite;
}
