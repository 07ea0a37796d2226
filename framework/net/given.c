/* net/given.c - servers on a socket that the program gave.
 *
 * Other programs may listen on it too: who started this one, and who comes after it. In a sharded run one
 * shard takes it over, and the others that give the same one have no socket.
 */
#include "net/server.h"
#include "net/unix_socket.h"

int gyre__server_add_given(gyre_server *server, int fd)
{
    struct gyre__net *net = server->net;
    struct sockaddr_storage name = {0};
    socklen_t size = sizeof name;
    uint64_t group = 0;
    bool others = false;
    int err = 0;

    if (net->hooks->share)
        err = net->hooks->share(net->hooks_arg, fd, &group, &others);
    if (err)
        return err;
    net->loop->driver_class->getsockname(fd, &name, &size);
    gyre__server_add(server, others ? -1 : fd, group, (struct sockaddr *)&name, size);
    server->listeners[0].lent = true;
    return 0;
}

void gyre__server_give_back(gyre_server *server)
{
    if (!server->listening)
        return;
    gyre__unix_file_forget(server->listeners[0].file);
    server->listeners[0].file = NULL;
    server->listeners[0].fd = -1;
}
