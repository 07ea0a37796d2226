/* httpd/https.c - one context for all pairs of files, and its copies on the shards. Whose name a client asks
 * for is whom it sees: the first pair is for all the others.
 */
#include "httpd/https.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum { MOST_SHARDS = 1024 };

struct https {
    const struct https_options *options;
    gyre_tls_ticket_keys *keys; /* of all shards */
    gyre_handle rotation;       /* the next one; of the first shard's loop */
    gyre_tls_context *pattern;  /* what the shards copy: the first pair's, with the others' names */
    gyre_tls_context *shards[MOST_SHARDS]; /* the copies */
};

static int check(const struct https_options *options)
{
    int err = 0;

    for (int i = 0; i < options->count && !err; i++)
        err = identity_check(&options->files[i]);
    return err;
}

static int make_context(gyre_tls_context **context, const struct https *https, int place)
{
    static const char *const protocols[] = {"http/1.1", NULL};
    const struct identity_files *files = &https->options->files[place];

    return gyre_tls_context_new(context, .server_side = true, .certfile = files->certificate,
                                .keyfile = files->key, .minimum_version = GYRE_TLS_1_2,
                                .alpn_protocols = protocols, .ticket_keys = https->keys);
}

/* By the names in its certificate. */
static int add_pair(const struct https *https, int place)
{
    gyre_tls_context *other;
    int err = make_context(&other, https, place);

    if (err)
        return err;
    err = gyre_tls_context_add_name(https->pattern, NULL, other);
    gyre_tls_context_unref(other);
    return err;
}

/* Of two pairs with a name in common the first one counts: that which was added last. */
static int fill(struct https *https)
{
    int err = gyre_tls_ticket_keys_new(&https->keys);

    if (!err)
        err = make_context(&https->pattern, https, 0);
    for (int place = https->options->count - 1; place > 0 && !err; place--)
        err = add_pair(https, place);
    return err;
}

static struct https *fail(struct https *https)
{
    fprintf(stderr, "gyre-httpd: --tls: %s\n", gyre_error_text());
    https_close(https);
    return NULL;
}

struct https *https_open(const struct https_options *options)
{
    struct https *https = calloc(1, sizeof *https);
    int err = https ? check(options) : gyre_error_set(-ENOMEM, "no memory");

    if (err)
        return fail(https);
    https->options = options;
    return fill(https) ? fail(https) : https;
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
    gyre_tls_context **mine = &https->shards[gyre_shard_id()];
    int err = gyre_tls_context_copy(mine, https->pattern);

    if (err)
        return err;
    if (gyre_shard_id() == 0 && https->options->ticket_rotation)
        rotate_later(https);
    *context = *mine;
    return 0;
}

void https_reload(struct https *https)
{
    gyre_tls_context *mine = https->shards[gyre_shard_id()];
    int err = mine ? check(https->options) : 0;

    if (mine && !err)
        err = gyre_tls_context_reload(mine);
    if (err)
        fprintf(stderr, "gyre-httpd: --tls: %s; the old certificate stays\n", gyre_error_text());
}

void https_end(struct https *https)
{
    gyre_tls_context **mine = &https->shards[gyre_shard_id()];

    if (gyre_shard_id() == 0)
        gyre_handle_cancel(&https->rotation);
    gyre_tls_context_unref(*mine);
    *mine = NULL;
}

void https_close(struct https *https)
{
    if (!https)
        return;
    gyre_tls_context_unref(https->pattern);
    gyre_tls_ticket_keys_unref(https->keys);
    free(https);
}
