/* pattern.c - what is sent: bytes that tell where they belong, in memory and in a file. */
#include "fuzz.h"
#include <fcntl.h>

static char pattern[2 * PERIOD + LONGEST];
static char path[] = "/tmp/gyre-pattern-XXXXXX";

static void write_file(void)
{
    int fd = mkstemp(path);

    if (fd < 0 || write(fd, pattern, sizeof pattern) != (ssize_t)sizeof pattern)
        abort();
    close(fd);
}

void pattern_begin(void)
{
    uint32_t word = 1;

    for (size_t i = 0; i < PERIOD; i++) {
        word = word * 1664525 + 1013904223;
        pattern[i] = (char)(word >> 24);
    }
    for (size_t i = PERIOD; i < sizeof pattern; i++)
        pattern[i] = pattern[i - PERIOD];
    write_file();
}

void pattern_end(void)
{
    unlink(path);
}

const char *pattern_at(uint64_t position)
{
    return pattern + position % PERIOD;
}

bool pattern_is(uint64_t position, const void *data, size_t len)
{
    const char *bytes = data;

    while (len > LONGEST) {
        if (memcmp(bytes, pattern_at(position), LONGEST) != 0)
            return false;
        bytes += LONGEST;
        position += LONGEST;
        len -= LONGEST;
    }
    return !memcmp(bytes, pattern_at(position), len);
}

const char *pattern_file(void)
{
    return path;
}
