/* play.h - one run of a scenario, and all of them. */
#ifndef GYRE_TESTS_FAULT_PLAY_H
#define GYRE_TESTS_FAULT_PLAY_H

#include "scenario.h"

/* How much is played, from the environment: FAULTS_RUNS, FAULTS_PAIRS, FAULTS_SEED. */
struct play_size {
    unsigned runs;  /* with one fault, for each scenario and driver; 0: every one there is */
    unsigned pairs; /* with two */
    unsigned seed;  /* decides which */
};

/* What was played. */
struct play_total {
    unsigned long scenarios, runs, faults;
};

/* One run with this plan, in this process. Returns what the scenario returned. */
int play_run(const struct scenario *scenario, const struct fault_plan *plan);

/* All runs of a scenario, on a driver. */
void play_all(const struct scenario *scenario, const struct play_size *size, struct play_total *total);

/* Words that play a run again: "NAME DRIVER CALL:INDEX:ERROR...". */
void play_say(char *words, size_t room, const struct scenario *scenario, const struct fault_plan *plan);

/* Reads a fault's word; false when it is none. */
bool play_read(const char *word, struct fault *fault);

/* Where the words of the current run are, for whoever reports its end. */
extern char *play_words;
enum { PLAY_WORDS = 200 };

#endif
