/* httpd/notify.h - telling the service manager: READY=1, STOPPING=1, and WATCHDOG=1 while the loop turns. */
#ifndef HTTPD_NOTIFY_H
#define HTTPD_NOTIFY_H

#include <stdbool.h>

/* True when somebody wants to hear: NOTIFY_SOCKET is set. Call once, before there are threads. */
bool notify_begin(void);

/* Sends a message, if anybody wants it. Any thread. A manager that does not listen is no reason to stop. */
void notify(const char *message);

/* A coroutine, in one shard: says that it is alive, twice as often as it is asked to; and when it is
 * cancelled, that it is stopping. It stays alive until notify_end. */
int notify_run(void *arg);

/* No sign of life any more. In the same shard. */
void notify_end(void);

#endif
