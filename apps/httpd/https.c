/* httpd/https.c - every shard's identities. Whose name a client asks for is whom it sees: the first identity
 * is for all the others.
 */
#include "httpd/https.h"
#include <stdio.h>
#include <stdlib.h>

enum { MOST_SHARDS = 1024 };

/* One shard's, in the order of the options. */
struct wardrobe {
    int count;
    struct identity *identities[MOST_IDENTITIES];
};

struct https {
    const struct https_options *options;
    gyre_tls_ticket_keys *keys; /* of all shards */
    gyre_handle rotation;       /* the next one; of the first shard's loop */
    struct wardrobe shards[MOST_SHARDS];
};

static gyre_tls_context *pick(void *arg, const char *name)
{
    const struct wardrobe *wardrobe = arg;

    for (int i = 0; name && i < wardrobe->count; i++)
        if (identity_has_name(wardrobe->identities[i], name))
            return identity_context(wardrobe->identities[i]);
    return NULL;
}

/* The first one's context is the servers', and picks. */
static int fill(struct wardrobe *wardrobe, const struct https *https)
{
    static const char *const protocols[] = {"http/1.1", NULL};
    const gyre_tls_context_options rules = {
        .size = sizeof rules,
        .server_side = true,
        .minimum_version = GYRE_TLS_1_2,
        .alpn_protocols = protocols,
        .ticket_keys = https->keys,
        .sni_callback = https->options->count > 1 ? pick : NULL,
        .sni_arg = wardrobe,
    };
    int err = 0;

    while (!err && wardrobe->count < https->options->count) {
        err = identity_new(&wardrobe->identities[wardrobe->count], &https->options->files[wardrobe->count],
                           &rules);
        wardrobe->count += !err;
    }
    return err;
}

static struct https *fail(struct https *https)
{
    fprintf(stderr, "gyre-httpd: --tls: %s\n", gyre_error_text());
    https_close(https);
    return NULL;
}

/* What is read here is the first shard's. */
struct https *https_open(const struct https_options *options)
{
    struct https *https = calloc(1, sizeof *https);
    int err = https ? 0 : gyre_error_set(-ENOMEM, "no memory");

    if (https)
        https->options = options;
    if (!err)
        err = gyre_tls_ticket_keys_new(&https->keys);
    if (!err)
        err = fill(&https->shards[0], https);
    return err ? fail(https) : https;
}

static void rotate(void *arg);

static void rotate_later(struct https *https)
{
    https->rotation =
        gyre_loop_call_later(gyre_get_event_loop(), (double)https->options->ticket_rotation, rotate, https);
}

static void rotate(void *arg)
{
    struct https *https = arg;

    if (gyre_tls_ticket_keys_rotate(https->keys, NULL))
        fprintf(stderr, "gyre-httpd: session tickets: %s\n", gyre_error_text());
    rotate_later(https);
}

int https_begin(struct https *https, gyre_tls_context **context)
{
    struct wardrobe *wardrobe = &https->shards[gyre_shard_id()];
    int err = fill(wardrobe, https);

    if (err)
        return err;
    if (gyre_shard_id() == 0 && https->options->ticket_rotation)
        rotate_later(https);
    *context = identity_context(wardrobe->identities[0]);
    return 0;
}

/* An order to each shard in turn. */
struct reload {
    struct https *https;
    int place; /* of the pair that is read */
};

static int reload_here(void *arg)
{
    const struct reload *reload = arg;
    struct wardrobe *wardrobe = &reload->https->shards[gyre_shard_id()];

    return reload->place < wardrobe->count ? identity_reload(wardrobe->identities[reload->place]) : 0;
}

/* Where one shard finds something wrong, the next would too. */
static int reload_pair(struct reload *reload)
{
    int err = 0;

    for (int shard = 0; shard < gyre_shard_count() && !err; shard++)
        err = gyre_shard_call(shard, reload_here, reload);
    if (err == GYRE_ECANCELLED || err == GYRE_ELOOPCLOSED)
        return err;
    if (err)
        fprintf(stderr, "gyre-httpd: --tls: %s; the old certificate stays\n", gyre_error_text());
    return 0;
}

static int reload(void *arg)
{
    struct reload reload = {.https = arg};
    int err = 0;

    for (; reload.place < reload.https->options->count && !err; reload.place++)
        err = reload_pair(&reload);
    return err;
}

void https_reload(struct https *https)
{
    gyre_task *task;

    if (!gyre_create_task(&task, reload, https, .name = "reload"))
        gyre_future_unref(task);
}

void https_end(struct https *https)
{
    if (gyre_shard_id() == 0)
        gyre_handle_cancel(&https->rotation);
}

void https_close(struct https *https)
{
    if (!https)
        return;
    for (int shard = 0; shard < MOST_SHARDS; shard++)
        for (int i = 0; i < https->shards[shard].count; i++)
            identity_free(https->shards[shard].identities[i]);
    gyre_tls_ticket_keys_unref(https->keys);
    free(https);
}
