/* SPDX-License-Identifier: Apache-2.0 */
/* A key set, as an issuer or whoever stands in its place may send it. */
#include "fuzz.h"

#include <string.h>

#include <apr_strings.h>

#include "auth/kids.h"

void fuzz_input(const char *bytes, apr_size_t len, apr_pool_t *pool)
{
    auth_kids_set_t *set = apr_palloc(pool, sizeof(*set));
    auth_kids_watch_t *watch = apr_pcalloc(pool, sizeof(*watch));
    auth_kids_answer_t *answer = apr_pcalloc(pool, sizeof(*answer));
    const auth_kids_question_t question = {.kid = "k1", .now = 1, .is_late = 1};
    const char *why = auth_kids_read(set, bytes, len, pool);
    int i;

    fuzz_require(set->count >= 0 && set->count <= AUTH_KIDS_MAX, "a set is bounded");
    fuzz_require(why || set->count > 0, "a set has keys");
    for (i = 0; i < set->count; i++) {
        const char *kid = apr_pstrmemdup(pool, set->kids[i].bytes, set->kids[i].len);

        fuzz_require(kid[0] && strlen(kid) == set->kids[i].len, "an id is a word");
        fuzz_require(auth_kids_has(set, kid), "an id is found");
    }
    auth_kids_ask(watch, &question);
    answer->set = *set;
    auth_kids_end(watch, 1, why == NULL, answer, 2);
    fuzz_require((auth_kids_ask(watch, &question).verdict == AUTH_KIDS_KNOWN) ==
                     (!why && auth_kids_has(set, "k1")),
                 "what was read is known");
}
