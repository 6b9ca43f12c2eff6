/* cmd_demo.c - conformal demo: the main job on real data, in plain words.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Every step is a command line that anybody can repeat; it is printed, then run by this very
 * program. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "out.h"
#include "record.h"
#include "say.h"

typedef struct options {
    common_options common;
    const char *datasets;
} options;

static const opt table[] = {
    {OPT_TEXT, 0, "datasets", offsetof(options, datasets), "DIR",
     "where the bundled CSV files are", NULL},
    COMMON_STORE_OPTIONS,
    {OPT_FLAG, 'q', "quiet", offsetof(common_options, quiet), NULL, "no notes, no progress",
     NULL},
    {OPT_FLAG, 'h', "help", offsetof(common_options, help), NULL, "show this help and exit",
     NULL},
    OPTIONS_END,
};

enum { MOST_WORDS = 32, LINE = 1024 };

typedef struct story {
    const call *c;
    char calibration[512], test[512], intervals[560], store[560];
} story;

/* Run "a b c" as a command line; %-words are the story's files. */
static int run_line(const story *s, const char *line)
{
    char copy[LINE], *argv[MOST_WORDS + 1], *rest = copy;
    int argc = 0;
    snprintf(copy, sizeof copy, "%s", line);
    for (char *word; argc < MOST_WORDS && (word = strtok_r(rest, " ", &rest)) != NULL;)
        argv[argc++] = strcmp(word, "%cal") == 0         ? (char *)(uintptr_t)s->calibration
                       : strcmp(word, "%test") == 0      ? (char *)(uintptr_t)s->test
                       : strcmp(word, "%intervals") == 0 ? (char *)(uintptr_t)s->intervals
                       : strcmp(word, "%store") == 0     ? (char *)(uintptr_t)s->store
                                                         : word;
    argv[argc] = NULL;
    printf("  $ conformal");
    for (int i = 0; i < argc; i++)
        printf(" %s", argv[i]);
    putchar('\n');
    fflush(stdout);
    return command_run(argc, argv);
}

static int tell(const story *s, const char *words, const char *const *lines)
{
    int status = EXIT_DONE;
    printf("\n%s\n\n", words);
    for (; *lines != NULL && status == EXIT_DONE; lines++)
        status = run_line(s, *lines);
    return status;
}

static const struct {
    const char *words;
    const char *lines[4];
} chapters[] = {
    {"1. A model predicts the price of a diamond, and says of itself that 90 % of the prices "
     "lie\n"
     "   between its quantiles q05 and q95. On 10,000 stones that it has never seen:",
     {"evaluate --y price --lower q05 --upper q95 --format table %test", NULL}},
    {"   The promise was 90 %; 79 % is what it keeps. Nothing in the model says so.\n\n"
     "2. Conformal calibration asks 10,000 other stones how wrong the model is, and moves "
     "the\n"
     "   band until the promise is proved, whatever the model and whatever the data:",
     {"calibrate --y price --score cqr --lower q05 --upper q95 --alpha 0.1 --name band "
      "--store %store "
      "--format table %cal",
      "predict --name band --store %store -o %intervals %test",
      "evaluate --y price --format table %intervals", NULL}},
    {"   90 %, as promised, on stones used neither for training nor for calibration.\n\n"
     "3. The same from a point prediction and a guess of its error: intervals that are "
     "narrow\n"
     "   where the model is good, and wide where it is not:",
     {"calibrate --y price --yhat predicted --score normalized --scale scale --alpha 0.1 "
      "--name "
      "diamonds --store %store --format table %cal",
      "predict --name diamonds --store %store -o %intervals %test",
      "evaluate --y price --group cut --store %store --format table %intervals", NULL}},
    {"4. 90 % of all stones is not 90 % of the stones of every cut. With one width for all, "
     "the\n"
     "   rare cuts pay for the common ones:",
     {"predict --calibration %cal --y price --yhat predicted --alpha 0.1 -o %intervals %test",
      "evaluate --y price --group cut --format table %intervals", NULL}},
    {"   One threshold per cut (Mondrian) makes the promise to each of them:",
     {"predict --calibration %cal --y price --yhat predicted --group cut --alpha 0.1 -o "
      "%intervals "
      "%test",
      "evaluate --y price --group cut --format table %intervals", NULL}},
    {"5. What was calibrated, when, from which file, with which result, is kept in one SQLite "
     "file:",
     {"runs list --store %store --format table", "runs verify --store %store --format table",
      NULL}},
};

static bool readable(const char *folder, story *s)
{
    snprintf(s->calibration, sizeof s->calibration, "%s/diamonds_calibration.csv", folder);
    snprintf(s->test, sizeof s->test, "%s/diamonds_test.csv", folder);
    return access(s->calibration, R_OK) == 0 && access(s->test, R_OK) == 0;
}

/* --datasets, the source tree we stand in, or where make install put them. */
static bool find_datasets(const options *o, story *s)
{
    if (o->datasets != NULL)
        return readable(o->datasets, s);
    return readable("datasets", s) || readable(DATASETS, s);
}

static int run(const call *c)
{
    const options *o = c->options;
    story s = {.c = c};
    char folder[500];
    const char *temporary = getenv("TMPDIR");
    const char *named = record_path(c, false);
    int status = EXIT_DONE;
    if (!find_datasets(o, &s)) {
        say_error(c, "%s: not there (--datasets DIR says where the bundled CSV files are)",
                  s.calibration);
        return EXIT_IO;
    }
    snprintf(folder, sizeof folder, "%s/conformal-demo.XXXXXX",
             temporary != NULL && temporary[0] != '\0' ? temporary : P_tmpdir);
    if (mkdtemp(folder) == NULL) {
        say_error(c, "%s: no folder could be made there", folder);
        return EXIT_IO;
    }
    snprintf(s.intervals, sizeof s.intervals, "%s/intervals.csv", folder);
    if (named != NULL)
        snprintf(s.store, sizeof s.store, "%s", named);
    else
        snprintf(s.store, sizeof s.store, "%s/conformal.db", folder);
    printf("Diamonds: intervals with a proved error rate around any model's predictions.\n");
    for (size_t i = 0; i < sizeof chapters / sizeof chapters[0] && status == EXIT_DONE; i++)
        status = tell(&s, chapters[i].words, chapters[i].lines);
    if (status == EXIT_DONE)
        printf("\n   It is an ordinary database, with views for people:\n\n"
               "  $ sqlite3 %s 'select name, alpha, n, upper from thresholds'\n\n"
               "The intervals of the last step are in %s.\n", s.store, s.intervals);
    return status;
}

static const options defaults;

const command cmd_demo = {
    "demo",
    "",
    "The main job on a bundled dataset, end to end, in plain words",
    "Runs calibrate, predict, evaluate and runs on 20,000 diamonds, printing every command "
    "line.\n"
    "Results go to a new folder of the system's temporary directory, or to --store.",
    "  conformal demo\n  conformal demo --store lab.db",
    table,
    sizeof(options),
    &defaults,
    0,
    0,
    run};
