/* cmd_pursue_play.c - conformal pursue play: a person answers.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pursuit.h"
#include "say.h"

enum { SHOWN = 3, REASONS = 5 };

typedef struct game {
    const call *c;
    const pursuit_expert *e;
    conformal_pursuit_session *session;
    unsigned char *member;  /* n_classes */
    size_t *order;          /* n_classes or n_queries, whichever are more */
    double *values, *bits;  /* n_queries */
    char *line;
    size_t room;
    bool echo, quit;
} game;

static const char *question(const pursuit_data *d, int32_t query)
{
    return d->texts[query] != NULL ? d->texts[query] : d->queries[query];
}

static const char *answer_name(const pursuit_data *d, int32_t query, size_t answer)
{
    const char *name = conformal_dictionary_names(d->answers[query])[answer];
    return name[0] != '\0' ? name : "(missing)";
}

/* ------------------------------------------------------------------ what is shown */

/* order: the n largest of p first, ties by code. */
static void rank(const double *p, size_t n, bool descending, size_t *order)
{
    for (size_t i = 0; i < n; i++) {
        size_t j = i;
        for (; j > 0 && (descending ? p[i] > p[order[j - 1]] : p[i] < p[order[j - 1]]); j--)
            order[j] = order[j - 1];
        order[j] = i;
    }
}

static conformal_status show_state(const game *g, conformal_error *err)
{
    const pursuit_data *d = &g->e->data;
    conformal_pursuit_state state = conformal_pursuit_state_of(g->session);
    bool followed = state.followed && state.length > 0; /* no step 0 in the promise */
    size_t count = 0;
    conformal_status status = conformal_pursuit_set_of(
        g->session, followed ? CONFORMAL_PURSUIT_SET_ANY : CONFORMAL_PURSUIT_SET_LENGTH, NULL,
        &count, err);
    if (status != CONFORMAL_OK)
        return status;
    printf("    %zu candidate%s%s", count, count == 1 ? "" : "s", followed ? "*" : "");
    rank(state.p, d->n_classes, true, g->order);
    for (size_t i = 0; i < SHOWN && i < d->n_classes; i++)
        printf("%s%s %.2f", i == 0 ? "   " : "  ", d->classes[g->order[i]],
               state.p[g->order[i]]);
    printf("   %.2f bits left\n", state.entropy);
    return CONFORMAL_OK;
}

/* How many candidates are expected after a question: each answer is tried, and taken back. */
static conformal_status expected_size(const game *g, size_t query, double *size,
                                      conformal_error *err)
{
    const conformal_pursuit_model *model = g->e->model;
    const double *chance = conformal_pursuit_chance(model);
    size_t classes = g->e->data.n_classes, first = 0;
    bool followed = conformal_pursuit_state_of(g->session).followed;
    conformal_status status = CONFORMAL_OK;
    double sum = 0.0, all = 0.0;
    for (size_t q = 0; q < query; q++)
        first += conformal_pursuit_answers(model, q);
    for (size_t a = 0; a < conformal_pursuit_answers(model, query) && status == CONFORMAL_OK;
         a++) {
        const double *p = conformal_pursuit_state_of(g->session).p;
        double likely = 0.0;
        size_t count;
        for (size_t y = 0; y < classes; y++)
            likely += p[y] * (chance != NULL ? chance[(first + a) * classes + y] : 1.0);
        status = conformal_pursuit_answer_query(g->session, (int32_t)query, (int32_t)a, err);
        if (status == CONFORMAL_ECORRUPT) { /* nobody would answer so */
            status = CONFORMAL_OK;
            continue;
        }
        if (status == CONFORMAL_OK)
            status = conformal_pursuit_set_of(
                g->session, followed ? CONFORMAL_PURSUIT_SET_ANY : CONFORMAL_PURSUIT_SET_LENGTH,
                NULL, &count, err);
        if (status == CONFORMAL_OK)
            status = conformal_pursuit_undo(g->session, err);
        sum += status == CONFORMAL_OK ? likely * (double)count : 0.0;
        all += likely;
    }
    *size = all > 0.0 ? sum / all : (double)classes;
    return status;
}

/* The best questions, what is left after each, and how good the policy thinks it is. */
static conformal_status show_why(const game *g, conformal_error *err)
{
    const pursuit_data *d = &g->e->data;
    conformal_pursuit_choice choice;
    conformal_status status =
        conformal_pursuit_next(g->session, &choice, g->values, g->bits, err);
    if (status != CONFORMAL_OK)
        return status;
    bool valued = !isnan(choice.objective);
    rank(valued ? g->values : g->bits, d->n_queries, false, g->order);
    for (size_t i = 0; i < REASONS && i < d->n_queries; i++) {
        size_t q = g->order[i];
        double size;
        if (!(g->bits[q] < HUGE_VAL))
            break;
        if ((status = expected_size(g, q, &size, err)) != CONFORMAL_OK)
            return status;
        printf("    %.2f bits and %.1f candidates left after", g->bits[q], size);
        if (valued && g->values[q] != g->bits[q])
            printf(" (objective %.3f)", g->values[q]);
        printf("  %s\n", question(d, (int32_t)q));
    }
    return CONFORMAL_OK;
}

