/* SPDX-License-Identifier: Apache-2.0 */
/* Points in time as text, always UTC, without locale. Any thread. */
#ifndef BASE_STAMP_H
#define BASE_STAMP_H

#include <apr_time.h>

#define BASE_STAMP_RFC3339_SIZE 25 /* 2026-02-12T10:11:12.345Z and NUL */
#define BASE_STAMP_AMZ_SIZE 17     /* 20260212T101112Z and NUL */

/* RFC 3339 with milliseconds and Z, as JavaScript's toISOString(); years 1970 to 9999. */
void base_stamp_rfc3339(char stamp[BASE_STAMP_RFC3339_SIZE], apr_time_t time);

/* The form of X-Amz-Date. */
void base_stamp_amz(char stamp[BASE_STAMP_AMZ_SIZE], apr_time_t time);

#endif
