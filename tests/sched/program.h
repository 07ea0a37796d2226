/* program.h - programs of the line format, as sched_fuzz.py and wide.py describe it, read into memory. */
#ifndef SCHED_PROGRAM_H
#define SCHED_PROGRAM_H

#include <stdbool.h>
#include <stdio.h>

enum {
    OBJECTS = 3,    /* of each kind */
    MOST_TASKS = 9, /* in a program */
    MOST_NUMBERS = 3
};

struct op;

/* One line: an operation and its numbers. */
struct step {
    const struct op *op;
    int numbers[MOST_NUMBERS];
    char label[24]; /* "<task>.<step>", what the step sets and puts */
    int line;       /* where it stands in the file */
};

/* What one task does. */
struct body {
    char mode; /* 'p': a cancellation ends it, 's': it goes on, 'e': exceptions end it too; 0: no such task */
    int count; /* steps */
    struct step *steps;
};

struct program {
    struct body bodies[MOST_TASKS];
    int starts[MOST_TASKS]; /* the tasks that are started from outside, in this order */
    int start_count;
    bool wide; /* of the wide grammar: its trace says more at the end */
};

/* A file of programs that is being read. */
struct source {
    FILE *file;
    const char *name; /* for complaints */
    int line;         /* the last line read */
};

/* Reads the next program, which ends with its "start" line: 1; 0 at the end of the file; -1 after a complaint
 * on stderr. */
int program_read(struct program *program, struct source *source);

void program_free(struct program *program);

#endif
