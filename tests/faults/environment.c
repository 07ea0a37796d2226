/* environment.c - a test that knows nothing of faults has some, when the environment says so.
 *
 * GYRE_FAULTS=unseen: calls are interrupted; ragged: they also do less than was asked; broken: they also
 * fail. GYRE_FAULTS_RATE of a thousand calls do, as GYRE_FAULTS_SEED decides.
 */
#include "fault.h"
#include "ledger.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static pid_t self;

static unsigned kinds_of(const char *word)
{
    if (!strcmp(word, "unseen"))
        return FAULT_UNSEEN;
    return strcmp(word, "ragged") ? FAULT_UNSEEN | FAULT_RAGGED | FAULT_BROKEN : FAULT_UNSEEN | FAULT_RAGGED;
}

static unsigned number(const char *name, unsigned otherwise)
{
    const char *text = getenv(name);

    return text ? (unsigned)strtoul(text, NULL, 10) : otherwise;
}

/* A child that was forked off tells nothing: its parent does. */
static void tell(void)
{
    if (getpid() != self)
        return;
    fault_end();
    fprintf(stderr, "%u faults injected\n", fault_injected());
    fault_log(0, 1, fault_injected());
}

/* After the classes were copied. */
__attribute__((constructor(65535))) static void begin(void)
{
    const char *word = getenv("GYRE_FAULTS");

    if (!word)
        return;
    self = getpid();
    fault_replace_calls();
    fault_begin(&(struct fault_plan){.kinds = kinds_of(word),
                                     .rate = number("GYRE_FAULTS_RATE", 200),
                                     .seed = number("GYRE_FAULTS_SEED", 1)});
    atexit(tell);
}
