/* httpd/logline.c - what a request was, in the order of the format. "-" stands for what is not known. */
#include "httpd/logline.h"
#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static char *put(char *at, const char *text)
{
    size_t len = strlen(text);

    memcpy(at, text, len);
    return at + len;
}

/* The address alone: "127.0.0.1", "::1". */
static char *put_peer(char *at, const http_request *request)
{
    const gyre_transport *transport = http_transport(request);
    char name[INET6_ADDRSTRLEN + 8];
    char *start = name;

    if (!transport || gyre_transport_get_peername(transport, name, sizeof name) < 0 || !strrchr(name, ':'))
        return put(at, "-");
    *strrchr(name, ':') = '\0';
    if (*start == '[') {
        start++;
        start[strcspn(start, "]")] = '\0';
    }
    return put(at, start);
}

static char *put_time(char *at, struct logline_clock *clock)
{
    time_t now = time(NULL);
    struct tm tm;

    if (now != clock->second || !clock->text[0]) {
        clock->second = now;
        strftime(clock->text, sizeof clock->text, "[%d/%b/%Y:%H:%M:%S +0000]", gmtime_r(&now, &tm));
    }
    return put(at, clock->text);
}

static char *put_request(char *at, http_request *request)
{
    const char *target = http_target(request);

    if (!*http_method(request))
        return put(at, " \"-\" ");
    at = put(put(put(at, " \""), http_method(request)), " ");
    at = put(escape_write(at, target ? target : "-"), " ");
    return put(put(at, http_version(request)), "\" ");
}

static char *put_field(char *at, http_request *request, const char *name)
{
    const char *value = http_header(request, name);

    at = put(at, " \"");
    at = value && *value ? escape_write(at, value) : put(at, "-");
    return put(at, "\"");
}

char *logline_write(char *at, const http_record *record, struct logline_clock *clock)
{
    at = put(put_peer(at, record->request), " - - ");
    at = put_request(put_time(at, clock), record->request);
    at += sprintf(at, "%d %" PRIu64, record->status, record->bytes);
    at = put_field(put_field(at, record->request, "Referer"), record->request, "User-Agent");
    return at + sprintf(at, " %.6f\n", record->seconds);
}
