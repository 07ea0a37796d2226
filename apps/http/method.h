/* http/method.h - the names of methods and the numbers that llhttp gives them. */
#ifndef HTTP__METHOD_H
#define HTTP__METHOD_H

/* The number of a method that can be served; -1 when there is none. The case counts. */
int http__method_number(const char *name);

/* The name of a method that was parsed. */
const char *http__method_name(unsigned number);

#endif
