/* pipes.c - both ends of a pipe, and readers and writers of the program's descriptors. */
#include "scenario.h"
#include <fcntl.h>
#include <gyre/pipe.h>
#include <unistd.h>

enum { MUCH = 300 * 1024 };

static char much[MUCH];

static const struct manners reads = {.enough = MUCH}, writes = {0};

/* Who is refused keeps its descriptor. */
static int open_ends(const int ends[2], int kept[2])
{
    gyre_loop *loop = gyre_get_running_loop();
    int err = gyre_loop_connect_read_pipe(loop, NULL, &party_protocol, ends[0], (void *)(uintptr_t)&reads);

    if (!party_of(&reads))
        kept[0] = ends[0];
    if (err)
        return err;
    err = gyre_loop_connect_write_pipe(loop, NULL, &party_protocol, ends[1], (void *)(uintptr_t)&writes);
    if (party_of(&writes))
        kept[1] = -1;
    return err;
}

static int through(void *arg)
{
    int ends[2], kept[2] = {-1, -1};
    int err;

    if (pipe(ends))
        return -errno;
    kept[1] = ends[1];
    err = open_ends(ends, kept);
    if (!err && party_of(&writes)->transport) {
        gyre_transport_write(party_of(&writes)->transport, much, MUCH);
        gyre_transport_write_eof(party_of(&writes)->transport);
    }
    if (!err)
        err = party_enough(party_of(&reads));
    party_end_all();
    for (int i = 0; i < 2; i++)
        if (kept[i] >= 0)
            close(kept[i]);
    return err;
}

/* --- descriptors of the program's --- */

static int guests[2];
static int heard, said;
static gyre_event both;

static void hear(void *arg)
{
    char byte;

    heard += read(guests[0], &byte, 1) == 1;
    gyre_loop_remove_reader(gyre_get_running_loop(), guests[0]);
    gyre_event_set(&both);
}

static void say(void *arg)
{
    said += write(guests[1], "x", 1) == 1;
    gyre_loop_remove_writer(gyre_get_running_loop(), guests[1]);
}

static int watch_both(void)
{
    gyre_loop *loop = gyre_get_running_loop();
    int err = gyre_loop_add_reader(loop, guests[0], hear, NULL);

    return err ? err : gyre_loop_add_writer(loop, guests[1], say, NULL);
}

static int watch(void *arg)
{
    int err;

    heard = said = 0;
    if (pipe(guests))
        return -errno;
    gyre_event_init(&both);
    err = watch_both();
    if (!err)
        err = gyre_event_wait(&both);
    gyre_loop_remove_reader(gyre_get_running_loop(), guests[0]);
    gyre_loop_remove_writer(gyre_get_running_loop(), guests[1]);
    gyre_event_destroy(&both);
    close(guests[0]);
    close(guests[1]);
    return err || (heard && said) ? err : -EIO;
}

const struct scenario fault_pipes[] = {
    {.name = "pipe_through", .run = through}, {.name = "pipe_watched", .run = watch}, {0}};
