/* SPDX-License-Identifier: Apache-2.0 */
/* Points in time as text: RFC 3339 and the basic form of ISO 8601 that Signature Version 4 wants
 * in X-Amz-Date. The civil date is computed here (days since 0000-03-01, so that the leap day is
 * a year's last, in eras of 400 years): no time zone, no locale, no lock of the C library.
 * Times outside 1970 to 9999 are shown as the nearest one inside. */
#include "base/stamp.h"

#include <string.h>

#define DAY_SECONDS 86400
#define LAST_SECOND 253402300799 /* 9999-12-31T23:59:59Z */

typedef struct {
    unsigned year, month, day, hour, minute, second, millisecond;
} civil_t;

/* Algorithm: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days. */
static civil_t civil_of(apr_time_t time)
{
    const apr_time_t last = LAST_SECOND * APR_USEC_PER_SEC + APR_USEC_PER_SEC - 1;
    apr_time_t within = time < 0 ? 0 : time > last ? last : time;
    apr_time_t seconds = apr_time_sec(within);
    unsigned days = (unsigned)(seconds / DAY_SECONDS) + 719468; /* 0000-03-01 to 1970-01-01 */
    unsigned clock = (unsigned)(seconds % DAY_SECONDS);
    unsigned era = days / 146097, era_day = days % 146097;
    unsigned era_year = (era_day - era_day / 1460 + era_day / 36524 - era_day / 146096) / 365;
    unsigned year_day = era_day - (365 * era_year + era_year / 4 - era_year / 100);
    unsigned shifted = (5 * year_day + 2) / 153; /* 0 is March */
    civil_t civil;

    civil.month = shifted < 10 ? shifted + 3 : shifted - 9;
    civil.year = era * 400 + era_year + (civil.month <= 2);
    civil.day = year_day - (153 * shifted + 2) / 5 + 1;
    civil.hour = clock / 3600;
    civil.minute = clock / 60 % 60;
    civil.second = clock % 60;
    civil.millisecond = (unsigned)(apr_time_usec(within) / 1000);
    return civil;
}

static void put(char *to, unsigned value, int digits)
{
    int i;

    for (i = digits; i-- > 0; value /= 10)
        to[i] = (char)('0' + value % 10);
}

void base_stamp_rfc3339(char stamp[BASE_STAMP_RFC3339_SIZE], apr_time_t time)
{
    civil_t civil = civil_of(time);

    memcpy(stamp, "0000-00-00T00:00:00.000Z", BASE_STAMP_RFC3339_SIZE);
    put(stamp, civil.year, 4);
    put(stamp + 5, civil.month, 2);
    put(stamp + 8, civil.day, 2);
    put(stamp + 11, civil.hour, 2);
    put(stamp + 14, civil.minute, 2);
    put(stamp + 17, civil.second, 2);
    put(stamp + 20, civil.millisecond, 3);
}

void base_stamp_amz(char stamp[BASE_STAMP_AMZ_SIZE], apr_time_t time)
{
    civil_t civil = civil_of(time);

    memcpy(stamp, "00000000T000000Z", BASE_STAMP_AMZ_SIZE);
    put(stamp, civil.year, 4);
    put(stamp + 4, civil.month, 2);
    put(stamp + 6, civil.day, 2);
    put(stamp + 9, civil.hour, 2);
    put(stamp + 11, civil.minute, 2);
    put(stamp + 13, civil.second, 2);
}
