/* stream/writer.c - asyncio's StreamWriter: what it passes on to its transport. */
#include "stream/writer.h"

int gyre_writer_write(gyre_writer *writer, const void *data, size_t len)
{
    return gyre_transport_write(writer->transport, data, len);
}

int gyre_writer_writelines(gyre_writer *writer, const struct iovec *pieces, size_t count)
{
    return gyre_transport_writelines(writer->transport, pieces, count);
}

int gyre_writer_write_eof(gyre_writer *writer)
{
    return gyre_transport_write_eof(writer->transport);
}

bool gyre_writer_can_write_eof(const gyre_writer *writer)
{
    return gyre_transport_can_write_eof(writer->transport);
}

void gyre_writer_close(gyre_writer *writer)
{
    gyre_transport_close(writer->transport);
}

bool gyre_writer_is_closing(const gyre_writer *writer)
{
    return gyre_transport_is_closing(writer->transport);
}

gyre_transport *gyre_writer_get_transport(const gyre_writer *writer)
{
    return writer->transport;
}

const void *gyre_writer_get_extra_info(const gyre_writer *writer, const char *name, const void *default_value)
{
    return gyre_transport_get_extra_info(writer->transport, name, default_value);
}

int gyre_writer_get_peername(const gyre_writer *writer, char *text, size_t size)
{
    return gyre_transport_get_peername(writer->transport, text, size);
}

int gyre_writer_get_sockname(const gyre_writer *writer, char *text, size_t size)
{
    return gyre_transport_get_sockname(writer->transport, text, size);
}

int gyre_writer_get_socket(const gyre_writer *writer)
{
    return gyre_transport_get_socket(writer->transport);
}
