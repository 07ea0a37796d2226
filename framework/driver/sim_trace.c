/* driver/sim_trace.c - what happens on the network, in words that are the same in each run.
 *
 * Sockets are told by their number in the order of making; descriptors and addresses in memory never appear.
 */
#include "driver/sim_socket.h"
#include <stdarg.h>
#include <stdio.h>

enum { ROOM = 512 };

void gyre__sim_trace(struct gyre__driver *driver, const struct gyre__sim_socket *socket, const char *words,
                     ...)
{
    long long now = gyre__sim_now(driver);
    char line[ROOM];
    va_list values;
    int len;

    if (!driver->network.trace)
        return;
    len = snprintf(line, sizeof line, "%lld.%09lld %u ", now / 1000000000, now % 1000000000,
                   socket ? socket->number : 0);
    va_start(values, words);
    vsnprintf(line + len, sizeof line - (size_t)len, words, values);
    va_end(values);
    driver->network.trace(line, driver->network.trace_arg);
}
