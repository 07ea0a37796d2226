/* options.c - the command line: a table of words, and where in the struct each goes. */
#include "peer.h"
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum kind { FLAG, NUMBER, TEXT, LIST };

static const struct {
    const char *word;
    enum kind kind;
    size_t place;
} words[] = {
    {"host", TEXT, offsetof(struct peer, host)},     {"port", NUMBER, offsetof(struct peer, port)},
    {"path", TEXT, offsetof(struct peer, path)},     {"abstract", FLAG, offsetof(struct peer, abstract)},
    {"local", TEXT, offsetof(struct peer, local)},   {"shards", NUMBER, offsetof(struct peer, shards)},
    {"tls", FLAG, offsetof(struct peer, tls)},       {"cert", TEXT, offsetof(struct peer, cert)},
    {"ca", TEXT, offsetof(struct peer, ca)},         {"verify", TEXT, offsetof(struct peer, verify)},
    {"name", TEXT, offsetof(struct peer, name)},     {"sni", LIST, offsetof(struct peer, sni)},
    {"alpn", LIST, offsetof(struct peer, alpn)},     {"ciphers", TEXT, offsetof(struct peer, ciphers)},
    {"suites", TEXT, offsetof(struct peer, suites)}, {"min", TEXT, offsetof(struct peer, min)},
    {"max", TEXT, offsetof(struct peer, max)},       {"no_tickets", FLAG, offsetof(struct peer, no_tickets)},
    {"tell", FLAG, offsetof(struct peer, tell)},     {"starttls", FLAG, offsetof(struct peer, starttls)},
    {"eof", FLAG, offsetof(struct peer, eof)},       {"expect", NUMBER, offsetof(struct peer, expect)},
    {"times", NUMBER, offsetof(struct peer, times)}, {"sizes", LIST, offsetof(struct peer, sizes)},
};

enum { WORDS = sizeof words / sizeof *words };

static int find(const char *argument)
{
    for (int i = 0; i < WORDS; i++)
        if (!strncmp(argument, "--", 2) && !strcmp(argument + 2, words[i].word))
            return i;
    fprintf(stderr, "peer: what is %s?\n", argument);
    return -1;
}

static void append(const char **list, const char *value)
{
    int i = 0;

    while (i < PEER_NAMES - 1 && list[i])
        i++;
    list[i] = value;
}

static void put(void *place, enum kind kind, const char *value)
{
    if (kind == LIST)
        append(place, value);
    else if (kind == TEXT)
        *(const char **)place = value;
    else
        *(long *)place = kind == FLAG ? 1 : atol(value);
}

static int parse_options(struct peer *peer, char **argv)
{
    while (*argv) {
        int i = find(*argv++);

        if (i < 0)
            return 2;
        if (words[i].kind != FLAG && !*argv) {
            fprintf(stderr, "peer: --%s wants a value\n", words[i].word);
            return 2;
        }
        put((char *)peer + words[i].place, words[i].kind, words[i].kind == FLAG ? NULL : *argv++);
    }
    return 0;
}

int peer_parse(struct peer *peer, int argc, char **argv)
{
    *peer = (struct peer){.host = "127.0.0.1", .shards = 1, .times = 1, .expect = PEER_AS_SENT};
    if (argc < 3) {
        fprintf(stderr, "usage: peer serve|ask tcp|unix|udp [OPTIONS] | peer read|write PATH\n");
        return 2;
    }
    peer->what = argv[1];
    peer->kind = argv[2];
    return parse_options(peer, argv + 3);
}
