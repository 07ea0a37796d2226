/* net/unix_socket.c - names and binding. */
#include "net/unix_socket.h"
#include "net/address.h"
#include <errno.h>
#include <gyre/named.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* An abstract name has a NUL before it, and a path one behind it. */
int gyre__unix_name_set(struct gyre__unix_name *name, const char *path, int abstract)
{
    size_t most = sizeof name->address.sun_path - 1;
    size_t len = strlen(path);

    if (!len)
        return gyre_error_set(GYRE_EVALUE, "the path is empty");
    if (len > most)
        return gyre_error_set(-ENAMETOOLONG, "AF_UNIX path too long: %zu bytes, at most %zu", len, most);
    memset(name, 0, sizeof *name);
    name->address.sun_family = AF_UNIX;
    memcpy(name->address.sun_path + (abstract == GYRE_YES), path, len);
    name->size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len + 1);
    return 0;
}

/* Whoever cannot look or remove hears about it from bind. */
static void remove_stale(const struct sockaddr_un *address)
{
    struct stat status;

    if (address->sun_path[0] && !stat(address->sun_path, &status) && S_ISSOCK(status.st_mode))
        unlink(address->sun_path);
}

/* asyncio's words where it has some. */
static int bind_error(int err, const struct sockaddr *address, socklen_t size)
{
    char name[GYRE__ADDRESS_TEXT];

    gyre__address_tuple(address, size, name);
    if (err == -EADDRINUSE)
        return gyre_error_set(err, "Address %s is already in use", name);
    return gyre_error_set(err, "error while attempting to bind on address %s: %s", name, gyre_strerror(err));
}

int gyre__unix_bind(gyre_loop *loop, const struct sockaddr *address, socklen_t size, int *fd)
{
    const struct gyre__driver_class *driver = loop->driver_class;
    int opened = driver->socket(loop->driver, AF_UNIX, SOCK_STREAM, 0);
    int err;

    if (opened < 0)
        return bind_error(opened, address, size);
    if (!driver->virtual_time)
        remove_stale((const struct sockaddr_un *)(const void *)address);
    err = driver->bind(opened, address, size);
    if (err) {
        driver->close_socket(opened);
        return bind_error(err, address, size);
    }
    *fd = opened;
    return 0;
}
