/* net/resolver.h - names to addresses, for listening and connecting; and the threads that look them up. */
#ifndef GYRE__RESOLVER_H
#define GYRE__RESOLVER_H

#include <gyre/resolver.h>
#include <netdb.h>

/* What create_server and create_connection ask for. */
struct gyre__question {
    const char *host;    /* NULL or "": any, or loopback, as flags say */
    int port;            /* 0 to 65535 */
    const char *service; /* in place of port; may be NULL */
    int family;          /* AF_UNSPEC for all */
    int type;            /* 0 for SOCK_STREAM */
    int proto;           /* 0 for any */
    int flags;           /* AI_ flags */
};

/* The addresses; GYRE_EVALUE for a port that is none. [suspends] */
int gyre__resolve(gyre_loop *loop, struct addrinfo **list, const struct gyre__question *question);

/* Runs work(query) on a thread of the loop's resolver and returns its code. A wait that is cut short leaves
 * the work behind: release(query) is called once, when the work has ended or never begins. [suspends] */
int gyre__resolver_run(gyre_loop *loop, gyre_coroutine work, void *query, gyre_release release);

/* What getaddrinfo(3) would answer if there were no names but "localhost"; EAI_. */
int gyre__localhost(struct addrinfo **list, const char *node, const char *service,
                    const struct addrinfo *hints);

/* The code of what getaddrinfo(3) or getnameinfo(3) returned just now. */
int gyre__resolver_code(int eai);

#endif
