/* provider_program.c - a model that is a program, or whoever reads our lines.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "json.h"
#include "provider_inside.h"
#include "say.h"

static void report_history(conformal_report *r, const provider *p,
                           const conformal_pursuit_history *h)
{
    conformal_report_begin_array(r, NULL);
    for (size_t k = 0; k < h->length; k++) {
        if (h->answers[k].answer < 0)
            continue;
        size_t q = (size_t)h->answers[k].query;
        conformal_report_begin_array(r, NULL);
        conformal_report_text(r, NULL, p->d->queries[q]);
        conformal_report_text(r, NULL, provider_answer_text(p, q, h->answers[k].answer));
        conformal_report_end_array(r);
    }
    conformal_report_end_array(r);
}

static conformal_status to_file(void *user, const char *bytes, size_t n, conformal_error *err)
{
    if (fwrite(bytes, 1, n, user) == n)
        return CONFORMAL_OK;
    return provider_fail(err, CONFORMAL_EIO, "the model's program takes no more requests: %s",
                strerror(errno));
}

static conformal_status send_request(provider *p, const char *id,
                                     const conformal_pursuit_history *histories,
                                     const size_t *which, size_t n, conformal_error *err)
{
    conformal_report *r;
    conformal_status status = conformal_report_create(NULL, &r, err);
    if (status != CONFORMAL_OK)
        return status;
    conformal_report_text(r, "id", id);
    conformal_report_text(r, "op", "posterior");
    conformal_report_begin_array(r, "histories");
    for (size_t i = 0; i < n; i++)
        report_history(r, p, &histories[which[i]]);
    conformal_report_end_array(r);
    conformal_report_begin_array(r, "classes");
    for (size_t y = 0; y < p->d->n_classes; y++)
        conformal_report_text(r, NULL, p->d->classes[y]);
    conformal_report_end_array(r);
    status = conformal_report_write(r, CONFORMAL_FORMAT_JSON, to_file, p->to, err);
    conformal_report_free(r);
    if (status == CONFORMAL_OK && fflush(p->to) != 0)
        status = to_file(p->to, "", 1, err);
    return status;
}

static void softmax(double *x, size_t n)
{
    double most = -HUGE_VAL, sum = 0.0;
    for (size_t y = 0; y < n; y++)
        most = fmax(most, x[y]);
    for (size_t y = 0; y < n; y++)
        sum += x[y] = exp(x[y] - most);
    for (size_t y = 0; y < n; y++)
        x[y] /= sum;
}

/* A line that answers no request of ours, while we wait: said to be early. */
static conformal_status too_early(provider *p, conformal_error *err)
{
    static const char line[] = "{\"id\": null, \"ok\": false, \"error\": \"busy\", \"message\": "
                               "\"the answer to the posterior request comes first\"}\n";
    if (p->child != 0)
        return provider_fail(err, CONFORMAL_EIO, "the model's program answered another request than ours");
    conformal_status status = to_file(p->to, line, sizeof line - 1, err);
    return status == CONFORMAL_OK && fflush(p->to) != 0 ? to_file(p->to, "", 1, err) : status;
}

static conformal_status read_reply(provider *p, const char *id, size_t n, double *x,
                                   conformal_error *err)
{
    size_t classes = p->d->n_classes;
    json_object o;
    for (;;) {
        if (getline(&p->line, &p->line_room, p->from) < 0)
            return provider_fail(err, CONFORMAL_EIO, "the model's program ended without an answer");
        const char *wrong = json_read(p->line, &o);
        if (wrong != NULL)
            return provider_fail(err, CONFORMAL_EIO, "the model's answer is not JSON: %s", wrong);
        const json_member *m = json_find(&o, "id");
        if (m != NULL && m->kind == JSON_TEXT && strcmp(m->text, id) == 0)
            break;
        conformal_status status = too_early(p, err);
        if (status != CONFORMAL_OK)
            return status;
    }
    const json_member *given = json_find(&o, "p"), *logits = json_find(&o, "logits");
    const json_member *m = given != NULL ? given : logits;
    if (m == NULL || m->kind != JSON_NESTED || !json_matrix(m->text, n, classes, x))
        return provider_fail(err, CONFORMAL_EIO,
                    "the model's answer has no \"p\" or \"logits\" of %zu x %zu numbers", n,
                    classes);
    for (size_t i = 0; i < n && given == NULL; i++)
        softmax(x + i * classes, classes);
    return CONFORMAL_OK;
}

conformal_status provider_ask(provider *p, const conformal_pursuit_history *histories,
                              const size_t *which, size_t n, double *x, conformal_error *err)
{
    char id[32];
    snprintf(id, sizeof id, "m%llu", (unsigned long long)++p->requests);
    conformal_status status = send_request(p, id, histories, which, n, err);
    return status == CONFORMAL_OK ? read_reply(p, id, n, x, err) : status;
}

/* ------------------------------------------------------------------ starting and ending */

int provider_start(const call *c, provider *p, const char *program)
{
    int down[2], up[2];
    if (pipe(down) != 0 || pipe(up) != 0 || (p->child = fork()) < 0) {
        say_error(c, "--model exec: %s", strerror(errno));
        p->child = 0;
        return EXIT_IO;
    }
    if (p->child == 0) {
        signal(SIGPIPE, SIG_DFL);
        dup2(down[0], STDIN_FILENO);
        dup2(up[1], STDOUT_FILENO);
        close(down[0]), close(down[1]), close(up[0]), close(up[1]);
        execl("/bin/sh", "sh", "-c", program, (char *)NULL);
        _exit(127);
    }
    close(down[0]);
    close(up[1]);
    p->to = fdopen(down[1], "w");
    p->from = fdopen(up[0], "r");
    return p->to != NULL && p->from != NULL ? EXIT_DONE : EXIT_IO;
}

void provider_stop(provider *p)
{
    if (p->child == 0)
        return;
    if (p->to != NULL) /* the end of its input is its sign to go */
        fclose(p->to);
    if (p->from != NULL)
        fclose(p->from);
    while (waitpid(p->child, NULL, 0) < 0 && errno == EINTR)
        continue;
}
