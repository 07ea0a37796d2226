/* httpd/logfile.h - the file of the access log: one thread of its own writes it, so that a slow disk holds up
 * neither a loop nor the work of other threads.
 */
#ifndef HTTPD_LOGFILE_H
#define HTTPD_LOGFILE_H

#include <gyre/gyre.h>

/* yours: one for the program, shared by its shards. */
struct logfile;

/* Opens the file ("-": stdout) for appending. NULL: it was said on stderr why not. */
struct logfile *logfile_open(const char *path);

/* Ends it, and says what was lost; NULL is fine. What is being written then is not waited for. */
void logfile_close(struct logfile *file);

/* The executor of the one thread that writes, lent. */
gyre_executor *logfile_executor(const struct logfile *file);

/* Writes whole lines. An error is said on stderr, now and then, and the lines count as lost. On the writing
 * thread. */
void logfile_write(struct logfile *file, const char *data, size_t len);

/* So many lines had no room. [any thread] */
void logfile_lose(struct logfile *file, uint64_t lines);

/* Opens the path of a struct logfile anew, after a rotation; returns 0. On the writing thread. */
int logfile_reopen(void *file);

#endif
