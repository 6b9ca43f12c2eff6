/* cmd_version.c - conformal version: this program and what it stands on.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "out.h"
#include "say.h"

typedef struct options {
    common_options common;
} options;

static const opt table[] = {COMMON_OUTPUT_OPTIONS, OPTIONS_END};

static int run(const call *c)
{
    static const char *const components[] = {"compiler", "cflags", "gsl", "lapack", "sqlite"};
    conformal_report *r = out_new_report(c);
    if (r == NULL)
        return EXIT_MEMORY;
    conformal_report_text(r, "version", conformal_version());
    for (size_t i = 0; i < sizeof components / sizeof components[0]; i++)
        conformal_report_text(r, components[i], conformal_version_of(components[i]));
    int status = out_report(c, r, EXIT_DONE);
    conformal_report_free(r);
    return status;
}

static const options defaults;

const command cmd_version = {"version", "", "Show the version, the compiler and the libraries",
                             NULL, "  conformal version --format json", table, sizeof(options),
                             &defaults, 0, 0, run};
