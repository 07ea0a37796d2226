/* httpd/number.c - whole numbers that people write. */
#include "httpd/number.h"
#include <errno.h>
#include <stdlib.h>

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
