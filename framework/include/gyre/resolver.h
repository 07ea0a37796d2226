/* gyre/resolver.h - names to addresses and back.
 *
 * asyncio: loop.getaddrinfo, loop.getnameinfo. Names are looked up by threads that each loop keeps for them
 * alone: other blocking work delays them in nothing, nor they it. A wait that is cancelled ends at once, and
 * the answer is dropped when it comes.
 */
#ifndef GYRE_RESOLVER_H
#define GYRE_RESOLVER_H

#include <gyre/task.h>
#include <netdb.h>
#include <sys/socket.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Strict C hides it in <netdb.h>. */
struct addrinfo;

/* Resolves as getaddrinfo(3) does; literals with a decimal port, or none, need no thread, and are answered
 * outside tasks too. node and service may be NULL, not both; the service "" is port 0, one above 65535 an
 * error. Free the list with freeaddrinfo. GYRE_EGAI + EAI code, -errno in place of EAI_SYSTEM. [suspends]
 * asyncio: loop.getaddrinfo */
int gyre_loop_getaddrinfo(gyre_loop *loop, struct addrinfo **list, const char *node, const char *service,
                          const struct addrinfo *hints);

/* The names of an address as getnameinfo(3) tells them: into `host` and `service`, of so many bytes; of size
 * 0: not wanted. `flags` are its NI_ flags; what is numeric needs no thread. GYRE_EGAI + EAI code: also
 * EAI_OVERFLOW where one is too short, EAI_FAMILY where the address has the wrong size. [suspends] asyncio:
 * loop.getnameinfo */
int gyre_loop_getnameinfo(gyre_loop *loop, char *host, size_t host_size, char *service, size_t service_size,
                          const struct sockaddr *address, socklen_t size, int flags);

#ifdef __cplusplus
}
#endif

#endif