static conformal_status show_end(const game *g, conformal_error *err)
{
    const pursuit_data *d = &g->e->data;
    const pursuit_options *o = &g->e->o;
    conformal_pursuit_state state = conformal_pursuit_state_of(g->session);
    conformal_pursuit_calibration k = conformal_pursuit_calibration_of(g->e->policy);
    bool followed = state.followed; /* the stop may be at once */
    size_t count;
    conformal_status status = conformal_pursuit_set_of(
        g->session, followed ? CONFORMAL_PURSUIT_SET_STOP : CONFORMAL_PURSUIT_SET_LENGTH,
        g->member, &count, err);
    if (status != CONFORMAL_OK)
        return status;
    printf("%s (p %.2f). ", d->classes[state.best], state.p[state.best]);
    if (followed)
        printf("%g %% set at the stop: {", 100.0 * (1.0 - o->alpha));
    else
        printf("Set, of which nothing is promised, for other questions were answered: {");
    const char *between = "";
    for (size_t y = 0; y < d->n_classes; y++)
        if (g->member[y]) {
            printf("%s%s", between, d->classes[y]);
            between = ", ";
        }
    printf("}. %zu question%s (average %.1f in calibration).\n", state.length,
           state.length == 1 ? "" : "s", k.mean_length);
    return CONFORMAL_OK;
}

/* ------------------------------------------------------------------ what is said */

/* A line without its end; false at the end of the input. */
static bool read_line(game *g)
{
    fflush(stdout);
    ssize_t n = getline(&g->line, &g->room, stdin);
    if (n < 0) {
        putchar('\n');
        return false;
    }
    while (n > 0 && (g->line[n - 1] == '\n' || g->line[n - 1] == '\r'))
        g->line[--n] = '\0';
    if (g->echo) /* a transcript reads like the dialogue it was */
        printf("%s\n", g->line);
    return true;
}

static void prompt(const game *g, size_t number, int32_t query)
{
    const pursuit_data *d = &g->e->data;
    printf("%2zu  %s [", number, question(d, query));
    for (size_t a = 0; a < conformal_dictionary_size(d->answers[query]); a++)
        printf("%s/", answer_name(d, query, a));
    printf("?/undo/why/quit] > ");
}

/* The answer's code; -2: nobody knows it. An unambiguous beginning will do. */
static int32_t code_of(const pursuit_data *d, int32_t query, const char *text)
{
    size_t n = conformal_dictionary_size(d->answers[query]), length = strlen(text);
    int32_t found = -2;
    if (strcmp(text, "?") == 0)
        return -1;
    for (size_t a = 0; a < n && length > 0; a++) {
        const char *name = answer_name(d, query, a);
        if (strcmp(name, text) == 0)
            return (int32_t)a;
        if (strncmp(name, text, length) == 0)
            found = found == -2 ? (int32_t)a : -3;
    }
    return found == -3 ? -2 : found;
}

/* One line to one question. *moved: the state is another one now. */
static conformal_status react(game *g, int32_t query, bool *moved, conformal_error *err)
{
    *moved = false;
    if (strcmp(g->line, "quit") == 0) {
        g->quit = true;
        return CONFORMAL_OK;
    }
    if (strcmp(g->line, "why") == 0)
        return show_why(g, err);
    if (strcmp(g->line, "undo") == 0) {
        conformal_status status = conformal_pursuit_undo(g->session, err);
        *moved = status == CONFORMAL_OK;
        if (status == CONFORMAL_ENOTFOUND) {
            puts("    there is no answer to take back");
            status = CONFORMAL_OK;
        }
        return status;
    }
    int32_t code = code_of(&g->e->data, query, g->line);
    if (code == -2) {
        printf("    '%s' is none of the answers; ? if you do not know\n", g->line);
        return CONFORMAL_OK;
    }
    conformal_status status = conformal_pursuit_answer_query(g->session, query, code, err);
    if (status == CONFORMAL_ECORRUPT) {
        puts("    no class allows this answer after the others: one of them is wrong (undo "
             "takes the last one back, ? leaves this one open)");
        return CONFORMAL_OK;
    }
    *moved = status == CONFORMAL_OK;
    return status;
}

