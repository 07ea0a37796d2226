/* httpd/accesslog.h - a line for each request of one shard: collected here, written by the log's thread.
 *
 * At most two buffers of a megabyte: one is filled while the other is written. Lines that find no
 * room are counted.
 */
#ifndef HTTPD_ACCESSLOG_H
#define HTTPD_ACCESSLOG_H

#include "httpd/logfile.h"
#include <http/http.h>

/* yours: one for each shard. */
struct accesslog;

/* The log of this shard; NULL: out of memory. */
struct accesslog *accesslog_begin(struct logfile *file);

/* An http_observer; `log` is the shard's log. */
void accesslog_note(const http_record *record, void *log);

/* Writes what is left, waiting at most some seconds; what comes later is lost. [suspends] */
void accesslog_end(struct accesslog *log);

/* Frees it, when nobody can note anything any more. */
void accesslog_free(struct accesslog *log);

#endif
