/* measure.c - two commands side by side: time, memory, ratio.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 *   measure [-n RUNS] NAME COMMAND PEER-NAME PEER-COMMAND
 *
 * Whole processes, run in turn (A B A B ...) after one warm-up each, through /bin/sh; wall
 * time by the monotonic clock, peak memory as the kernel counts it. Prints medians and the
 * median of the ratios pair by pair, so that a machine whose speed drifts is fair to both. */
#define _DEFAULT_SOURCE /* wait4 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MAX_RUNS = 99 };

typedef struct series {
    const char *name;
    const char *command;
    double seconds[MAX_RUNS];
    long kilobytes;
} series;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double run(series *s)
{
    double start = now();
    pid_t child = fork();
    if (child == 0) {
        execl("/bin/sh", "sh", "-c", s->command, (char *)NULL);
        _exit(127);
    }
    int status = 0;
    struct rusage usage;
    if (child < 0 || wait4(child, &status, 0, &usage) < 0 || status != 0) {
        fprintf(stderr, "measure: '%s' failed\n", s->command);
        exit(1);
    }
    if (usage.ru_maxrss > s->kilobytes)
        s->kilobytes = usage.ru_maxrss;
    return now() - start;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(const double *x, int n)
{
    double sorted[MAX_RUNS];
    memcpy(sorted, x, (size_t)n * sizeof *x);
    qsort(sorted, (size_t)n, sizeof *sorted, by_value);
    return n % 2 ? sorted[n / 2] : 0.5 * (sorted[n / 2 - 1] + sorted[n / 2]);
}

int main(int argc, char **argv)
{
    int runs = 3, at = 1;
    if (argc > 2 && strcmp(argv[1], "-n") == 0) {
        runs = atoi(argv[2]);
        at = 3;
    }
    if (argc - at != 4 || runs < 1 || runs > MAX_RUNS) {
        fputs("usage: measure [-n RUNS] NAME COMMAND PEER-NAME PEER-COMMAND\n", stderr);
        return 2;
    }
    series ours = {argv[at], argv[at + 1], {0}, 0},
           peer = {argv[at + 2], argv[at + 3], {0}, 0};
    double ratio[MAX_RUNS];
    run(&ours);
    run(&peer);
    for (int i = 0; i < runs; i++) {
        ours.seconds[i] = run(&ours);
        peer.seconds[i] = run(&peer);
        ratio[i] = peer.seconds[i] / ours.seconds[i];
    }
    printf("  %-28s %9.3f s  %8.1f MB\n", ours.name, median(ours.seconds, runs),
           (double)ours.kilobytes / 1024);
    printf("  %-28s %9.3f s  %8.1f MB\n", peer.name, median(peer.seconds, runs),
           (double)peer.kilobytes / 1024);
    printf("  %-28s %9.1f x\n", "ratio (peer / ours)", median(ratio, runs));
    return 0;
}
