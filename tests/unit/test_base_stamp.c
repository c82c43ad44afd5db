/* SPDX-License-Identifier: Apache-2.0 */
/* Points in time as text, against dates known from elsewhere and against the C library's calendar
 * for every day of eight thousand years. */
#include "unit.h"

#include "base/stamp.h"

#include <string.h>
#include <time.h>

#include <apr_strings.h>

static const struct {
    apr_time_t time;
    const char *rfc3339, *amz;
} cases[] = {
    {0, "1970-01-01T00:00:00.000Z", "19700101T000000Z"},
    {999, "1970-01-01T00:00:00.000Z", "19700101T000000Z"}, /* cut, not rounded */
    {1000, "1970-01-01T00:00:00.001Z", "19700101T000000Z"},
    {999999, "1970-01-01T00:00:00.999Z", "19700101T000000Z"},
    {APR_INT64_C(951782399999000), "2000-02-28T23:59:59.999Z", "20000228T235959Z"},
    {APR_INT64_C(951782400000000), "2000-02-29T00:00:00.000Z", "20000229T000000Z"},
    {APR_INT64_C(951868800000000), "2000-03-01T00:00:00.000Z", "20000301T000000Z"},
    {APR_INT64_C(1234567890123456), "2009-02-13T23:31:30.123Z", "20090213T233130Z"},
    {APR_INT64_C(1440938160000000), "2015-08-30T12:36:00.000Z", "20150830T123600Z"},
    {APR_INT64_C(2147483648000000), "2038-01-19T03:14:08.000Z", "20380119T031408Z"},
    {APR_INT64_C(4107542400000000), "2100-03-01T00:00:00.000Z",
     "21000301T000000Z"}, /* no leap day */
    {APR_INT64_C(4107542399000000), "2100-02-28T23:59:59.000Z", "21000228T235959Z"},
    {APR_INT64_C(253402300799999999), "9999-12-31T23:59:59.999Z", "99991231T235959Z"},
    {APR_INT64_C(253402300800000000), "9999-12-31T23:59:59.999Z", "99991231T235959Z"},
    {APR_INT64_MAX, "9999-12-31T23:59:59.999Z", "99991231T235959Z"},
    {-1, "1970-01-01T00:00:00.000Z", "19700101T000000Z"},
    {APR_INT64_MIN, "1970-01-01T00:00:00.000Z", "19700101T000000Z"},
};

START_TEST(known_points)
{
    char rfc3339[BASE_STAMP_RFC3339_SIZE], amz[BASE_STAMP_AMZ_SIZE];

    memset(rfc3339, 'x', sizeof rfc3339);
    memset(amz, 'x', sizeof amz);
    base_stamp_rfc3339(rfc3339, cases[_i].time);
    base_stamp_amz(amz, cases[_i].time);
    ck_assert_str_eq(rfc3339, cases[_i].rfc3339);
    ck_assert_str_eq(amz, cases[_i].amz);
}
END_TEST

START_TEST(every_day_is_the_c_librarys_day)
{
    const time_t day = 86400, cycle = 146097 * day; /* the calendar repeats after 400 years */
    time_t seconds;
    int step = 0;

    /* Each day of one cycle, then one in 97. */
    for (seconds = 0; seconds <= 253402300799;
         seconds += seconds < cycle ? day : 97 * day, step = (step + 86399) % 86400) {
        time_t then = seconds + step; /* another time of day each day */
        char stamp[BASE_STAMP_RFC3339_SIZE], expected[BASE_STAMP_RFC3339_SIZE];
        struct tm tm;

        gmtime_r(&then, &tm);
        strftime(expected, sizeof expected, "%Y-%m-%dT%H:%M:%S.000Z", &tm);
        base_stamp_rfc3339(stamp, apr_time_from_sec(then));
        if (strcmp(stamp, expected) != 0)
            ck_abort_msg("%s instead of %s", stamp, expected);
    }
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("base/stamp");
    TCase *tcase = unit_case(suite, "stamps");

    tcase_add_loop_test(tcase, known_points, 0, (int)(sizeof cases / sizeof *cases));
    tcase_add_test(tcase, every_day_is_the_c_librarys_day);
    return suite;
}
