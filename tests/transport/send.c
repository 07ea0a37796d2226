/* send.c - the ways to send bytes; what is sent is always what comes next of the pattern. */
#include "fuzz.h"
#include <fcntl.h>

static size_t some(void)
{
    size_t most = run.bytes < LONGEST ? run.bytes : LONGEST;
    size_t len = one_in(10) ? roll(LONGEST + 1) : one_in(3) ? roll(20000) : roll(100);

    len = len < most ? len : most;
    return len;
}

/* What a write must return now. */
static int wanted(const struct end *end)
{
    if (!end->rules.writes)
        return GYRE_ENOTIMPLEMENTED;
    return end->sending || end->ended ? GYRE_ERUNTIME : 0;
}

/* Counts bytes as sent before they are: the call may call methods that send more. */
static const char *begin(struct end *end, size_t len)
{
    const char *data = pattern_at(end->accepted);

    end->writing++;
    if (wanted(end) == 0 && !gyre_transport_is_closing(end->transport)) {
        end->accepted += len;
        end->most += len;
        run.bytes -= len;
    }
    return data;
}

static void check(struct end *end, int wants, int err)
{
    end->writing--;
    expect(err == wants, "a write returned something else");
}

void act_write(struct end *end)
{
    size_t len = some();
    int wants = wanted(end);
    const char *data = begin(end, len);

    trace("%*s%s writes %zu, %llu in all", (int)end->depth * 2, "", end->name, len,
          (unsigned long long)end->accepted);
    check(end, wants, gyre_transport_write(end->transport, data, len));
}

void act_writelines(struct end *end)
{
    struct iovec pieces[100];
    size_t count = one_in(4) ? roll(100) : roll(5), len = some(), done = 0;
    int wants = wanted(end);
    const char *data = begin(end, len);

    trace("%*s%s writes %zu in %zu, %llu in all", (int)end->depth * 2, "", end->name, len, count,
          (unsigned long long)end->accepted);
    for (size_t i = 0; i < count; i++) {
        size_t part = roll((unsigned)(len - done + 1));

        part = one_in(4) ? 0 : part;
        pieces[i] = (struct iovec){(char *)(uintptr_t)data + done, part};
        done += part;
    }
    pieces[count] = (struct iovec){(char *)(uintptr_t)data + done, len - done};
    check(end, wants, gyre_transport_writelines(end->transport, pieces, count + 1));
}

/* Memory of its own, so that a use after release is seen. */
struct owned {
    struct end *end;
    char bytes[];
};

static void release(void *arg)
{
    struct owned *owned = arg;
    struct end *end = owned->end;

    memset(owned, 0, sizeof *owned);
    free(owned);
    expect(end->lent > 0, "bytes were released twice");
    end->lent--;
    end->writing++;
    if (end->depth < NESTED && !end->sending)
        act_maybe(end);
    end->writing--;
}

void act_write_owned(struct end *end)
{
    size_t len = some();
    int wants = wanted(end);
    struct owned *owned = malloc(sizeof *owned + len);

    owned->end = end;
    end->lent++;
    memcpy(owned->bytes, begin(end, len), len);
    trace("%*s%s lends %zu, %llu in all", (int)end->depth * 2, "", end->name, len,
          (unsigned long long)end->accepted);
    check(end, wants, gyre_transport_write_owned(end->transport, owned->bytes, len, release, owned));
}

/* --- a file --- */

/* As many bytes went as the file's position has moved. */
static void count_sent(struct end *end, int file, int64_t offset, int err, int64_t sent)
{
    int64_t moved = lseek(file, 0, SEEK_CUR) - offset;

    trace("%s has sent a file: %s %lld", end->name, err ? gyre_error_name(err) : "0", (long long)moved);
    expect(err || sent == moved, "the file's position is not behind what was sent");
    expect(moved >= 0 && end->accepted + (uint64_t)moved <= end->most, "more of a file was sent than wanted");
    expect(err || end->accepted + (uint64_t)moved == end->most, "a file was sent in part");
    end->accepted += (uint64_t)moved;
    end->most = end->accepted;
}

static void send_from(struct end *end, gyre_transport *transport, int file)
{
    int64_t offset = (int64_t)(end->accepted % PERIOD), count = 1 + (int64_t)some(), sent = 0;
    int err;

    lseek(file, offset, SEEK_SET);
    end->sending = true;
    end->most += (uint64_t)count;
    run.bytes -= (size_t)count < run.bytes ? (size_t)count : run.bytes;
    err = gyre_loop_sendfile(run.loop, &sent, transport, file, .offset = offset, .count = count);
    end->sending = false;
    count_sent(end, file, offset, err, sent);
}

static int send_file(void *arg)
{
    struct end *end = arg;
    gyre_transport *transport = gyre_transport_ref(end->transport);
    int file;

    /* Who sends a file does not read: two that do wait for each other. */
    if (transport && !end->upgrading && !end->other->sending) {
        file = open(pattern_file(), O_RDONLY | O_CLOEXEC);
        send_from(end, transport, file);
        close(file);
        if (end->transport)
            act_maybe(end);
    }
    gyre_transport_unref(transport);
    end->tasks--;
    return 0;
}

static void cancel(void *task)
{
    gyre_task_cancel(task);
}

static void drop(void *task)
{
    gyre_future_unref(task);
}

void act_sendfile(struct end *end)
{
    gyre_task *task;

    if (!end->rules.writes || end->rules.pipe || end->tasks ||
        gyre_loop_create_task(run.loop, &task, send_file, end))
        return;
    end->tasks++;
    if (one_in(6))
        gyre_loop_call_soon(run.loop, cancel, task, .release = drop);
    else
        gyre_future_unref(task);
}
