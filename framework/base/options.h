/* base/options.h - a caller's options, whichever version of their struct he was compiled with.
 *
 * Every option struct begins with its size: a shorter one leaves what it does not know at its default, of a
 * longer one the rest is not for us.
 */
#ifndef GYRE__OPTIONS_H
#define GYRE__OPTIONS_H

#include <stddef.h>
#include <string.h>

/* Copies options, which may be NULL, into `filled`, an option struct of `room` bytes that is zeroed. */
static inline void gyre__options_fill(void *filled, size_t room, const void *options)
{
    const size_t *size = options;

    if (options)
        memcpy(filled, options, *size < room ? *size : room);
    *(size_t *)filled = room;
}

#endif
