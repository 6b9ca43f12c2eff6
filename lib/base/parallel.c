/* parallel.c - one call, several threads, joined before it returns.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/parallel.h"

#include <pthread.h>

enum { MOST_THREADS = 64 };

typedef struct worker {
    void (*task)(void *context, unsigned i);
    void *context;
    unsigned first, stride, n_tasks;
} worker;

static void *work(void *argument)
{
    worker *w = argument;
    for (unsigned i = w->first; i < w->n_tasks; i += w->stride)
        w->task(w->context, i);
    return NULL;
}

void cf_parallel(unsigned threads, unsigned n_tasks, void (*task)(void *context, unsigned i),
                 void *context)
{
    pthread_t thread[MOST_THREADS];
    worker workers[MOST_THREADS];
    unsigned n = threads < n_tasks ? threads : n_tasks, started = 1;
    if (n > MOST_THREADS)
        n = MOST_THREADS;
    if (n == 0)
        n = 1;
    for (unsigned t = 0; t < n; t++) {
        worker w = {task, context, t, n, n_tasks};
        workers[t] = w;
    }
    while (started < n && pthread_create(&thread[started], NULL, work, &workers[started]) == 0)
        started++;
    work(&workers[0]);
    for (unsigned t = started; t < n; t++) /* those that could not be started */
        work(&workers[t]);
    for (unsigned t = 1; t < started; t++)
        pthread_join(thread[t], NULL);
}
