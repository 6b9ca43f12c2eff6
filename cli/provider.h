/* provider.h - a model that is somebody else's: a program, a table of probabilities, or whoever
 * reads our lines.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CLI_PROVIDER_H
#define CLI_PROVIDER_H

#include "pursuit.h"

typedef struct provider provider;

/* Into d->provider what --model asks for, once all names are known; NULL for a model of ours.
 * Returns an exit status. */
int provider_open(const call *c, const pursuit_options *o, pursuit_data *d);
void provider_close(provider *p);

/* The model; how likely answers are comes from the rows set apart to fit, or the oracle. */
conformal_status provider_model(provider *p, const pursuit_options *o, const pursuit_data *d,
                                const pursuit_split *s, conformal_pursuit_model **model,
                                conformal_error *err);

/* Before calibration: a note on how many histories it may ask for; refuse if they are more than
 * --max-calls allows. */
int provider_announce(const call *c, const pursuit_data *d, const pursuit_split *s,
                      const conformal_pursuit_options *want);

/* What it has said so far, lent, into a record; and back. */
void provider_tell(const provider *p, conformal_policy_record *r);
int provider_recall(const call *c, provider *p, const conformal_policy_record *r);

#endif
