/* text.h - a text that grows. All zero is an empty one. */
#ifndef SCHED_TEXT_H
#define SCHED_TEXT_H

#include <stddef.h>

struct text {
    char *bytes;   /* zero-terminated; NULL before the first word */
    size_t length; /* bytes in it, without the zero */
    size_t room;   /* bytes there is place for */
};

/* Adds words at the end, as printf words them. */
void text_add(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The words, "" when there are none. */
const char *text_words(const struct text *text);

/* Forgets the words and keeps the place. */
void text_clear(struct text *text);

/* Frees the place too. */
void text_free(struct text *text);

#endif
