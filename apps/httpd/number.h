/* httpd/number.h - whole numbers that people write: in flags and in paths. */
#ifndef HTTPD_NUMBER_H
#define HTTPD_NUMBER_H

#include <stdbool.h>

/* Reads a decimal number from `least` to `most`. False, and *number untouched, for anything else. */
bool number_read(const char *text, long least, long most, long *number);

#endif
