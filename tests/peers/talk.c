/* talk.c - what a server does with a connection: sends back what comes, or tells of each line what it knows.
 */
#include "peer.h"
#include <stdio.h>
#include <string.h>

struct talk {
    gyre_transport *transport;
    const struct peer *peer;
};

static void connection_made(void *self, gyre_transport *transport)
{
    struct talk *talk = self;

    talk->transport = transport;
    talk->peer = gyre_transport_get_arg(transport);
}

static void tell(struct talk *talk)
{
    char text[1000];

    peer_describe(text, sizeof text - 1, talk->transport);
    strcat(text, "\n");
    gyre_transport_write(talk->transport, text, strlen(text));
}

static void data_received(void *self, const void *data, size_t len)
{
    struct talk *talk = self;

    if (!talk->peer->tell)
        gyre_transport_write(talk->transport, data, len);
    else
        for (size_t i = 0; i < len; i++)
            if (((const char *)data)[i] == '\n')
                tell(talk);
}

static void connection_lost(void *self, int err)
{
    struct talk *talk = self;
    char text[1000];

    peer_describe(text, sizeof text, talk->transport);
    printf("lost %s %s\n", gyre_error_name(err), text);
}

static void pause_writing(void *self)
{
    struct talk *talk = self;

    gyre_transport_pause_reading(talk->transport);
}

static void resume_writing(void *self)
{
    struct talk *talk = self;

    gyre_transport_resume_reading(talk->transport);
}

const gyre_protocol peer_talk = {
    .size = sizeof(struct talk),
    .connection_made = connection_made,
    .data_received = data_received,
    .connection_lost = connection_lost,
    .pause_writing = pause_writing,
    .resume_writing = resume_writing,
};
