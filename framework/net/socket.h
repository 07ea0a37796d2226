/* net/socket.h - sockets that come from elsewhere, and the options that every stream socket gets.
 *
 * Called by listening, connecting and accepting.
 */
#ifndef GYRE__SOCKET_H
#define GYRE__SOCKET_H

#include "loop/loop.h"

/* 0 for a stream socket, else GYRE_EVALUE with asyncio's words, or -EBADF. */
int gyre__socket_check(const gyre_loop *loop, int fd);

/* The same for a stream socket of this machine, AF_UNIX. */
int gyre__socket_check_unix(const gyre_loop *loop, int fd);

/* Makes a socket of the program's non-blocking. */
void gyre__socket_unblock(int fd);

/* Makes a socket of the program's fit for a loop: non-blocking, without Nagle's delay. */
void gyre__socket_adopt(const gyre_loop *loop, int fd);

/* TCP_NODELAY; harmless on what is not TCP. Sockets accepted from one inherit it. */
void gyre__socket_nodelay(const gyre_loop *loop, int fd);

#endif
