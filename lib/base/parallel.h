/* parallel.h - one call, several threads, joined before it returns.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Plain threads made for the call: no pool that a fork() could orphan. */
#ifndef CF_PARALLEL_H
#define CF_PARALLEL_H

/* task(context, i) for i = 0 .. n_tasks - 1, at most `threads` at once, task 0 always in the
 * calling thread. Tasks must not call back into user code. If a thread cannot be
 * started its tasks run here: the call cannot fail. */
void cf_parallel(unsigned threads, unsigned n_tasks, void (*task)(void *context, unsigned i),
                 void *context);

#endif
