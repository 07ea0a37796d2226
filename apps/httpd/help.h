/* httpd/help.h - what --help says. */
#ifndef HTTPD_HELP_H
#define HTTPD_HELP_H

extern const char help_text[];

#endif
