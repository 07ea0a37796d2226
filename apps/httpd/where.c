/* httpd/where.c - addresses as text. */
#include "httpd/where.h"
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

/* An address with a colon stands between brackets. */
void where_internet(char *where, bool secure, const char *host, int port)
{
    bool ipv6 = strchr(host, ':');

    snprintf(where, WHERE_SIZE, "http%s://%s%.100s%s:%d", secure ? "s" : "", ipv6 ? "[" : "", host,
             ipv6 ? "]" : "", port);
}

void where_local(char *where, bool secure, const char *path)
{
    snprintf(where, WHERE_SIZE, "unix:%.108s%s", path, secure ? " (https)" : "");
}

static void name_internet(char *where, bool secure, const struct sockaddr_storage *address, socklen_t size)
{
    char host[100] = "?", port[10] = "0";

    getnameinfo((const struct sockaddr *)address, size, host, sizeof host, port, sizeof port,
                NI_NUMERICHOST | NI_NUMERICSERV);
    where_internet(where, secure, host, atoi(port));
}

/* The NUL before an abstract name is shown as '@'. */
static void name_local(char *where, bool secure, const struct sockaddr_un *address)
{
    char path[sizeof address->sun_path + 1] = "";

    memcpy(path, address->sun_path, sizeof address->sun_path);
    if (!path[0])
        path[0] = '@';
    where_local(where, secure, path);
}

void where_inherited(char *where, bool secure, const struct inherited_socket *given)
{
    struct sockaddr_storage address = {0};
    socklen_t size = sizeof address;
    size_t used;

    getsockname(given->fd, (struct sockaddr *)&address, &size);
    if (given->local)
        name_local(where, secure, (struct sockaddr_un *)(void *)&address);
    else
        name_internet(where, secure, &address, size);
    used = strlen(where);
    snprintf(where + used, WHERE_SIZE - used, " (inherited%s%s)", given->name[0] ? " as " : "", given->name);
}