static conformal_status play(game *g, conformal_error *err)
{
    conformal_pursuit_choice choice;
    conformal_status status;
    while (!g->quit) {
        bool moved = false;
        size_t number = conformal_pursuit_state_of(g->session).length + 1;
        if ((status = conformal_pursuit_next(g->session, &choice, NULL, NULL, err)) !=
            CONFORMAL_OK)
            return status;
        if (choice.stop || choice.query < 0)
            return show_end(g, err);
        while (!moved && !g->quit) {
            prompt(g, number, choice.query);
            if (!read_line(g)) {
                g->quit = true;
                break;
            }
            if ((status = react(g, choice.query, &moved, err)) != CONFORMAL_OK)
                return status;
        }
        if (moved && (status = show_state(g, err)) != CONFORMAL_OK)
            return status;
    }
    return CONFORMAL_OK;
}

/* Answers and true class as one more row, for the next calibration. */
static int append(game *g, const char *path)
{
    const pursuit_data *d = &g->e->data;
    for (;;) {
        fputs("What was it? [the class, or nothing if you do not know] > ", stdout);
        if (!read_line(g) || g->line[0] == '\0')
            return EXIT_DONE;
        if (conformal_dictionary_find(d->labels, g->line, strlen(g->line)) >= 0)
            break;
        printf("    '%s' is none of the classes\n", g->line);
    }
    conformal_pursuit_state state = conformal_pursuit_state_of(g->session);
    return pursuit_append(g->c, d, &state, g->line, path);
}

static void introduce(const game *g)
{
    const pursuit_data *d = &g->e->data;
    const pursuit_options *o = &g->e->o;
    conformal_pursuit_calibration k = conformal_pursuit_calibration_of(g->e->policy);
    printf("%zu classes, %zu questions. Candidates marked * hold the truth with probability "
           ">= %g %%\nafter every question of this policy at once (c_any = %.3g, from %zu "
           "cases).\n",
           d->n_classes, d->n_queries, 100.0 * (1.0 - o->alpha), k.any, k.n_second);
}

static int run(const call *c)
{
    const pursuit_options *o = c->options;
    pursuit_expert e;
    conformal_error err;
    int status = pursuit_expert_open(c, o, "where you answer", &e);
    game g = {.c = c, .e = &e, .echo = !isatty(STDIN_FILENO)};
    size_t width = e.data.n_classes > e.data.n_queries ? e.data.n_classes : e.data.n_queries;
    if (status == EXIT_DONE) {
        g.member = malloc(e.data.n_classes + 1);
        g.order = malloc((width + 1) * sizeof *g.order);
        g.values = malloc((2 * e.data.n_queries + 1) * sizeof *g.values);
        if (g.member == NULL || g.order == NULL || g.values == NULL) {
            say_error(c, "out of memory");
            status = EXIT_MEMORY;
        }
    }
    if (status == EXIT_DONE) {
        g.bits = g.values + e.data.n_queries;
        introduce(&g);
        if (conformal_pursuit_open(e.policy, o->case_id.value, &g.session, &err) !=
                CONFORMAL_OK ||
            play(&g, &err) != CONFORMAL_OK)
            status = say_failure(c, NULL, &err);
        else if (o->append != NULL && !g.quit)
            status = append(&g, o->append);
    }
    conformal_pursuit_close(g.session);
    free(g.member);
    free(g.order);
    free(g.values);
    free(g.line);
    pursuit_expert_free(&e);
    return status;
}

static const opt table[] = {
    PURSUIT_NAME_OPTION("a policy in the store, instead of FILE"),
    PURSUIT_METHOD_OPTIONS,
    PURSUIT_OPTION(OPT_TEXT, append, "append", "FILE",
                   "at the end ask for the true class and add the case to FILE", NULL),
    PURSUIT_OPTION(OPT_COUNT, case_id, "case", "N",
                   "which random numbers this case draws (default 0)", NULL),
    PURSUIT_POLICY_OPTIONS,
    PURSUIT_DATA_OPTIONS,
    COMMON_STORE_OPTIONS,
    COMMON_INPUT_OPTIONS,
    COMMON_TALK_OPTIONS,
    OPTIONS_END};

const command cmd_pursue_play = {
    "pursue play",
    "[FILE]",
    "Answer questions until the set says stop",
    "A model and a policy are made from the cases of FILE (or of --oracle), and you answer. An\n"
    "unambiguous beginning of an answer will do; ? leaves a question open, undo takes the last\n"
    "answer back, why shows the best questions, quit ends. A case given to the end by the\n"
    "policy's own questions has the coverage that was calibrated.",
    "  conformal pursue play --name zoo\n"
    "  conformal pursue play --label type --drop animal zoo.csv\n"
    "  conformal pursue play --oracle animals.csv --queries questions.csv --stop map:0.9",
    table,
    sizeof(pursuit_options),
    &pursuit_defaults,
    0,
    1,
    run};
