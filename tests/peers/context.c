/* context.c - contexts as the command line describes them, and what a connection says about itself. */
#include "peer.h"
#include <stdio.h>
#include <string.h>

static int version(const char *text)
{
    if (!text)
        return 0;
    return strcmp(text, "1.2") ? GYRE_TLS_1_3 : GYRE_TLS_1_2;
}

static int verify_mode(const char *text)
{
    if (!text)
        return 0;
    if (!strcmp(text, "optional"))
        return GYRE_CERT_OPTIONAL;
    return strcmp(text, "none") ? GYRE_CERT_REQUIRED : GYRE_CERT_NONE;
}

static int make(gyre_tls_context **context, const struct peer *peer, const char *cert, bool server_side)
{
    return gyre_tls_context_new(
        context, .server_side = server_side, .certfile = cert, .cafile = peer->ca,
        .verify_mode = verify_mode(peer->verify), .ciphers = peer->ciphers, .ciphersuites = peer->suites,
        .minimum_version = version(peer->min), .maximum_version = version(peer->max),
        .alpn_protocols = peer->alpn[0] ? peer->alpn : NULL,
        .session_tickets = peer->no_tickets ? GYRE_NO : 0, .ticket_keys = server_side ? peer->keys : NULL);
}

static int add_name(gyre_tls_context *context, const struct peer *peer, const char *sni)
{
    const char *cert = strchr(sni, '=');
    gyre_tls_context *other;
    char name[256];
    int err = cert ? make(&other, peer, cert + 1, true) : GYRE_EVALUE;

    if (err)
        return err;
    snprintf(name, sizeof name, "%.*s", (int)(cert - sni), sni);
    err = gyre_tls_context_add_name(context, name, other);
    gyre_tls_context_unref(other);
    return err;
}

int peer_context(gyre_tls_context **context, const struct peer *peer, bool server_side)
{
    gyre_tls_context *made;
    int err = make(&made, peer, peer->cert, server_side);

    if (err)
        return err;
    for (int i = 0; i < PEER_NAMES && peer->sni[i] && !err; i++)
        err = add_name(made, peer, peer->sni[i]);
    if (err)
        gyre_tls_context_unref(made);
    else
        *context = made;
    return err;
}

static const char *or_nothing(const char *text)
{
    return text ? text : "";
}

void peer_describe(char *text, size_t size, gyre_transport *transport)
{
    const gyre_tls_object *tls = gyre_transport_get_extra_info(transport, "ssl_object", NULL);

    if (tls)
        snprintf(text, size,
                 "shard=%d version=%s cipher=%s reused=%d truncated=%d alpn=%s name=%s subject=%s",
                 gyre_shard_id(), tls->version, tls->cipher, tls->session_reused, tls->truncated,
                 or_nothing(tls->selected_alpn_protocol), or_nothing(tls->server_hostname),
                 tls->peercert ? tls->peercert->subject : "");
    else
        snprintf(text, size, "shard=%d version=", gyre_shard_id());
}
