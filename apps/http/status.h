/* http/status.h - the names of status codes (RFC 9110, section 15). */
#ifndef HTTP__STATUS_H
#define HTTP__STATUS_H

/* The reason phrase: "Not Found"; "Unknown" for codes that have none. Never NULL. */
const char *http__status_reason(int status);

#endif
