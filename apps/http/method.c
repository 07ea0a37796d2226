/* http/method.c - the names of methods, from llhttp's table. */
#include "http/method.h"
#include <llhttp.h>
#include <string.h>

int http__method_number(const char *name)
{
    for (int number = HTTP_DELETE; number <= HTTP_SOURCE; number++)
        if (number != HTTP_CONNECT && !strcmp(name, http__method_name((unsigned)number)))
            return number;
    return -1;
}

const char *http__method_name(unsigned number)
{
    return llhttp_method_name((llhttp_method_t)number);
}
