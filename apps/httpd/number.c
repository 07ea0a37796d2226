/* httpd/number.c - whole numbers, read and written. */
#include "httpd/number.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

bool number_read(const char *text, long least, long most, long *number)
{
    char *end;
    long value;

    if (text[0] < '0' || text[0] > '9')
        return false;
    errno = 0;
    value = strtol(text, &end, 10);
    if (errno || *end || value < least || value > most)
        return false;
    *number = value;
    return true;
}

/* By hand: printf takes longer than all else in a line of the log together. */
char *number_write(char *at, uint64_t number, int digits)
{
    char text[20];
    char *first = text + sizeof text;

    for (; number || digits > 0; number /= 10, digits--)
        *--first = (char)('0' + number % 10);
    memcpy(at, first, (size_t)(text + sizeof text - first));
    return at + (text + sizeof text - first);
}
