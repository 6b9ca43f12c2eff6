/* version.c - what this library was built with and runs on.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "conformal/version.h"

#include <string.h>

#include <gsl/gsl_version.h>
#include <sqlite3.h>

#if defined(__clang__)
#define COMPILER "clang " __clang_version__
#elif defined(__GNUC__)
#define COMPILER "gcc " __VERSION__
#else
#define COMPILER "unknown"
#endif

const char *conformal_version(void)
{
    return CONFORMAL_VERSION;
}

const char *conformal_version_of(const char *component)
{
    if (component == NULL)
        return NULL;
    if (strcmp(component, "compiler") == 0)
        return COMPILER;
    if (strcmp(component, "cflags") == 0)
        return BUILD_CFLAGS;
    if (strcmp(component, "gsl") == 0)
        return gsl_version;
    if (strcmp(component, "lapack") == 0)
        return LAPACKE_VERSION;
    if (strcmp(component, "sqlite") == 0)
        return sqlite3_libversion();
    return NULL;
}
