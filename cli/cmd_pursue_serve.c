/* cmd_pursue_serve.c - conformal pursue serve: sessions for a program, a JSON object a line.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "out.h"
#include "say.h"
#include "serve.h"

static conformal_status to_stdout(void *user, const char *bytes, size_t n, conformal_error *err)
{
    (void)user, (void)err;
    return fwrite(bytes, 1, n, stdout) == n ? CONFORMAL_OK : CONFORMAL_EIO;
}

/* Answer one line. Returns an exit status; EXIT_IO when nobody reads the answers. */
static int serve_line(server *s, char *line, size_t n, bool *gone)
{
    json_object object;
    conformal_error err;
    exchange x = {&object, out_new_report(s->c), NULL};
    if (x.out == NULL)
        return EXIT_MEMORY;
    const char *wrong = "a NUL byte";
    object.n = 0;
    if (memchr(line, 0, n) == NULL)
        wrong = json_read(line, &object);
    if (wrong != NULL)
        serve_refuse(&x, "syntax", wrong);
    else
        serve_request(s, &x);
    int status = EXIT_DONE;
    if (conformal_report_check(x.out, &err) != CONFORMAL_OK)
        status = say_failure(s->c, NULL, &err);
    else
        *gone = conformal_report_write(x.out, CONFORMAL_FORMAT_JSON, to_stdout, NULL, &err) !=
                    CONFORMAL_OK ||
                fflush(stdout) != 0;
    conformal_report_free(x.out);
    return status;
}

static int serve(server *s)
{
    char *line = NULL;
    size_t room = 0;
    bool gone = false;
    int status = EXIT_DONE;
    ssize_t n;
    while (status == EXIT_DONE && !gone && (n = getline(&line, &room, stdin)) >= 0)
        if (strspn(line, " \t\r\n") != (size_t)n)
            status = serve_line(s, line, (size_t)n, &gone);
    free(line);
    return status;
}

static int run(const call *c)
{
    const pursuit_options *o = c->options;
    pursuit_expert e;
    int status = pursuit_expert_open(c, o, "where requests come", &e);
    server s = {.c = c, .o = &e.o, .e = &e};
    if (status == EXIT_DONE) {
        s.member = malloc(e.data.n_classes + 1);
        s.values = malloc((2 * e.data.n_queries + 1) * sizeof *s.values);
        if (s.member != NULL && s.values != NULL) {
            status = serve(&s);
        } else {
            say_error(c, "out of memory");
            status = EXIT_MEMORY;
        }
    }
    for (size_t i = 0; i < s.n_sessions; i++)
        conformal_pursuit_close(s.sessions[i]);
    free(s.sessions);
    free(s.member);
    free(s.values);
    pursuit_expert_free(&e);
    return status;
}

static const opt table[] = {
    PURSUIT_NAME_OPTION("a policy in the store, instead of FILE"),
    PURSUIT_METHOD_OPTIONS,
    PURSUIT_POLICY_OPTIONS,
    PURSUIT_DATA_OPTIONS,
    COMMON_STORE_OPTIONS,
    COMMON_INPUT_OPTIONS,
    COMMON_TALK_OPTIONS,
    OPTIONS_END};

const command cmd_pursue_serve = {
    "pursue serve",
    "[FILE]",
    "Answer a program's requests, one JSON object a line",
    "Reads a JSON object a line from standard input and writes one for each, flushed at once.\n"
    "Operations (\"op\"): open, next, answer (\"q\", \"a\"; null: not known), undo, state, finish.\n"
    "\"id\" is echoed. An unknown operation or a wrong line is answered with \"ok\": false, and the\n"
    "stream goes on. Answering another query than the one proposed is allowed, and withdraws what\n"
    "is promised of the session's sets.",
    "  conformal pursue serve --name zoo < requests.jsonl\n"
    "  conformal pursue serve --label type --drop animal zoo.csv < requests.jsonl",
    table,
    sizeof(pursuit_options),
    &pursuit_defaults,
    0,
    1,
    run};
