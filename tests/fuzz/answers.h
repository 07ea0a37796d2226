/* answers.h - what a server said, held against what its observer was told. */
#ifndef GYRE_TESTS_ANSWERS_H
#define GYRE_TESTS_ANSWERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MOST_ANSWERS = 4096 };

/* One request that is over. */
struct answer {
    int status;
    uint64_t bytes; /* of the body */
    bool head;      /* the answer to HEAD */
    bool cut;       /* the handler broke it off */
};

/* The requests of a connection, in their order. */
struct answers {
    struct answer list[MOST_ANSWERS];
    size_t count;
};

/* Aborts unless the bytes are these answers, each with the body it announces, and nothing else. */
void answers_check(const struct answers *answers, const char *text, size_t len);

/* Aborts unless both clients, who sent the same, were answered the same. */
void answers_compare(const struct answers *one, const struct answers *other);

#endif
