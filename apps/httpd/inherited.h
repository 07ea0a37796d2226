/* httpd/inherited.h - listening sockets that whoever started the program opened: systemd's socket activation.
 */
#ifndef HTTPD_INHERITED_H
#define HTTPD_INHERITED_H

#include <stdbool.h>

enum { MOST_INHERITED = 16 };

/* A listening socket that was there at the start. */
struct inherited_socket {
    int fd;        /* the descriptor; it stays open as long as the program runs */
    bool local;    /* a unix socket */
    char name[40]; /* what LISTEN_FDNAMES calls it, as far as it fits; may be empty */
};

struct inherited {
    int count; /* how many there are */
    struct inherited_socket sockets[MOST_INHERITED];
};

/* Reads LISTEN_PID, LISTEN_FDS and LISTEN_FDNAMES, takes the descriptors from 3 on, and forgets the
 * variables, which are for this process alone. False: one is no listening stream socket, or they are too
 * many; it was said so. */
bool inherited_read(struct inherited *inherited);

#endif
