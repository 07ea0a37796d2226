/* net/address.c - addresses to text. */
#include "net/address.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

void gyre__address_set(union gyre__address *address, const struct sockaddr *from, socklen_t size)
{
    memset(address, 0, sizeof *address);
    if (size < (socklen_t)sizeof from->sa_family)
        return;
    address->any.sa_family = from->sa_family;
    if (gyre__address_size(address) <= size)
        memcpy(address, from, gyre__address_size(address));
}

socklen_t gyre__address_size(const union gyre__address *address)
{
    switch (address->any.sa_family) {
    case AF_INET:
        return sizeof address->v4;
    case AF_INET6:
        return sizeof address->v6;
    default:
        return 0;
    }
}

/* The number of an internet address, with its zone, as getnameinfo writes it. */
static void print_host(const struct sockaddr *address, socklen_t size, char *text, size_t room)
{
    if (getnameinfo(address, size, text, (socklen_t)room, NULL, 0, NI_NUMERICHOST))
        snprintf(text, room, "?");
}

/* The NULs of an abstract name are shown as '@', as tools do. A path may fill its field, without an end. */
static const char *unix_path(const struct sockaddr *address, socklen_t size, char path[GYRE__ADDRESS_TEXT])
{
    const struct sockaddr_un *local = (const void *)address;
    size_t head = offsetof(struct sockaddr_un, sun_path);
    size_t len = size > head ? size - head : 0;
    bool abstract = len > 1 && !local->sun_path[0];

    if (len > sizeof local->sun_path)
        len = sizeof local->sun_path;
    memcpy(path, local->sun_path, len);
    path[len] = '\0';
    for (size_t i = 0; i < len && abstract; i++)
        if (!path[i])
            path[i] = '@';
    return path;
}

static int port_of(const struct sockaddr *address)
{
    return ntohs(address->sa_family == AF_INET
                     ? ((const struct sockaddr_in *)(const void *)address)->sin_port
                     : ((const struct sockaddr_in6 *)(const void *)address)->sin6_port);
}

static int print(const struct sockaddr *address, socklen_t size, char *text, size_t room)
{
    char host[GYRE__ADDRESS_TEXT];

    switch (size ? address->sa_family : AF_UNSPEC) {
    case AF_INET:
        print_host(address, size, host, sizeof host);
        return snprintf(text, room, "%s:%d", host, port_of(address));
    case AF_INET6:
        print_host(address, size, host, sizeof host);
        return snprintf(text, room, "[%s]:%d", host, port_of(address));
    case AF_UNIX:
        return snprintf(text, room, "%s", unix_path(address, size, host));
    default:
        return -ENOTCONN;
    }
}

int gyre__address_print(const struct sockaddr *address, socklen_t size, char *text, size_t room)
{
    char whole[GYRE__ADDRESS_TEXT];
    int len = print(address, size, whole, sizeof whole);

    if (len < 0)
        return len;
    if ((size_t)len >= room)
        return -ENOSPC;
    memcpy(text, whole, (size_t)len + 1);
    return 0;
}

const char *gyre__address_tuple(const struct sockaddr *address, socklen_t size, char text[GYRE__ADDRESS_TEXT])
{
    const struct sockaddr_in6 *v6 = (const void *)address;
    char host[GYRE__ADDRESS_TEXT];

    if (address->sa_family != AF_UNIX)
        print_host(address, size, host, GYRE__ADDRESS_TEXT / 2);
    if (address->sa_family == AF_INET)
        snprintf(text, GYRE__ADDRESS_TEXT, "('%.80s', %d)", host, port_of(address));
    else if (address->sa_family == AF_INET6)
        snprintf(text, GYRE__ADDRESS_TEXT, "('%.80s', %d, %u, %u)", host, port_of(address),
                 ntohl(v6->sin6_flowinfo), v6->sin6_scope_id);
    else
        snprintf(text, GYRE__ADDRESS_TEXT, "'%.110s'", unix_path(address, size, host));
    return text;
}
