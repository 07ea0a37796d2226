/* base/error.h - where the sentence of the last failure is kept: one place for each task, switched with it.
 */
#ifndef GYRE__ERROR_H
#define GYRE__ERROR_H

#include <gyre/error.h>
#include <stdbool.h>
#include <stddef.h>

/* The place of whoever runs on this thread: a malloc'd sentence or NULL. Points at the thread's own place
 * outside tasks. */
char **gyre__error_place(void);

/* Makes `place` (NULL: the thread's own) the current one and returns the one before, to be set back. */
char **gyre__error_switch(char **place);

/* Makes `text` (malloc'd, or NULL) the current sentence; takes it over. */
void gyre__error_put(char *text);

/* Makes a copy of `text`, or where it is NULL the code's own words, the current sentence. */
void gyre__error_tell(int err, const char *text);

/* The code, which its own words go with from now on; 0 for none. */
static inline int gyre__error_plain(int err)
{
    if (err)
        gyre__error_tell(err, NULL);
    return err;
}

/* The system's: -errno. */
static inline bool gyre__error_is_os(ptrdiff_t err)
{
    return err < 0 && err > GYRE_ECANCELLED;
}

#endif
