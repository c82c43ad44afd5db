/* SPDX-License-Identifier: Apache-2.0 */
/* A set-associative table. The digest's key is secret, so nobody can choose into which set a token
 * falls: however many tokens somebody has, each pushes out at most one other of its set.
 *
 * A slot is a sequence lock (Boehm, "Can Seqlocks Get Along With Programming Language Memory
 * Models?", MSPC 2012): a writer makes the version odd, writes, and makes it even again; what a
 * reader has copied counts if the version was even and is still the same. Each word of the copy is
 * loaded with acquire and stored with release, so that no fence is needed, and thread sanitizers
 * see the order. Nobody waits: a reader that is disturbed has found nothing, a writer that finds
 * another one leaves it at that. A process that is killed within these few stores leaves its slot
 * unused until the memory is made anew.
 */
#include "auth/memory.h"

#include <string.h>

#define LOAD(place) __atomic_load_n(place, __ATOMIC_ACQUIRE)
#define STORE(place, value) __atomic_store_n(place, value, __ATOMIC_RELEASE)

#define WORDS(array) (sizeof(array) / sizeof((array)[0]))

int auth_memory_digest(unsigned char sum[BASE_DIGEST_BYTES], base_digest_t *digest,
                       const unsigned char key[BASE_DIGEST_BYTES], const char *how,
                       const char *where, const char *token)
{
    const base_digest_part_t secret = {key, BASE_DIGEST_BYTES};
    const base_digest_part_t parts[] = {
        {how, strlen(how) + 1}, /* with its NUL: no other two texts look the same */
        {where, strlen(where) + 1},
        {token, strlen(token)},
    };

    return base_digest_hmac(sum, digest, &secret, parts, (int)WORDS(parts));
}

static auth_memory_slot_t *set_of(auth_memory_t *memory, const apr_uint64_t *digest)
{
    return memory->slots[digest[0] % AUTH_MEMORY_SETS];
}

/* What stands in a slot, if nobody writes there: 1. */
static int copy(auth_memory_slot_t *to, auth_memory_slot_t *from)
{
    apr_size_t i;

    to->version = LOAD(&from->version);
    if (to->version & 1)
        return 0;
    to->until = LOAD(&from->until);
    for (i = 0; i < WORDS(to->digest); i++)
        to->digest[i] = LOAD(&from->digest[i]);
    to->len = LOAD(&from->len);
    for (i = 0; i < WORDS(to->user); i++)
        to->user[i] = LOAD(&from->user[i]);
    return LOAD(&from->version) == to->version;
}

int auth_memory_find(char user[AUTH_MEMORY_USER_MAX + 1], auth_memory_t *memory,
                     const unsigned char sum[BASE_DIGEST_BYTES], apr_time_t now)
{
    apr_uint64_t digest[BASE_DIGEST_BYTES / 8];
    auth_memory_slot_t *set, slot;
    int i;

    memcpy(digest, sum, sizeof(digest));
    set = set_of(memory, digest);
    for (i = 0; i < AUTH_MEMORY_WAYS; i++) {
        if (LOAD(&set[i].digest[0]) != digest[0] || !copy(&slot, &set[i]) ||
            memcmp(slot.digest, digest, sizeof(digest)) != 0)
            continue;
        if (slot.until <= (apr_uint64_t)now || slot.len < 1 || slot.len > AUTH_MEMORY_USER_MAX)
            return 0;
        memcpy(user, slot.user, slot.len);
        user[slot.len] = '\0';
        return 1;
    }
    return 0;
}

/* Where a token is kept: in its own place if it has one, else in that of whichever is the first to
 * be forgotten; empty ones are before all others. NULL: others write everywhere. */
static auth_memory_slot_t *place_for(apr_uint64_t *version, auth_memory_slot_t *set,
                                     const apr_uint64_t *digest)
{
    auth_memory_slot_t *found = NULL, slot;
    apr_uint64_t until = 0;
    int i, is_own;

    for (i = 0; i < AUTH_MEMORY_WAYS; i++) {
        if (!copy(&slot, &set[i]))
            continue;
        is_own = !memcmp(slot.digest, digest, sizeof(slot.digest));
        if (!found || is_own || slot.until < until) {
            found = &set[i];
            until = slot.until;
            *version = slot.version;
        }
        if (is_own)
            break;
    }
    return found;
}

int auth_memory_keep(auth_memory_t *memory, const unsigned char sum[BASE_DIGEST_BYTES],
                     const char *user, apr_time_t until)
{
    apr_uint64_t digest[BASE_DIGEST_BYTES / 8], name[AUTH_MEMORY_USER_MAX / 8] = {0}, version = 0;
    const apr_size_t len = strlen(user);
    auth_memory_slot_t *slot;
    apr_size_t i;

    if (len < 1 || len > AUTH_MEMORY_USER_MAX)
        return 0;
    memcpy(digest, sum, sizeof(digest));
    memcpy(name, user, len);
    slot = place_for(&version, set_of(memory, digest), digest);
    if (!slot || !__atomic_compare_exchange_n(&slot->version, &version, version + 1, 0,
                                              __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
        return 0;
    STORE(&slot->until, (apr_uint64_t)until);
    for (i = 0; i < WORDS(digest); i++)
        STORE(&slot->digest[i], digest[i]);
    STORE(&slot->len, (apr_uint64_t)len);
    for (i = 0; i < WORDS(name); i++)
        STORE(&slot->user[i], name[i]);
    STORE(&slot->version, version + 2);
    return 1;
}
