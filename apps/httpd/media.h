/* httpd/media.h - what kind of data a file holds, by the end of its name. */
#ifndef HTTPD_MEDIA_H
#define HTTPD_MEDIA_H

/* The media type, "application/octet-stream" where the name tells nothing. */
const char *media_type(const char *path);

#endif
