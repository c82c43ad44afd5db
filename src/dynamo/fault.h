/* SPDX-License-Identifier: Apache-2.0 */
/* DynamoDB's exceptions to error kinds.
 *
 * Pure. Knows the exceptions that mean something to an item; what all AWS
 * services have in common (throttling, transient faults) was settled below.
 */
#ifndef DYNAMO_FAULT_H
#define DYNAMO_FAULT_H

#include "base/err.h"

/* The kind that an error of aws_client_call() has here. Only what is BASE_ERR_INTERNAL and has a
 * code is looked at. message: aws_client_outcome_t's, or NULL. */
base_err_kind_e dynamo_fault_kind(const base_err_t *err, const char *message);

#endif
