/* net/unix_socket.h - sockets of this machine: their names, their binding, and the files they leave. */
#ifndef GYRE__UNIX_SOCKET_H
#define GYRE__UNIX_SOCKET_H

#include "loop/loop.h"
#include <sys/un.h>

/* A path, or an abstract name. */
struct gyre__unix_name {
    struct sockaddr_un address; /* zeroed behind the name */
    socklen_t size;             /* bytes that count */
};

/* From the options: GYRE_EVALUE for an empty path, -ENAMETOOLONG, never cut. */
int gyre__unix_name_set(struct gyre__unix_name *name, const char *path, int abstract);

/* A bound socket. A socket file that is left there goes first. */
int gyre__unix_bind(gyre_loop *loop, const struct sockaddr *address, socklen_t size, int *fd);

/* The file of a bound socket: where, and which one. */
struct gyre__unix_file;

/* Notes the file of a bound socket; NULL when it has none, as in virtual time. */
struct gyre__unix_file *gyre__unix_file_note(const gyre_loop *loop, int fd);

/* Removes it, if it is still the same, and frees the note. The socket must still be open: only so can no
 * other file have got its number. */
void gyre__unix_file_remove(gyre_loop *loop, struct gyre__unix_file *file);

/* Frees the note alone. */
void gyre__unix_file_forget(struct gyre__unix_file *file);

#endif
