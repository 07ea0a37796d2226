/* httpd/number.h - whole numbers that people write, in flags and in paths, and that they read in a log. */
#ifndef HTTPD_NUMBER_H
#define HTTPD_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

/* Reads a decimal number from `least` to `most`. False, and *number untouched, for anything else. */
bool number_read(const char *text, long least, long most, long *number);

/* Writes a decimal number of at least `digits` digits, at most 20, and returns the end; adds no zero byte. */
char *number_write(char *at, uint64_t number, int digits);

#endif
