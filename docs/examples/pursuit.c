/* pursuit.c - twenty questions with a model of one's own: which instrument is it?
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <conformal.h>
#include <stdio.h>

enum { CLASSES = 8, QUERIES = 6, ROWS = 400, TRUTH = 1 };

static const char *const classes[CLASSES] = {"violin", "cello",   "guitar", "harp",
                                             "flute",  "trumpet", "piano",  "drum"};
static const char *const questions[QUERIES] = {"has strings",         "is blown",
                                               "stands on the floor", "has a bow",
                                               "has valves",          "has a keyboard"};
static const int yes[CLASSES][QUERIES] = {{1, 0, 0, 1, 0, 0}, {1, 0, 1, 1, 0, 0},
                                          {1, 0, 0, 0, 0, 0}, {1, 0, 1, 0, 0, 0},
                                          {0, 1, 0, 0, 0, 0}, {0, 1, 0, 0, 1, 0},
                                          {1, 0, 1, 0, 0, 1}, {0, 0, 1, 0, 0, 0}};

/* The model: anything that has a probability for each class. This one is too sure. */
static conformal_status posterior(void *user, const conformal_pursuit_history *histories,
                                  size_t n, double *p, conformal_error *err)
{
    (void)user, (void)err;
    for (size_t i = 0; i < n; i++, p += CLASSES) {
        double sum = 0.0;
        for (int y = 0; y < CLASSES; y++) {
            p[y] = 1.0;
            for (size_t k = 0; k < histories[i].length; k++) {
                conformal_pursuit_answer a = histories[i].answers[k];
                if (a.answer >= 0) /* else nobody knew */
                    p[y] *= a.answer == yes[y][a.query] ? 0.99 : 0.01;
            }
            sum += p[y];
        }
        for (int y = 0; y < CLASSES; y++)
            p[y] /= sum;
    }
    return CONFORMAL_OK;
}

/* The expert, who is wrong once in ten: cases to calibrate with. */
static conformal_status cases(int32_t *answers, int32_t *labels, conformal_error *err)
{
    double u[ROWS * (QUERIES + 1)], *next = u;
    conformal_status status = conformal_uniforms(7, 0, 0, ROWS * (QUERIES + 1), u, err);
    for (int i = 0; i < ROWS && status == CONFORMAL_OK; i++) {
        labels[i] = (int32_t)(*next++ * CLASSES);
        for (int q = 0; q < QUERIES; q++)
            *answers++ = *next++ < 0.1 ? !yes[labels[i]][q] : yes[labels[i]][q];
    }
    return status;
}

int main(void)
{
    int32_t answers[ROWS * QUERIES], labels[ROWS];
    const size_t two[QUERIES] = {2, 2, 2, 2, 2, 2};
    double chance[QUERIES * 2 * CLASSES]; /* P(answer | class, query), to choose by */
    conformal_pursuit_table first = CONFORMAL_PURSUIT_TABLE_INIT, second;
    conformal_pursuit_options o = CONFORMAL_PURSUIT_INIT;
    conformal_pursuit_model *model = NULL;
    conformal_pursuit_policy *policy = NULL;
    conformal_pursuit_session *session = NULL;
    conformal_pursuit_choice choice;
    unsigned char member[CLASSES];
    conformal_error err;
    size_t count;

    for (int q = 0; q < QUERIES; q++)
        for (int a = 0; a < 2; a++)
            for (int y = 0; y < CLASSES; y++)
                chance[(2 * q + a) * CLASSES + y] = a == yes[y][q] ? 0.9 : 0.1;
    if (cases(answers, labels, &err) != CONFORMAL_OK)
        goto failed;
    first.rows = ROWS / 2, first.queries = QUERIES;
    first.answers = answers, first.labels = labels;
    second = first; /* the other half */
    second.answers += first.rows * QUERIES, second.labels += first.rows;
    o.temperature = true; /* the first half says how sure the model may be */
    o.stop = CONFORMAL_PURSUIT_STOP_MAP, o.stop_value = 0.8;
    o.seed = 1;
    if (conformal_pursuit_callback(posterior, NULL, chance, CLASSES, QUERIES, two, NULL,
                                   &model, &err) != CONFORMAL_OK ||
        conformal_pursuit_policy_create(&o, model, &first, &second, NULL, &policy, &err) !=
            CONFORMAL_OK ||
        conformal_pursuit_open(policy, 0, &session, &err) != CONFORMAL_OK)
        goto failed;
    for (;;) {
        if (conformal_pursuit_next(session, &choice, NULL, NULL, &err) != CONFORMAL_OK)
            goto failed;
        if (choice.stop || choice.query < 0)
            break;
        int32_t answer = yes[TRUTH][choice.query]; /* ask the expert */
        if (conformal_pursuit_answer_query(session, choice.query, answer, &err) !=
            CONFORMAL_OK)
            goto failed;
        conformal_pursuit_state s = conformal_pursuit_state_of(session);
        printf("It %s: %s. Perhaps a %s (%.2f).\n", questions[choice.query],
               answer ? "yes" : "no", classes[s.best], s.p[s.best]);
    }
    if (conformal_pursuit_set_of(session, CONFORMAL_PURSUIT_SET_STOP, member, &count, &err) !=
        CONFORMAL_OK)
        goto failed;
    printf("With probability 0.9 it is among:");
    for (int y = 0; y < CLASSES; y++)
        if (member[y])
            printf(" %s", classes[y]);
    printf("\n");
    conformal_pursuit_close(session);
    conformal_pursuit_policy_free(policy);
    conformal_pursuit_model_free(model);
    return 0;
failed:
    fprintf(stderr, "%s\n", err.message);
    return 1;
}
