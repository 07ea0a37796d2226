/* stream/read.c - read and readexactly: so many bytes, lent or copied. */
#include "base/error.h"
#include "stream/reader.h"
#include <string.h>

static struct gyre__read named(const char *name, const gyre_read_options *options)
{
    return (struct gyre__read){.name = name, .timeout = options ? options->timeout : 0};
}

ptrdiff_t gyre__reader_copy(gyre_reader *reader, void *buffer, size_t len)
{
    if (len)
        memcpy(buffer, gyre__bytes_peek(&reader->bytes), len);
    gyre__reader_discard(reader, len);
    return (ptrdiff_t)len;
}

int gyre__reader_incomplete(gyre_reader *reader, ptrdiff_t expected)
{
    size_t len = gyre__bytes_size(&reader->bytes);

    reader->failure.len = len;
    reader->failure.expected = expected;
    gyre__reader_lend(reader, &reader->failure.partial, len);
    if (reader->cut)
        return gyre__error_plain(reader->cut);
    if (expected < 0)
        return gyre_error_set(GYRE_EINCOMPLETEREAD, "%zu bytes read on a total of undefined expected bytes",
                              len);
    return gyre_error_set(GYRE_EINCOMPLETEREAD, "%zu bytes read on a total of %td expected bytes", len,
                          expected);
}

/* Has the read met the end of a stream that was cut off? */
static bool meets_cut(const gyre_reader *reader, ptrdiff_t n)
{
    return reader->cut && (n < 0 || !gyre__bytes_size(&reader->bytes));
}

/* Waits for what read(n) may give, and says how much that is. */
static ptrdiff_t await_some(gyre_reader *reader, ptrdiff_t n, const gyre_read_options *options)
{
    struct gyre__read read = named("read", options);
    int err = gyre__reader_begin(reader);
    size_t size;

    if (!err && n)
        err = gyre__reader_fill(reader, &read, n < 0 ? SIZE_MAX : 1);
    if (err || !n)
        return err;
    if (meets_cut(reader, n))
        return gyre__reader_incomplete(reader, n < 0 ? -1 : n);
    size = gyre__bytes_size(&reader->bytes);
    return n > 0 && (size_t)n < size ? n : (ptrdiff_t)size;
}

/* The same for readexactly(n): n, or why not. */
static ptrdiff_t await_exactly(gyre_reader *reader, ptrdiff_t n, const gyre_read_options *options)
{
    struct gyre__read read = named("readexactly", options);
    int err;

    if (n < 0)
        return gyre_error_set(GYRE_EVALUE, "readexactly size can not be less than zero");
    err = gyre__reader_begin(reader);
    if (!err)
        err = gyre__reader_fill(reader, &read, (size_t)n);
    if (err)
        return err;
    return gyre__bytes_size(&reader->bytes) < (size_t)n ? gyre__reader_incomplete(reader, n) : n;
}

ptrdiff_t(gyre_reader_read)(gyre_reader *reader, const char **data, ptrdiff_t n,
                            const gyre_read_options *options)
{
    ptrdiff_t len = await_some(reader, n, options);

    return len < 0 ? len : gyre__reader_lend(reader, data, (size_t)len);
}

ptrdiff_t(gyre_reader_read_into)(gyre_reader *reader, void *buffer, size_t n,
                                 const gyre_read_options *options)
{
    ptrdiff_t len = await_some(reader, n > PTRDIFF_MAX ? PTRDIFF_MAX : (ptrdiff_t)n, options);

    return len < 0 ? len : gyre__reader_copy(reader, buffer, (size_t)len);
}

ptrdiff_t(gyre_reader_readexactly)(gyre_reader *reader, const char **data, ptrdiff_t n,
                                   const gyre_read_options *options)
{
    ptrdiff_t len = await_exactly(reader, n, options);

    return len < 0 ? len : gyre__reader_lend(reader, data, (size_t)len);
}

ptrdiff_t(gyre_reader_readexactly_into)(gyre_reader *reader, void *buffer, size_t n,
                                        const gyre_read_options *options)
{
    ptrdiff_t len = await_exactly(reader, (ptrdiff_t)n, options);

    return len < 0 ? len : gyre__reader_copy(reader, buffer, (size_t)len);
}
