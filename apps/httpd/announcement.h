/* httpd/announcement.h - what gyre-httpd says when it listens. */
#ifndef HTTPD_ANNOUNCEMENT_H
#define HTTPD_ANNOUNCEMENT_H

#include "httpd/listen.h"

/* One line: where it listens, and why there are so many shards. malloc'd. */
char *announcement(const struct options *options, const struct listening *listening);

#endif
