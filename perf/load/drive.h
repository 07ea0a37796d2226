/* drive.h - the run itself: many connections on one thread, with or without a rate. */
#ifndef LOAD_DRIVE_H
#define LOAD_DRIVE_H

#include "plan.h"

/* Runs the plan and prints `requests elapsed_s p50_us p99_us errors`, and the percentiles if the plan wants
 * them.
 */
void drive(const struct plan *plan);

#endif
