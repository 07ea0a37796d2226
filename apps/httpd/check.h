/* httpd/check.h - is that server well? For a container's health check. */
#ifndef HTTPD_CHECK_H
#define HTTPD_CHECK_H

/* Asks for the URL and returns an exit status: 0 when the answer is a 2xx within five seconds; 1 when it is
 * not, 2 when that is no URL that can be asked; then one line on stderr says why. The certificate of https
 * must be signed by one in `ca`, a file, and good for the URL's host. NULL: any will do; the question is
 * whether the server works, at an address that no certificate names, and an old certificate is none the newer
 * for a restart. */
int check_url(const char *text, const char *ca);

#endif
