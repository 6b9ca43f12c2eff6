/* oom.h - an allocator that counts, and fails when told to.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A sweep runs one call with the 0th, 1st, 2nd .. allocation failing, until it succeeds:
 *
 *     struct oom oom = OOM_INIT;
 *     do {
 *         conformal_allocator a = oom_next(&oom);
 *         double t = -1.0;
 *         status = conformal_quantile(scores, 3, 0.5, &a, &t, NULL);
 *         oom_check(&oom, status);
 *         assert_close(t, status == CONFORMAL_OK ? 1.75 : -1.0, 0);
 *     } while (status == CONFORMAL_ENOMEM);
 *     oom_done(&oom, 1);
 *
 * Where the call hands out an object, free it before oom_check(). */
#ifndef OOM_H
#define OOM_H

#include <check.h>
#include <stdbool.h>
#include <stdlib.h>

#include "conformal/array.h"
#include "conformal/error.h"

struct oom {
    size_t attempts; /* calls so far; the next one fails its attempts-th allocation */
    size_t countdown;
    size_t live; /* blocks handed out and not yet given back */
    bool fired;
};
#define OOM_INIT {0, 0, 0, false}

static inline void *oom_resize(void *user, void *ptr, size_t size)
{
    struct oom *oom = user;
    if (size == 0) {
        if (ptr != NULL)
            oom->live--;
        free(ptr);
        return NULL;
    }
    if (!oom->fired && oom->countdown-- == 0) {
        oom->fired = true;
        return NULL;
    }
    void *block = realloc(ptr, size);
    if (ptr == NULL && block != NULL)
        oom->live++;
    return block;
}

/* The allocator of the next attempt; oom must outlive all objects made with it. */
static inline conformal_allocator oom_next(struct oom *oom)
{
    conformal_allocator a = {oom_resize, oom};
    oom->countdown = oom->attempts++;
    oom->fired = false;
    return a;
}

/* After each attempt: nothing leaked, and ENOMEM exactly when the fault fired (a call that
 * lives with a failed allocation, or that invents one, is worth a look). */
static inline void oom_check(const struct oom *oom, conformal_status status)
{
    ck_assert_msg(oom->live == 0, "attempt %zu leaks %zu blocks", oom->attempts, oom->live);
    ck_assert_msg(oom->fired == (status == CONFORMAL_ENOMEM), "attempt %zu: fault %s, but %s",
                  oom->attempts, oom->fired ? "fired" : "did not fire",
                  conformal_status_name(status));
    ck_assert_msg(status == CONFORMAL_ENOMEM || status == CONFORMAL_OK, "attempt %zu: %s",
                  oom->attempts, conformal_status_name(status));
}

/* After the sweep: at least `allocations` faults were really injected. */
static inline void oom_done(const struct oom *oom, size_t allocations)
{
    ck_assert_msg(oom->attempts > allocations, "only %zu allocations were made to fail",
                  oom->attempts - 1);
}

#endif
