/* driver/sim_port.c - names of sockets in virtual time: who may have them, and who is found by them. */
#include "driver/sim_call.h"
#include "driver/sim_socket.h"
#include <errno.h>
#include <netinet/in.h>

enum { FIRST_PORT = 32768, LAST_PORT = 60999 };

/* With `address`, all of IPv6 unless it may have IPv6's alone. */
static bool covers(const struct gyre__sim_socket *socket, const struct gyre__sim_address *address)
{
    const struct gyre__sim_address *own = &socket->own;

    if (!gyre__sim_is_any(own))
        return false;
    if (gyre__sim_is_mapped(own) == gyre__sim_is_mapped(address))
        return true;
    return !gyre__sim_is_mapped(own) && !gyre__sim_option(socket, IPPROTO_IPV6, IPV6_V6ONLY);
}

static struct gyre__sim_address with_port(const struct gyre__sim_address *address, uint16_t port)
{
    struct gyre__sim_address named = *address;

    named.port = port;
    return named;
}

static bool is_heard(const struct gyre__sim_socket *socket, const struct gyre__sim_address *address)
{
    return socket->own.port == address->port &&
           (gyre__sim_address_equal(&socket->own, address) || covers(socket, address));
}

static bool both(const struct gyre__sim_socket *one, const struct gyre__sim_socket *other, int name)
{
    return gyre__sim_option(one, SOL_SOCKET, name) && gyre__sim_option(other, SOL_SOCKET, name);
}

static bool may_share(const struct gyre__sim_socket *socket, const struct gyre__sim_socket *other)
{
    if (both(socket, other, SO_REUSEPORT))
        return true;
    return other->state != GYRE__SIM_LISTENING && both(socket, other, SO_REUSEADDR);
}

static bool overlap(const struct gyre__sim_socket *socket, const struct gyre__sim_address *address,
                    const struct gyre__sim_socket *other)
{
    struct gyre__sim_socket asked = {.own = *address, .options = socket->options};

    asked.option_count = socket->option_count;
    return is_heard(other, address) || is_heard(&asked, &other->own);
}

bool gyre__sim_conflicts(const struct gyre__sim_socket *socket, const struct gyre__sim_address *address)
{
    const struct gyre__list *all = &socket->driver->sockets;

    for (const struct gyre__list *link = all->next; link != all; link = link->next) {
        const struct gyre__sim_socket *other = GYRE__OF(link, struct gyre__sim_socket, link);

        if (other == socket || other->type != socket->type || other->own.family != address->family ||
            !gyre__sim_is_alive(other))
            continue;
        if (address->family == AF_UNIX ? gyre__sim_address_equal(&other->own, address) && !other->listener &&
                                             other->state <= GYRE__SIM_LISTENING
                                       : overlap(socket, address, other) && !may_share(socket, other))
            return true;
    }
    return false;
}

/* A port of choice is nobody's, whatever may be shared. */
static bool is_free(const struct gyre__sim_socket *socket, const struct gyre__sim_address *address)
{
    struct gyre__sim_socket strict = *socket;

    strict.option_count = 0;
    return !gyre__sim_conflicts(&strict, address);
}

int gyre__sim_bind_any(struct gyre__sim_socket *socket, const struct gyre__sim_address *address)
{
    struct gyre__driver *driver = socket->driver;

    for (int tries = FIRST_PORT; tries <= LAST_PORT; tries++) {
        struct gyre__sim_address named;

        driver->port = driver->port >= FIRST_PORT && driver->port < LAST_PORT ? driver->port + 1 : FIRST_PORT;
        named = with_port(address, driver->port);
        if (!is_free(socket, &named))
            continue;
        socket->own = named;
        return 0;
    }
    return -EADDRINUSE;
}

static int bind_internet(struct gyre__sim_socket *socket, const struct gyre__sim_address *address)
{
    if (!gyre__sim_is_here(address))
        return -EADDRNOTAVAIL;
    if (!address->port)
        return gyre__sim_bind_any(socket, address);
    if (gyre__sim_conflicts(socket, address))
        return -EADDRINUSE;
    socket->own = *address;
    return 0;
}

static int bind_local(struct gyre__sim_socket *socket, const struct gyre__sim_address *address)
{
    if (gyre__sim_conflicts(socket, address))
        return -EADDRINUSE;
    socket->own = *address;
    return 0;
}

int gyre__sim_bind(int fd, const struct sockaddr *address, socklen_t size)
{
    struct gyre__sim_socket *socket = gyre__sim_find(fd);
    struct gyre__sim_address wanted;
    char text[GYRE__SIM_TEXT];
    int err = socket ? gyre__sim_address_read(&wanted, socket->domain, address, size) : gyre__sim_refuse(fd);

    if (err)
        return err;
    if (socket->own.family)
        return -EINVAL;
    err = socket->domain == AF_UNIX ? bind_local(socket, &wanted) : bind_internet(socket, &wanted);
    if (!err)
        gyre__sim_trace(socket->driver, socket, "bind %s", gyre__sim_address_text(&socket->own, text));
    return err;
}

/* Who has the address itself goes before who has all; of equals, the one that the sender's port says. */
static struct gyre__sim_socket *choose(struct gyre__driver *driver, const struct gyre__sim_address *address,
                                       const struct gyre__sim_address *from,
                                       int (*rank)(const struct gyre__sim_socket *socket,
                                                   const struct gyre__sim_address *address,
                                                   const struct gyre__sim_address *from))
{
    struct gyre__list *all = &driver->sockets;
    struct gyre__sim_socket *best = NULL;
    int most = 0, equals = 0, turn;

    for (struct gyre__list *link = all->next; link != all; link = link->next) {
        int points = rank(GYRE__OF(link, struct gyre__sim_socket, link), address, from);

        equals = points > most ? 1 : equals + (points == most);
        most = points > most ? points : most;
    }
    if (!most)
        return NULL;
    turn = from->port % equals;
    for (struct gyre__list *link = all->next; !best; link = link->next) {
        struct gyre__sim_socket *socket = GYRE__OF(link, struct gyre__sim_socket, link);

        if (rank(socket, address, from) == most && turn-- == 0)
            best = socket;
    }
    return best;
}

static int rank_listener(const struct gyre__sim_socket *socket, const struct gyre__sim_address *address,
                         const struct gyre__sim_address *from)
{
    if (socket->state != GYRE__SIM_LISTENING || socket->own.family != address->family)
        return 0;
    if (gyre__sim_address_equal(&socket->own, address))
        return 2;
    return address->family == AF_INET6 && is_heard(socket, address);
}

struct gyre__sim_socket *gyre__sim_find_listener(struct gyre__driver *driver,
                                                 const struct gyre__sim_address *address,
                                                 const struct gyre__sim_address *from)
{
    return choose(driver, address, from, rank_listener);
}

static int rank_receiver(const struct gyre__sim_socket *socket, const struct gyre__sim_address *address,
                         const struct gyre__sim_address *from)
{
    bool known = socket->far.family && gyre__sim_address_equal(&socket->far, from);

    if (socket->type != SOCK_DGRAM || !socket->descriptors || socket->own.family != address->family)
        return 0;
    if (!is_heard(socket, address) || (socket->far.family && !known))
        return 0;
    return 1 + gyre__sim_address_equal(&socket->own, address) + 2 * known;
}

struct gyre__sim_socket *gyre__sim_find_receiver(struct gyre__driver *driver,
                                                 const struct gyre__sim_address *address,
                                                 const struct gyre__sim_address *from)
{
    return choose(driver, address, from, rank_receiver);
}
