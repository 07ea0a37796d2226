/* net/unix_connect.c - create_unix_connection, and who is at the other end.
 *
 * A connect to a socket of this machine is decided at once, but for one case: while the server's queue is
 * full the kernel neither keeps the attempt nor tells when to try again.
 */
#include "base/check.h"
#include "base/error.h"
#include "base/options.h"
#include "net/connect.h"
#include "net/socket.h"
#include "net/unix_socket.h"
#include <errno.h>
#include <gyre/task.h>
#include <gyre/unix.h>

static const double first_pause = 0.001, longest_pause = 0.05; /* seconds between attempts */

static struct gyre__tls_order order_of(const gyre_unix_connection_options *options)
{
    return (struct gyre__tls_order){.context = options->ssl,
                                    .server_hostname = options->server_hostname,
                                    .handshake = options->ssl_handshake_timeout,
                                    .shutdown = options->ssl_shutdown_timeout};
}

static int check_tls(const gyre_unix_connection_options *options)
{
    struct gyre__tls_order order = order_of(options);

    if (options->ssl && !options->server_hostname)
        return gyre_error_set(GYRE_EVALUE, "you have to pass server_hostname when using ssl");
    return gyre__tls_check(&order);
}

static int check(gyre_loop *loop, const gyre_unix_connection_options *options)
{
    if (options->path && options->sock)
        return gyre_error_set(GYRE_EVALUE, "path and sock can not be specified at the same time");
    if (!options->path && !options->sock)
        return gyre_error_set(GYRE_EVALUE, "no path and sock were specified");
    return options->sock ? gyre__socket_check_unix(loop, options->sock) : 0;
}

static int wait_for_room(gyre_loop *loop, int fd, const struct gyre__unix_name *name)
{
    const struct sockaddr *address = (const struct sockaddr *)(const void *)&name->address;
    double pause = first_pause;
    int err;

    while ((err = loop->driver_class->connect(fd, address, name->size)) == -EAGAIN) {
        err = gyre_sleep(pause);
        if (err)
            return err;
        pause = pause * 2 < longest_pause ? pause * 2 : longest_pause;
    }
    return err;
}

static int connect_error(int err, const struct gyre__unix_name *name)
{
    char text[GYRE__ADDRESS_TEXT];

    if (!gyre__error_is_os(err))
        return err;
    return gyre_error_set(
        err, "[Errno %d] Connect call failed %s", -err,
        gyre__address_tuple((const struct sockaddr *)(const void *)&name->address, name->size, text));
}

static int dial(gyre_loop *loop, const struct gyre__unix_name *name, int *fd)
{
    int opened = loop->driver_class->socket(loop->driver, AF_UNIX, SOCK_STREAM, 0);
    int err = opened < 0 ? opened : wait_for_room(loop, opened, name);

    if (!err) {
        *fd = opened;
        return 0;
    }
    if (opened >= 0)
        loop->driver_class->close_socket(opened);
    return connect_error(err, name);
}

static int open_socket(gyre_loop *loop, const gyre_unix_connection_options *options, int *fd)
{
    struct gyre__unix_name name;
    int err;

    if (options->sock) {
        *fd = options->sock;
        gyre__socket_unblock(*fd);
        return 0;
    }
    err = gyre__unix_name_set(&name, options->path, options->abstract);
    return err ? err : dial(loop, &name, fd);
}

static int connect_with(gyre_loop *loop, gyre_transport **transport, const gyre_protocol *protocol,
                        const gyre_unix_connection_options *options)
{
    const struct gyre__tls_order order = order_of(options);
    bool taken;
    int fd = -1;
    int err = open_socket(loop, options, &fd);

    if (err)
        return err;
    err = gyre__connect_open(transport, loop, fd, protocol, options->arg, &order, &taken);
    if (!taken && !options->sock)
        loop->driver_class->close_socket(fd);
    return err;
}

int(gyre_loop_create_unix_connection)(gyre_loop *loop, gyre_transport **transport,
                                      const gyre_protocol *protocol,
                                      const gyre_unix_connection_options *options)
{
    gyre_unix_connection_options filled = {0};
    int err;

    GYRE__CHECK(protocol, "create_unix_connection wants a protocol");
    gyre__options_fill(&filled, sizeof filled, options);
    err = gyre__connect_check(loop);
    if (!err)
        err = check_tls(&filled);
    if (!err)
        err = check(loop, &filled);
    return err ? err : connect_with(loop, transport, protocol, &filled);
}
