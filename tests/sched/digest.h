/* digest.h - MD5, by OpenSSL. */
#ifndef SCHED_DIGEST_H
#define SCHED_DIGEST_H

#include <stddef.h>

enum { DIGEST_LENGTH = 32 };

/* Writes the MD5 of the bytes as hexadecimal digits. */
void digest(const void *bytes, size_t size, char hexadecimal[DIGEST_LENGTH + 1]);

#endif
