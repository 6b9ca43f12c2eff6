/* error.c - status names and the single constructor of conformal_error.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>

#include "conformal/number.h"

static const struct {
    const char *name;
    const char *text;
} statuses[] = {
    [CONFORMAL_OK] = {"OK", "success"},
    [CONFORMAL_EINVAL] = {"EINVAL", "unusable argument"},
    [CONFORMAL_EDOM] = {"EDOM", "number outside its domain"},
    [CONFORMAL_ENAN] = {"ENAN", "not a number"},
    [CONFORMAL_EDIM] = {"EDIM", "shapes disagree"},
    [CONFORMAL_ENOMEM] = {"ENOMEM", "out of memory"},
    [CONFORMAL_ESYNTAX] = {"ESYNTAX", "malformed text"},
    [CONFORMAL_ENOTFOUND] = {"ENOTFOUND", "no such name"},
    [CONFORMAL_EEXISTS] = {"EEXISTS", "name already taken"},
    [CONFORMAL_EIO] = {"EIO", "input or output failed"},
    [CONFORMAL_EFULL] = {"EFULL", "disk full"},
    [CONFORMAL_EBUSY] = {"EBUSY", "store in use"},
    [CONFORMAL_ECORRUPT] = {"ECORRUPT", "store damaged"},
    [CONFORMAL_EVERSION] = {"EVERSION", "store of a newer version"},
    [CONFORMAL_ECANCELLED] = {"ECANCELLED", "cancelled by the caller"},
};

#define N_STATUSES (sizeof statuses / sizeof statuses[0])

const char *conformal_status_name(conformal_status status)
{
    size_t i = (size_t)status;
    return i < N_STATUSES && statuses[i].name ? statuses[i].name : "EUNKNOWN";
}

const char *conformal_status_text(conformal_status status)
{
    size_t i = (size_t)status;
    return i < N_STATUSES && statuses[i].text ? statuses[i].text : "unknown status";
}

conformal_status cf_fail(conformal_error *err, conformal_status status,
                         const char *argument, size_t index,
                         const char *format, ...)
{
    if (err == NULL)
        return status;
    va_list args;
    err->status = status;
    err->index = index;
    err->line = 0;
    snprintf(err->argument, sizeof err->argument, "%s", argument);
    va_start(args, format);
    vsnprintf(err->message, sizeof err->message, format, args);
    va_end(args);
    return status;
}

conformal_status cf_fail_memory(conformal_error *err, size_t count, const char *what)
{
    return cf_fail(err, CONFORMAL_ENOMEM, "", CF_NO_INDEX, "no memory for %zu %s", count,
                   what);
}

cf_number_text cf_text_of(double x)
{
    cf_number_text t;
    conformal_number_write(x, t.text);
    return t;
}
