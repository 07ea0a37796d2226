/* driver/sim_address.h - addresses of the network in virtual time.
 *
 * Internet addresses are IPv6's inside: those of IPv4 are mapped. Private addresses and the loopback's are
 * this machine's, all of them; any other leads nowhere.
 */
#ifndef GYRE__SIM_ADDRESS_H
#define GYRE__SIM_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

enum { GYRE__SIM_TEXT = 160, GYRE__SIM_NAME = 108 };

struct gyre__sim_address {
    int family;                /* AF_INET6, AF_UNIX; AF_UNSPEC: none */
    uint16_t port;             /* of the internet's */
    uint8_t ip[16];            /* the same */
    uint8_t len;               /* bytes of name */
    char name[GYRE__SIM_NAME]; /* AF_UNIX: a path, or an abstract name, which begins with a NUL */
};

/* What a socket of this domain was given: 0, -EINVAL or -EAFNOSUPPORT. */
int gyre__sim_address_read(struct gyre__sim_address *address, int domain, const struct sockaddr *from,
                           socklen_t size);

/* What a socket of this domain tells. */
void gyre__sim_address_write(const struct gyre__sim_address *address, int domain, struct sockaddr_storage *to,
                             socklen_t *size);

bool gyre__sim_address_equal(const struct gyre__sim_address *one, const struct gyre__sim_address *other);

/* All addresses of IPv4, or of both versions. */
bool gyre__sim_is_any(const struct gyre__sim_address *address);
bool gyre__sim_is_mapped(const struct gyre__sim_address *address);
bool gyre__sim_is_broadcast(const struct gyre__sim_address *address);

/* This machine has it. */
bool gyre__sim_is_here(const struct gyre__sim_address *address);

/* The address from which one speaks to `target`, with port 0. */
struct gyre__sim_address gyre__sim_source_for(const struct gyre__sim_address *target);

/* The address that `target` stands for: all addresses stand for the loopback's. */
struct gyre__sim_address gyre__sim_meant(const struct gyre__sim_address *target);

/* For traces. */
const char *gyre__sim_address_text(const struct gyre__sim_address *address, char text[GYRE__SIM_TEXT]);

#endif
