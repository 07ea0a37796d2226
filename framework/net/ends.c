/* net/ends.c - both ends of a datagram socket: addresses in pairs, tried in order. */
#include "net/ends.h"
#include "net/address.h"
#include "net/resolver.h"
#include "net/unix_socket.h"
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool names_local(const gyre_datagram_options *options)
{
    return options->local_host || options->local_port;
}

static bool names_remote(const gyre_datagram_options *options)
{
    return options->remote_host || options->remote_port;
}

/* A socket file that is left there goes first. */
static void remove_stale(const char *path)
{
    struct stat status;

    if (!stat(path, &status) && S_ISSOCK(status.st_mode))
        unlink(path);
}

static int open_unix(gyre_loop *loop, struct gyre__opened *opened, const gyre_datagram_options *options)
{
    struct gyre__unix_name local, remote;
    struct gyre__ends ends = {.family = AF_UNIX, .proto = options->proto};
    int err = 0;

    if (options->local_host) {
        err = gyre__unix_name_set(&local, options->local_host, GYRE_NO);
        ends.local = (const struct sockaddr *)&local.address;
        ends.local_size = local.size;
    }
    if (!err && options->remote_host) {
        err = gyre__unix_name_set(&remote, options->remote_host, GYRE_NO);
        ends.remote = (const struct sockaddr *)&remote.address;
        ends.remote_size = remote.size;
    }
    if (err)
        return err;
    if (options->local_host)
        remove_stale(options->local_host);
    return gyre__ends_socket(loop, opened, &ends, options);
}

static int resolve(gyre_loop *loop, struct addrinfo **list, const char *host, int port,
                   const gyre_datagram_options *options)
{
    struct gyre__question question = {.host = host,
                                      .port = port,
                                      .family = options->family,
                                      .type = SOCK_DGRAM,
                                      .proto = options->proto,
                                      .flags = options->flags};

    if (!host)
        question.flags |= AI_PASSIVE;
    return gyre__resolve(loop, list, &question);
}

/* A socket for one local and one remote address; NULL: none. */
static int open_pair(gyre_loop *loop, struct gyre__opened *opened, const struct addrinfo *local,
                     const struct addrinfo *remote, const gyre_datagram_options *options)
{
    const struct addrinfo *any = local ? local : remote;
    struct gyre__ends ends = {.family = any->ai_family, .proto = any->ai_protocol};

    if (local) {
        ends.local = local->ai_addr;
        ends.local_size = local->ai_addrlen;
    }
    if (remote) {
        ends.remote = remote->ai_addr;
        ends.remote_size = remote->ai_addrlen;
    }
    return gyre__ends_socket(loop, opened, &ends, options);
}

/* The addresses of one family belong together. */
static const struct addrinfo *partner(const struct addrinfo *list, int family)
{
    while (list && list->ai_family != family)
        list = list->ai_next;
    return list;
}

/* Each address of one end, in order, with one of the other; the first error counts. */
static int open_pairs(gyre_loop *loop, struct gyre__opened *opened, const struct addrinfo *local,
                      const struct addrinfo *remote, const gyre_datagram_options *options)
{
    int err = 0, first = 0;

    for (const struct addrinfo *one = local ? local : remote; one; one = one->ai_next) {
        const struct addrinfo *other = local && remote ? partner(remote, one->ai_family) : NULL;

        if (local && remote && !other)
            continue;
        err = local ? open_pair(loop, opened, one, other, options)
                    : open_pair(loop, opened, NULL, one, options);
        if (!err)
            return 0;
        first = first ? first : err;
    }
    return first ? first : gyre_error_set(GYRE_EVALUE, "can not get address information");
}

static int resolve_both(gyre_loop *loop, struct addrinfo **local, struct addrinfo **remote,
                        const gyre_datagram_options *options)
{
    int err = 0;

    if (names_local(options))
        err = resolve(loop, local, options->local_host, options->local_port, options);
    if (!err && names_remote(options))
        err = resolve(loop, remote, options->remote_host, options->remote_port, options);
    return err;
}

static int open_named(gyre_loop *loop, struct gyre__opened *opened, const gyre_datagram_options *options)
{
    struct addrinfo *local = NULL, *remote = NULL;
    int err = resolve_both(loop, &local, &remote, options);

    if (!err)
        err = open_pairs(loop, opened, local, remote, options);
    if (local)
        freeaddrinfo(local);
    if (remote)
        freeaddrinfo(remote);
    return err;
}

/* Bound by the first sendto, if at all. */
static int open_nameless(gyre_loop *loop, struct gyre__opened *opened, const gyre_datagram_options *options)
{
    if (!options->family)
        return gyre_error_set(GYRE_EVALUE, "unexpected address family");
    return gyre__ends_socket(
        loop, opened, &(struct gyre__ends){.family = options->family, .proto = options->proto}, options);
}

int gyre__ends_open(gyre_loop *loop, struct gyre__opened *opened, const gyre_datagram_options *options)
{
    if (!names_local(options) && !names_remote(options))
        return open_nameless(loop, opened, options);
    return options->family == AF_UNIX ? open_unix(loop, opened, options) : open_named(loop, opened, options);
}
