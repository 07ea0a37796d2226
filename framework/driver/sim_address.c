/* driver/sim_address.c - addresses of the network in virtual time: read, told, compared. */
#include "driver/sim_address.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

enum { MAPPED = 12 }; /* bytes before IPv4's four */

static const uint8_t mapped[MAPPED] = {[10] = 0xff, [11] = 0xff};
static const uint8_t none[16];
static const uint8_t loopback[16] = {[15] = 1};

static int read_v4(struct gyre__sim_address *address, const struct sockaddr *from, socklen_t size)
{
    const struct sockaddr_in *v4 = (const void *)from;

    if (size < (socklen_t)sizeof *v4)
        return -EINVAL;
    if (v4->sin_family != AF_INET)
        return -EAFNOSUPPORT;
    *address = (struct gyre__sim_address){.family = AF_INET6, .port = ntohs(v4->sin_port)};
    memcpy(address->ip, mapped, MAPPED);
    memcpy(address->ip + MAPPED, &v4->sin_addr, sizeof v4->sin_addr);
    return 0;
}

static int read_v6(struct gyre__sim_address *address, const struct sockaddr *from, socklen_t size)
{
    const struct sockaddr_in6 *v6 = (const void *)from;

    if (size < (socklen_t)sizeof *v6)
        return -EINVAL;
    if (from->sa_family != AF_INET6)
        return -EAFNOSUPPORT;
    *address = (struct gyre__sim_address){.family = AF_INET6, .port = ntohs(v6->sin6_port)};
    memcpy(address->ip, &v6->sin6_addr, sizeof address->ip);
    return 0;
}

/* A path ends at its NUL; an abstract name has the length that it was given. */
static int read_unix(struct gyre__sim_address *address, const struct sockaddr *from, socklen_t size)
{
    const struct sockaddr_un *local = (const void *)from;
    size_t head = offsetof(struct sockaddr_un, sun_path);

    if (from->sa_family != AF_UNIX || size <= head || size > sizeof *local)
        return -EINVAL;
    *address = (struct gyre__sim_address){.family = AF_UNIX, .len = (uint8_t)(size - head)};
    memcpy(address->name, local->sun_path, address->len);
    if (address->name[0])
        address->len = (uint8_t)strnlen(address->name, address->len);
    return 0;
}

int gyre__sim_address_read(struct gyre__sim_address *address, int domain, const struct sockaddr *from,
                           socklen_t size)
{
    if (!from || size < (socklen_t)sizeof from->sa_family)
        return -EINVAL;
    if (domain == AF_UNIX)
        return read_unix(address, from, size);
    return domain == AF_INET ? read_v4(address, from, size) : read_v6(address, from, size);
}

static socklen_t write_v4(const struct gyre__sim_address *address, struct sockaddr_storage *to)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(address->port)};

    memcpy(&v4.sin_addr, address->ip + MAPPED, sizeof v4.sin_addr);
    memcpy(to, &v4, sizeof v4);
    return sizeof v4;
}

static socklen_t write_v6(const struct gyre__sim_address *address, struct sockaddr_storage *to)
{
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(address->port)};

    memcpy(&v6.sin6_addr, address->ip, sizeof address->ip);
    memcpy(to, &v6, sizeof v6);
    return sizeof v6;
}

/* A path is told with its NUL. */
static socklen_t write_unix(const struct gyre__sim_address *address, struct sockaddr_storage *to)
{
    struct sockaddr_un local = {.sun_family = AF_UNIX};
    socklen_t size = (socklen_t)offsetof(struct sockaddr_un, sun_path) + address->len;

    memcpy(local.sun_path, address->name, address->len);
    memcpy(to, &local, sizeof local);
    return address->len && address->name[0] && size < (socklen_t)sizeof local ? size + 1 : size;
}

