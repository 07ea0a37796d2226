/* base/backtrace.c - who called whom, as addresses and in words. */
#include "base/symbol.h"
#include <stdio.h>
#include <string.h>

#if __has_include(<execinfo.h>)
#include <execinfo.h>

enum { MOST = 64 };

size_t __attribute__((noinline)) gyre__backtrace(uintptr_t *addresses, size_t most)
{
    void *frames[MOST + 1];
    int count = backtrace(frames, (int)(most < MOST ? most : MOST) + 1);
    size_t kept = 0;

    for (int i = 1; i < count; i++)
        addresses[kept++] = (uintptr_t)frames[i];
    return kept;
}

#else

size_t gyre__backtrace(uintptr_t *addresses, size_t most)
{
    return 0;
}

#endif

void gyre__backtrace_prepare(void)
{
    uintptr_t address;

    gyre__backtrace(&address, 1);
}

static void add(char *words, size_t size, const char *name)
{
    size_t length = strlen(words);

    snprintf(words + length, size - length, "%s%s", length ? " < " : "", name);
}

void gyre__backtrace_words(const uintptr_t *addresses, size_t count, size_t most, char *words, size_t size)
{
    char name[128];
    size_t said = 0;

    *words = '\0';
    for (size_t i = 0; i < count && said < most; i++) {
        /* The call, not what follows it. */
        gyre__symbol(addresses[i] - 1, name, sizeof name);
        name[strcspn(name, "+")] = '\0';
        if (!said && !strncmp(name, "gyre_", 5))
            continue;
        add(words, size, name);
        said++;
    }
}
