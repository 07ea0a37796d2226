/* stream/until.c - readline and readuntil: up to a separator, within the limit.
 *
 * Bytes are searched once: `scanned` says where the next search begins, so far back that a separator in two
 * pieces is found. The limit is for the bytes before the separator.
 */
#include "stream/reader.h"
#include <string.h>

/* What may end a read. */
struct separators {
    const struct iovec *list; /* each one */
    size_t count;             /* how many */
    size_t shortest, longest; /* their lengths */
};

/* Where one was found. */
struct match {
    size_t start; /* its first byte */
    size_t end;   /* behind its last; 0: nothing was found */
};

static void measure(struct separators *separators)
{
    separators->shortest = SIZE_MAX;
    for (size_t i = 0; i < separators->count; i++) {
        size_t len = separators->list[i].iov_len;

        separators->shortest = len < separators->shortest ? len : separators->shortest;
        separators->longest = len > separators->longest ? len : separators->longest;
    }
}

static int check(struct separators *separators)
{
    if (!separators->count)
        return gyre_error_set(GYRE_EVALUE, "Separator should contain at least one element");
    measure(separators);
    if (!separators->shortest)
        return gyre_error_set(GYRE_EVALUE, "Separator should be at least one-byte string");
    return 0;
}

/* The match that ends first; of those that end together, the shortest. */
static struct match search(const gyre_reader *reader, const struct separators *separators)
{
    size_t size = gyre__bytes_size(&reader->bytes);
    const char *first = size ? gyre__bytes_peek(&reader->bytes) : "";
    struct match best = {0};

    for (size_t i = 0; i < separators->count; i++) {
        const struct iovec *one = &separators->list[i];
        const char *found =
            memmem(first + reader->scanned, size - reader->scanned, one->iov_base, one->iov_len);
        size_t start = found ? (size_t)(found - first) : 0;
        size_t end = start + one->iov_len;

        if (found && (!best.end || end < best.end || (end == best.end && start > best.start)))
            best = (struct match){start, end};
    }
    return best;
}

static int overrun(gyre_reader *reader, size_t consumed, const char *text)
{
    reader->failure.consumed = consumed;
    return gyre_error_set(GYRE_ELIMITOVERRUN, "%s", text);
}

/* What was searched in vain: 0 when there may be more to come. */
static int note_scanned(gyre_reader *reader, const struct separators *separators)
{
    size_t size = gyre__bytes_size(&reader->bytes);

    if (size < separators->shortest)
        return 0;
    reader->scanned = size + 1 > separators->longest ? size + 1 - separators->longest : 0;
    if (reader->scanned > reader->limit)
        return overrun(reader, reader->scanned, "Separator is not found, and chunk exceed the limit");
    return 0;
}

/* One look. Positive: so many bytes are the answer; 0: more must come. */
static ptrdiff_t look(gyre_reader *reader, const struct separators *separators)
{
    struct match match = search(reader, separators);

    if (!match.end)
        return note_scanned(reader, separators);
    if (match.start > reader->limit)
        return overrun(reader, match.start, "Separator is found, but chunk is longer than limit");
    return (ptrdiff_t)match.end;
}

/* Waits for a separator. Positive: so many bytes; 0: the stream ended before; else why not. */
static ptrdiff_t await_match(gyre_reader *reader, struct gyre__read *read,
                             const struct separators *separators)
{
    ptrdiff_t len = gyre__reader_begin(reader);

    while (!len && !(len = look(reader, separators)) && !reader->eof)
        len = gyre__reader_wait(reader, read, gyre__bytes_size(&reader->bytes) + 1);
    return len;
}

static ptrdiff_t await_until(gyre_reader *reader, const char *separator,
                             const gyre_readuntil_options *options)
{
    struct gyre__read read = {.name = "readuntil", .timeout = options ? options->timeout : 0};
    struct iovec one = {(void *)(uintptr_t)separator, separator ? strlen(separator) : 0};
    struct separators separators = {.list = &one, .count = separator != NULL};
    ptrdiff_t len;

    if (options && options->separators)
        separators = (struct separators){.list = options->separators, .count = options->count};
    len = check(&separators);
    if (!len)
        len = await_match(reader, &read, &separators);
    return len ? len : gyre__reader_incomplete(reader, -1);
}

/* asyncio: the line goes, or, when its end has not come, everything; and the error is a ValueError. */
static int discard_line(gyre_reader *reader)
{
    size_t consumed = reader->failure.consumed;
    size_t size = gyre__bytes_size(&reader->bytes);
    bool ended = consumed < size && gyre__bytes_peek(&reader->bytes)[consumed] == '\n';

    reader->failure.consumed = 0;
    gyre__reader_discard(reader, ended ? consumed + 1 : size);
    return GYRE_EVALUE;
}

static ptrdiff_t await_line(gyre_reader *reader, const gyre_read_options *options)
{
    struct gyre__read read = {.name = "readline", .timeout = options ? options->timeout : 0};
    struct iovec newline = {(void *)(uintptr_t) "\n", 1};
    struct separators separators = {&newline, 1, 1, 1};
    ptrdiff_t len = await_match(reader, &read, &separators);

    if (len == GYRE_ELIMITOVERRUN)
        return discard_line(reader);
    if (!len && reader->cut)
        return gyre__reader_incomplete(reader, -1);
    return len ? len : (ptrdiff_t)gyre__bytes_size(&reader->bytes);
}

static ptrdiff_t copy_if_fits(gyre_reader *reader, void *buffer, size_t room, ptrdiff_t len)
{
    if (len < 0)
        return len;
    if ((size_t)len > room)
        return gyre_error_set(-ENOSPC, "%td bytes do not fit into %zu", len, room);
    return gyre__reader_copy(reader, buffer, (size_t)len);
}

ptrdiff_t(gyre_reader_readline)(gyre_reader *reader, const char **line, const gyre_read_options *options)
{
    ptrdiff_t len = await_line(reader, options);

    return len < 0 ? len : gyre__reader_lend(reader, line, (size_t)len);
}

ptrdiff_t(gyre_reader_readline_into)(gyre_reader *reader, void *buffer, size_t room,
                                     const gyre_read_options *options)
{
    return copy_if_fits(reader, buffer, room, await_line(reader, options));
}

ptrdiff_t(gyre_reader_readuntil)(gyre_reader *reader, const char **data, const char *separator,
                                 const gyre_readuntil_options *options)
{
    ptrdiff_t len = await_until(reader, separator, options);

    return len < 0 ? len : gyre__reader_lend(reader, data, (size_t)len);
}

ptrdiff_t(gyre_reader_readuntil_into)(gyre_reader *reader, void *buffer, size_t room, const char *separator,
                                      const gyre_readuntil_options *options)
{
    return copy_if_fits(reader, buffer, room, await_until(reader, separator, options));
}
