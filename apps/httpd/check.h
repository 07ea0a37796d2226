/* httpd/check.h - is that server well? For a container's health check. */
#ifndef HTTPD_CHECK_H
#define HTTPD_CHECK_H

/* Asks for the URL and returns an exit status: 0 when the answer is a 2xx within five seconds; 1 when it is
 * not, 2 when that is no URL that can be asked; then one line on stderr says why. */
int check_url(const char *text);

#endif
