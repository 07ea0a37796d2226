/* process/process.h - the inside of a child with streams: a protocol of children that owns writers and
 * readers.
 *
 * process.c makes it and lets go, communicate.c feeds and reads it. It lives until its user and its transport
 * have let go.
 */
#ifndef GYRE__PROCESS_H
#define GYRE__PROCESS_H

#include "process/subprocess.h"
#include "stream/writer.h"

struct gyre_process {
    gyre_subprocess_transport *transport; /* counted; NULL before connection_made */
    gyre_writer *streams[GYRE__STDIO];    /* by the child's descriptor, NULL: no pipe */
    ptrdiff_t limit;                      /* the readers' */
    unsigned references;                  /* the users', and the transport's one */
    unsigned users;                       /* the users' */
};

#endif
