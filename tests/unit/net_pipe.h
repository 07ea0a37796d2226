/* net_pipe.h - pipes and terminals with a diary at one end. */
#ifndef GYRE_TESTS_NET_PIPE_H
#define GYRE_TESTS_NET_PIPE_H

#include "net_peer.h"

/* What the kernel keeps of a pipe that nobody reads, at most. */
enum { NET_PIPE_FULL = 1024 * 1024 };

/* A transport with this diary over one end of a pipe; returns the other end, non-blocking. */
int net_read_pipe(gyre_loop *loop, struct diary *diary);
int net_write_pipe(gyre_loop *loop, struct diary *diary);

/* A pseudo terminal in raw mode: *main_end and *other_end. */
void net_terminal(int *main_end, int *other_end);

/* Reads what is there, into nowhere; bytes. */
size_t net_empty(int fd);

/* Turns until connection_lost, and one more. */
void net_until_lost(gyre_loop *loop, struct diary *diary);

#endif
