/* httpd/condition.h - is what the client has still good? Conditional requests (RFC 9110, section 13). */
#ifndef HTTPD_CONDITION_H
#define HTTPD_CONDITION_H

#include <stdbool.h>
#include <sys/stat.h>

enum { CONDITION_TAG_SIZE = 64 };

/* What a file is known by. */
struct validators {
    char tag[CONDITION_TAG_SIZE]; /* the strong entity tag, with its quotes */
    time_t modified;              /* Last-Modified */
};

enum { CONDITION_PARTS = 8 /* most fields that one list comes in; what is in others matches nothing */ };

/* The fields of a request that set conditions; NULL where one is absent. */
struct conditions {
    const char *match[CONDITION_PARTS];      /* If-Match: each of them */
    const char *unmodified_since;            /* If-Unmodified-Since */
    const char *none_match[CONDITION_PARTS]; /* If-None-Match: each of them */
    const char *modified_since;              /* If-Modified-Since */
    const char *range;                       /* If-Range */
};

/* From a file's status: its time of change to the nanosecond, size and inode. */
void validators_of(const struct stat *stat, struct validators *validators);

/* 304 or 412 when that is the answer to a GET or HEAD, else 0. */
int condition_status(const struct conditions *conditions, const struct validators *validators);

/* False when If-Range says that a part alone would not fit to what the client has. `now` decides whether a
 * date is old enough to tell two states of a file apart. */
bool condition_range(const struct conditions *conditions, const struct validators *validators, time_t now);

#endif
