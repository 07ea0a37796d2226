/* party.c - protocols that keep account. */
#include "scenario.h"
#include <pthread.h>
#include <stdlib.h>

/* Shards have parties too. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct party *all;

static void *create(void *manners)
{
    struct party *party = calloc(1, sizeof *party);

    party->manners = manners;
    party->fd = -1;
    party->loop = gyre_get_running_loop();
    gyre_event_init(&party->changed);
    pthread_mutex_lock(&lock);
    party->next = all;
    all = party;
    pthread_mutex_unlock(&lock);
    return party;
}

static void destroy(void *self)
{
    struct party *party = self;

    scenario_check(party->lost == party->made, "destroyed before it was lost");
    party->destroyed++;
}

static void connection_made(void *self, gyre_transport *transport)
{
    struct party *party = self;

    party->made++;
    party->transport = transport;
    pthread_mutex_lock(&lock);
    party->fd = gyre_transport_get_socket(transport);
    pthread_mutex_unlock(&lock);
    if (party->manners->made)
        party->manners->made(party);
}

static void data_received(void *self, const void *data, size_t len)
{
    struct party *party = self;

    scenario_check(party->made == 1 && !party->lost, "data before made, or after lost");
    scenario_check(!party->eof, "data after eof");
    scenario_check(len > 0, "no data");
    party->received += len;
    gyre_event_set(&party->changed);
    if (party->manners->data)
        party->manners->data(party, data, len);
}

static bool eof_received(void *self)
{
    struct party *party = self;

    scenario_check(party->made == 1 && !party->lost && !party->eof, "eof before made, after lost, or twice");
    party->eof = true;
    gyre_event_set(&party->changed);
    return party->manners->eof && party->manners->eof(party);
}

static void connection_lost(void *self, int err)
{
    struct party *party = self;

    scenario_check(party->made == 1, "lost, and was never made");
    scenario_check(party->lost == 0, "lost twice");
    scenario_check(err <= 0, "lost with a code that is none");
    scenario_check(!party->expected || err == party->expected, "lost, and not with what the system said");
    party->lost++;
    party->err = err;
    party->transport = NULL;
    pthread_mutex_lock(&lock);
    party->fd = -1;
    pthread_mutex_unlock(&lock);
    gyre_event_set(&party->changed);
}

static void pause_writing(void *self)
{
    struct party *party = self;

    scenario_check(party->paused++ == 0 && !party->lost, "paused twice, or after lost");
}

static void resume_writing(void *self)
{
    struct party *party = self;

    scenario_check(--party->paused == 0 && !party->lost, "resumed and not paused, or after lost");
}

const gyre_protocol party_protocol = {
    .create = create,
    .destroy = destroy,
    .connection_made = connection_made,
    .data_received = data_received,
    .eof_received = eof_received,
    .connection_lost = connection_lost,
    .pause_writing = pause_writing,
    .resume_writing = resume_writing,
};

static void answer(struct party *party, const void *data, size_t len)
{
    gyre_transport_write(party->transport, data, len);
}

const struct manners party_echo = {.data = answer};

/* One of the loop that runs here. */
static bool is_near(const struct party *party)
{
    return party->loop == gyre_get_running_loop();
}

static struct party *first(void)
{
    struct party *party;

    pthread_mutex_lock(&lock);
    party = all;
    pthread_mutex_unlock(&lock);
    return party;
}

struct party *party_of(const struct manners *manners)
{
    struct party *party = first();

    while (party && (party->manners != manners || !is_near(party)))
        party = party->next;
    return party;
}

int party_enough(struct party *party)
{
    int err = 0;

    while (!err && party->received < party->manners->enough && !party->lost && !party->eof) {
        gyre_event_clear(&party->changed);
        err = gyre_event_wait(&party->changed);
    }
    if (!err && party->received < party->manners->enough)
        err = party->err ? party->err : -ECONNRESET;
    return err;
}

int party_gone(struct party *party)
{
    int err = 0;

    while (!err && !party->lost) {
        gyre_event_clear(&party->changed);
        err = gyre_event_wait(&party->changed);
    }
    return err ? err : party->err;
}

void party_end_all(void)
{
    for (struct party *party = first(); party; party = party->next)
        if (is_near(party) && party->transport)
            gyre_transport_abort(party->transport);
    for (struct party *party = first(); party; party = party->next)
        if (is_near(party) && party->made)
            party_gone(party);
}

/* A stream that is open is lost with what the system says to it. What it says to datagrams, or about a file,
 * is no loss; and what a transport is told while it is being closed need not be the first. */
static bool breaks(enum fault_call call, int error)
{
    return (call == FAULT_RECV || call == FAULT_SEND) && fault_kind_of(call, error) == FAULT_BROKEN;
}

static void expect(enum fault_call call, int fd, int error)
{
    if (!breaks(call, error))
        return;
    pthread_mutex_lock(&lock);
    for (struct party *party = all; party; party = party->next)
        if (party->fd == fd && fd >= 0 && !party->expected && !party->lost &&
            !gyre_transport_is_closing(party->transport))
            party->expected = -error;
    pthread_mutex_unlock(&lock);
}

void party_begin_run(void)
{
    fault_told = expect;
}

void party_end_run(void)
{
    fault_told = NULL;
    while (all) {
        struct party *party = all;

        all = party->next;
        scenario_check(party->made <= 1, "made twice");
        scenario_check(party->lost == party->made, "made, and never lost");
        scenario_check(party->destroyed == 1, "destroyed more or less than once");
        gyre_event_destroy(&party->changed);
        free(party);
    }
}
