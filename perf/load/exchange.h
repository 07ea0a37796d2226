/* exchange.h - the blocking half of the load client: one exchange on a new connection, by
 * which the client learns how long an answer is. Whatever goes wrong here ends the program with one line.
 */
#ifndef LOAD_EXCHANGE_H
#define LOAD_EXCHANGE_H

#include "wire.h"

#include <stddef.h>

/* Ends the program: `load: `, the sentence, and what errno says. */
_Noreturn void die(const char *sentence);

/* Ends the program: `load: ` and the sentence. */
_Noreturn void quit(const char *sentence);

/* Zeroed memory. */
void *allocate(size_t size);

/* A GET of the path, in static memory. */
const char *format_request(int port, const char *path);

/* Sends one request on a blocking socket and returns the length of the answer, once it is there. */
size_t exchange_http(struct wire *wire, const char *request);

/* Sends a short message on a blocking socket and waits for the first bytes that come back. */
void exchange_echo(struct wire *wire);

#endif
