/* net/interleave.h - addresses in the order in which they are tried. */
#ifndef GYRE__INTERLEAVE_H
#define GYRE__INTERLEAVE_H

#include <netdb.h>
#include <stddef.h>

/* The members of a list, *count of them: `first` of the first one's family, then one of each family in turn;
 * 0: as they are. Free the array with free(). RFC 8305, section 4. */
const struct addrinfo **gyre__interleave(const struct addrinfo *list, int first, size_t *count);

#endif
