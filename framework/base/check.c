/* base/check.c - the last words. */
#include "base/check.h"
#include <stdio.h>
#include <stdlib.h>

_Noreturn void gyre__abort(const char *file, int line, const char *sentence)
{
    fprintf(stderr, "gyre: %s (%s:%d)\n", sentence, file, line);
    abort();
}