void gyre__sim_address_write(const struct gyre__sim_address *address, int domain, struct sockaddr_storage *to,
                             socklen_t *size)
{
    struct sockaddr_storage whole = {0};
    socklen_t room = *size < (socklen_t)sizeof whole ? *size : (socklen_t)sizeof whole;

    if (domain == AF_UNIX)
        *size = write_unix(address, &whole);
    else
        *size = domain == AF_INET ? write_v4(address, &whole) : write_v6(address, &whole);
    memcpy(to, &whole, *size < room ? *size : room);
}

bool gyre__sim_address_equal(const struct gyre__sim_address *one, const struct gyre__sim_address *other)
{
    return one->family == other->family && one->port == other->port && one->len == other->len &&
           !memcmp(one->ip, other->ip, sizeof one->ip) && !memcmp(one->name, other->name, one->len);
}

bool gyre__sim_is_mapped(const struct gyre__sim_address *address)
{
    return !memcmp(address->ip, mapped, MAPPED);
}

bool gyre__sim_is_any(const struct gyre__sim_address *address)
{
    const uint8_t *ip = address->ip;

    return gyre__sim_is_mapped(address) ? !memcmp(ip + MAPPED, none, 4) : !memcmp(ip, none, sizeof none);
}

bool gyre__sim_is_broadcast(const struct gyre__sim_address *address)
{
    static const uint8_t all[4] = {0xff, 0xff, 0xff, 0xff};

    return gyre__sim_is_mapped(address) && !memcmp(address->ip + MAPPED, all, 4);
}

static bool is_private_v4(const uint8_t ip[4])
{
    return ip[0] == 127 || ip[0] == 10 || (ip[0] == 172 && ip[1] >> 4 == 1) || (ip[0] == 192 && ip[1] == 168);
}

static bool is_private_v6(const uint8_t ip[16])
{
    return !memcmp(ip, loopback, sizeof loopback) || (ip[0] & 0xfe) == 0xfc;
}

bool gyre__sim_is_here(const struct gyre__sim_address *address)
{
    if (gyre__sim_is_any(address))
        return true;
    return gyre__sim_is_mapped(address) ? is_private_v4(address->ip + MAPPED) : is_private_v6(address->ip);
}

struct gyre__sim_address gyre__sim_meant(const struct gyre__sim_address *target)
{
    static const uint8_t home[4] = {127, 0, 0, 1};
    struct gyre__sim_address meant = *target;

    if (target->family != AF_INET6 || !gyre__sim_is_any(target))
        return meant;
    if (gyre__sim_is_mapped(target))
        memcpy(meant.ip + MAPPED, home, sizeof home);
    else
        memcpy(meant.ip, loopback, sizeof loopback);
    return meant;
}

struct gyre__sim_address gyre__sim_source_for(const struct gyre__sim_address *target)
{
    struct gyre__sim_address any = *target;
    bool home = gyre__sim_is_mapped(target) && target->ip[MAPPED] == 127;

    any.port = 0;
    if (!home && gyre__sim_is_here(target))
        return any;
    memset(any.ip + (gyre__sim_is_mapped(target) ? MAPPED : 0), 0, gyre__sim_is_mapped(target) ? 4 : 16);
    return gyre__sim_meant(&any);
}

static const char *unix_text(const struct gyre__sim_address *address, char text[GYRE__SIM_TEXT])
{
    for (int i = 0; i < address->len; i++)
        text[i] = address->name[i] ? address->name[i] : '@';
    text[address->len] = '\0';
    return text;
}

const char *gyre__sim_address_text(const struct gyre__sim_address *address, char text[GYRE__SIM_TEXT])
{
    char host[INET6_ADDRSTRLEN] = "?";
    bool v4 = gyre__sim_is_mapped(address);

    if (address->family != AF_INET6)
        return unix_text(address, text);
    inet_ntop(v4 ? AF_INET : AF_INET6, address->ip + (v4 ? MAPPED : 0), host, sizeof host);
    snprintf(text, GYRE__SIM_TEXT, v4 ? "%s:%u" : "[%s]:%u", host, address->port);
    return text;
}
