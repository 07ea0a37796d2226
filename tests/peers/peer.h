/* peer.h - one end of a conversation whose other end is somebody else's program: what the command line asks
 * for, and the files that do it.
 *
 * usage: peer serve|ask tcp|unix|udp [OPTIONS] | peer read|write PATH; the options are the fields below.
 */
#ifndef GYRE_TESTS_PEER_H
#define GYRE_TESTS_PEER_H

#include <gyre/gyre.h>

enum { PEER_NAMES = 8, PEER_AS_SENT = -2 };

struct peer {
    const char *what;  /* "serve", "ask", "read" or "write" */
    const char *kind;  /* "tcp", "unix" or "udp"; for read and write the path of a pipe or terminal */
    const char *host;  /* --host: 127.0.0.1, if nothing is said */
    long port;         /* --port: 0 lets the system pick one, which the server prints */
    const char *path;  /* --path: of a unix socket, also for udp */
    long abstract;     /* --abstract: it is a name, not a file */
    const char *local; /* --local: the path of the client's own socket of datagrams */
    long shards;       /* --shards: of a server; 1 */

    long tls;                         /* --tls: as the following options say */
    const char *cert;                 /* --cert: PEM, with the key in it */
    const char *ca;                   /* --ca */
    const char *verify;               /* --verify: none, optional or required */
    const char *name;                 /* --name: whom a client expects; the host */
    const char *sni[PEER_NAMES];      /* --sni NAME=CERT: another certificate for a name */
    const char *alpn[PEER_NAMES + 1]; /* --alpn: a protocol */
    const char *ciphers;              /* --ciphers: of TLS 1.2 */
    const char *suites;               /* --suites: of TLS 1.3 */
    const char *min, *max;            /* --min, --max: 1.2 or 1.3 */
    long no_tickets;                  /* --no_tickets */
    gyre_tls_ticket_keys *keys;       /* shared by the shards of a server */

    long tell;     /* --tell: a server answers each line with what it knows of the connection */
    long starttls; /* --starttls: TLS begins after a line that asks for it, and its answer */
    long eof;      /* --eof: a client half-closes behind its input, and reads to the end */
    long expect;   /* --expect: bytes that a client reads; as many as it sends, -1: to the end */
    long times;    /* --times: connections of a client, one after the other; 1 */
    const char *sizes[PEER_NAMES + 1]; /* --sizes: bytes of a datagram that a client sends */

    char *input; /* a client's: its standard input, read before it begins */
    size_t len;  /* bytes of it */
};

/* Reads the command line; 0, or the exit status after having said what is wrong. */
int peer_parse(struct peer *peer, int argc, char **argv);

/* Makes the context that the options ask for. [new ref] */
int peer_context(gyre_tls_context **context, const struct peer *peer, bool server_side);

/* What is known of a connection, as "word=value word=value ...". */
void peer_describe(char *text, size_t size, gyre_transport *transport);

/* Each is the main of a shard, or of a loop: a struct peer comes in. [suspends] */
int peer_serve(void *peer);
int peer_serve_datagrams(void *peer);
int peer_ask(void *peer);
int peer_ask_datagrams(void *peer);
int peer_read(void *peer);
int peer_write(void *peer);

/* The protocol of a server's connections; its arg is a struct peer. */
extern const gyre_protocol peer_talk;

/* Serves a connection that begins without TLS; a context comes in. [suspends] */
int peer_turn_to_tls(gyre_reader *reader, gyre_writer *writer, void *context);

#endif
