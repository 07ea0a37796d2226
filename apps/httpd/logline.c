/* httpd/logline.c - what a request was, in the order of the format. "-" stands for what is not known. */
#include "httpd/logline.h"
#include "httpd/number.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

static char *put(char *at, const char *text)
{
    size_t len = strlen(text);

    memcpy(at, text, len);
    return at + len;
}

static char *put_ipv4(char *at, struct in_addr address)
{
    const unsigned char *bytes = (const unsigned char *)&address;

    for (int i = 0; i < 4; i++) {
        at = number_write(at, bytes[i], 1);
        *at++ = '.';
    }
    return at - 1;
}

static char *put_ipv6(char *at, const struct in6_addr *address)
{
    char name[INET6_ADDRSTRLEN];

    return put(at, inet_ntop(AF_INET6, address, name, sizeof name));
}

/* The address alone: "127.0.0.1", "::1". */
static char *put_peer(char *at, const http_request *request)
{
    const gyre_transport *transport = http_transport(request);
    const struct sockaddr *peer =
        transport ? gyre_transport_get_extra_info(transport, "peername", NULL) : NULL;

    if (peer && peer->sa_family == AF_INET)
        return put_ipv4(at, ((const struct sockaddr_in *)peer)->sin_addr);
    if (peer && peer->sa_family == AF_INET6)
        return put_ipv6(at, &((const struct sockaddr_in6 *)peer)->sin6_addr);
    return put(at, "-");
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

/* With microseconds. */
static char *put_seconds(char *at, double seconds)
{
    uint64_t microseconds = seconds > 0 ? (uint64_t)(seconds * 1e6) : 0;

    at = put(number_write(at, microseconds / 1000000, 1), ".");
    return number_write(at, microseconds % 1000000, 6);
}

char *logline_write(char *at, const http_record *record, struct logline_clock *clock)
{
    at = put(put_peer(at, record->request), " - - ");
    at = put_request(put_time(at, clock), record->request);
    at = put(number_write(at, (uint64_t)record->status, 1), " ");
    at = number_write(at, record->bytes, 1);
    at = put_field(put_field(at, record->request, "Referer"), record->request, "User-Agent");
    return put(put_seconds(put(at, " "), record->seconds), "\n");
}
