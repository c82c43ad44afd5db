/* SPDX-License-Identifier: Apache-2.0 */
/* aws/fault: code and message out of every envelope in tests/vectors/errors. */
#include "aws/fault.h"

#include "aws_message.h"

#define ROOT "tests/vectors/errors"

static const char *header_of(const aws_message_t *message, const char *name)
{
    int i;

    for (i = 0; i < message->count; i++)
        if (strcasecmp(message->headers[i].name, name) == 0)
            return message->headers[i].value;
    return NULL;
}

static int same(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static void check_case(const char *folder)
{
    apr_size_t len;
    const char *facts = unit_read_file(&len, apr_pstrcat(unit_pool, folder, "/expected", NULL));
    const char *code = aws_message_fact(facts, "code");
    const char *words = aws_message_fact(facts, "message");
    aws_message_t message;
    aws_fault_t fault;

    aws_message_read(&message, apr_pstrcat(unit_pool, folder, "/response", NULL));
    aws_fault_read(&fault, header_of(&message, "X-Amzn-Errortype"), message.body, message.body_len,
                   unit_pool);
    ck_assert_msg(same(fault.code, code), "%s: code %s", folder, fault.code);
    ck_assert_msg(same(fault.message, words), "%s: message %s", folder, fault.message);
}

START_TEST(every_envelope)
{
    ck_assert_int_ge(aws_message_walk(ROOT, check_case), 60);
}
END_TEST

/* No prefix of an envelope is one. */
START_TEST(cut_envelopes)
{
    static const char body[] = "{\"__type\":\"a#FooError\",\"message\":\"m\"}";
    apr_size_t len;
    aws_fault_t fault;

    for (len = 0; len < sizeof(body) - 1; len++) {
        aws_fault_read(&fault, NULL, apr_pmemdup(unit_pool, body, len), len, unit_pool);
        ck_assert_ptr_null(fault.code);
        ck_assert_ptr_null(fault.message);
    }
    aws_fault_read(&fault, NULL, body, len, unit_pool);
    ck_assert_str_eq(fault.code, "FooError");
    ck_assert_str_eq(fault.message, "m");
}
END_TEST

static const char *code_of(const char *header)
{
    aws_fault_t fault;

    aws_fault_read(&fault, header, "", 0, unit_pool);
    return fault.code;
}

START_TEST(header_forms)
{
    ck_assert_str_eq(code_of("FooError"), "FooError");
    ck_assert_str_eq(code_of(" a#b#Foo.Error-1_x :#Bar:x"), "Foo.Error-1_x");
    ck_assert_str_eq(code_of("  FooError  "), "FooError");
    ck_assert_str_eq(code_of("a# FooError"), "FooError");
    ck_assert_ptr_null(code_of(""));
    ck_assert_ptr_null(code_of("  "));
    ck_assert_ptr_null(code_of("#"));
    ck_assert_ptr_null(code_of("Foo Error"));
    ck_assert_ptr_null(code_of("Foo\tError"));
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("aws/fault");
    TCase *tcase = unit_case(suite, "envelopes");

    tcase_add_test(tcase, every_envelope);
    tcase_add_test(tcase, cut_envelopes);
    tcase_add_test(tcase, header_forms);
    return suite;
}
