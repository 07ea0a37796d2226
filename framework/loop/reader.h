/* loop/reader.h - add_reader and add_writer, seen from the loop: what is watched for the program. */
#ifndef GYRE__READER_H
#define GYRE__READER_H

#include "loop/handle.h"

struct gyre__descriptor;

/* The call of a reader or writer has run, or was dropped, and is in no queue. */
void gyre__reader_ran(struct gyre__call *call);

/* Ends both, the reader and the writer. */
void gyre__readers_forget(struct gyre__descriptor *descriptor);

/* The same, and the exception handler hears that the descriptor was closed too early. */
void gyre__readers_lose(struct gyre__descriptor *descriptor);

#endif
