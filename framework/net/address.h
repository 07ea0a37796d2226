/* net/address.h - socket addresses: kept small, and as text.
 *
 * Called by transports, servers and connecting. An internet address is kept in 28 bytes, any other is asked
 * for when somebody wants it.
 */
#ifndef GYRE__ADDRESS_H
#define GYRE__ADDRESS_H

#include <netinet/in.h>
#include <stddef.h>
#include <sys/socket.h>

/* An internet address, or nothing: family AF_UNSPEC. */
union gyre__address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

enum {
    GYRE__ADDRESS_TEXT = 160 /* fits any address as text */
};

/* Keeps an internet address; of any other kind only the family. */
void gyre__address_set(union gyre__address *address, const struct sockaddr *from, socklen_t size);

/* Bytes that the address is made of; 0 for none. */
socklen_t gyre__address_size(const union gyre__address *address);

/* "127.0.0.1:80", "[::1]:80", or a unix path ("@name": an abstract one). -ENOSPC: too short; -ENOTCONN: no
 * address. */
int gyre__address_print(const struct sockaddr *address, socklen_t size, char *text, size_t room);

/* As Python prints it: "('127.0.0.1', 80)", "('::1', 80, 0, 0)", "'/path'". Returns text. */
const char *gyre__address_tuple(const struct sockaddr *address, socklen_t size,
                                char text[GYRE__ADDRESS_TEXT]);

#endif
