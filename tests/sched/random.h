/* random.h - the numbers of Python's random.Random(seed): MT19937, seeded by an array, drawn by rejection. */
#ifndef SCHED_RANDOM_H
#define SCHED_RANDOM_H

#include <stdint.h>

enum { RANDOM_WORDS = 624 };

struct random {
    uint32_t words[RANDOM_WORDS]; /* the state */
    int next;                     /* the word that is drawn next; RANDOM_WORDS: all are used up */
};

/* Python: random.Random(seed) */
void random_seed(struct random *random, uint64_t seed);

/* Python: randrange(count), 0 <= result < count */
int random_below(struct random *random, int count);

/* Python: randint(low, high), both included */
int random_between(struct random *random, int low, int high);

/* Python: sample(range(count), chosen) for a count of at most 21 */
void random_sample(struct random *random, int count, int chosen, int *sample);

#endif
