/* starttls.c - a server whose connections turn to TLS when the client says so, and that then sends back what
 * comes.
 */
#include "peer.h"
#include <stdio.h>
#include <string.h>

static int send_back(gyre_reader *reader, gyre_writer *writer)
{
    const char *data;
    ptrdiff_t len;
    int err = 0;

    while (!err && (len = gyre_reader_read(reader, &data, 1 << 16)) > 0) {
        gyre_writer_write(writer, data, (size_t)len);
        err = gyre_writer_drain(writer);
    }
    return err ? err : (int)len;
}

static int turn(gyre_reader *reader, gyre_writer *writer, gyre_tls_context *context)
{
    const char *line;
    ptrdiff_t len = gyre_reader_readline(reader, &line);

    if (len < 0)
        return (int)len;
    if (len != 9 || memcmp(line, "STARTTLS\n", 9))
        return -EPROTO;
    gyre_writer_write(writer, "go\n", 3);
    return gyre_writer_start_tls(writer, context);
}

int peer_turn_to_tls(gyre_reader *reader, gyre_writer *writer, void *context)
{
    char text[1000];
    int err = turn(reader, writer, context);

    if (!err)
        err = send_back(reader, writer);
    peer_describe(text, sizeof text, gyre_writer_get_transport(writer));
    printf("lost %s %s\n", gyre_error_name(err), text);
    return 0;
}
