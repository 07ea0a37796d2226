/* net/tls_texts.c - what stands in the files of a context, as it was at one moment. */
#include "base/memory.h"
#include "net/tls_files.h"
#include <errno.h>
#include <gyre/error.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>

enum { PIECE = 4096 };

static int refuse(const char *path)
{
    int err = errno;

    return gyre_error_set(-err, "%s: %s", path, strerror(err));
}

/* What was there may be a key. */
static void grow(struct gyre__tls_text *text)
{
    char *larger = gyre__malloc(text->len + PIECE);

    if (text->len)
        memcpy(larger, text->data, text->len);
    gyre__tls_text_clear(text);
    text->data = larger;
}

static int read_all(FILE *file, const char *path, struct gyre__tls_text *text)
{
    size_t got = PIECE;

    while (got == PIECE) {
        size_t len = text->len;

        grow(text);
        got = fread(text->data + len, 1, PIECE, file);
        text->len = len + got;
    }
    return ferror(file) ? refuse(path) : 0;
}

static int read_file(const char *path, struct gyre__tls_text *text)
{
    FILE *file = path ? fopen(path, "re") : NULL;
    int err;

    if (!path)
        return 0;
    if (!file)
        return refuse(path);
    setvbuf(file, NULL, _IONBF, 0);
    err = read_all(file, path, text);
    fclose(file);
    return err;
}

void gyre__tls_text_clear(struct gyre__tls_text *text)
{
    if (text->data)
        OPENSSL_cleanse(text->data, text->len);
    free(text->data);
    *text = (struct gyre__tls_text){0};
}

int gyre__tls_texts_read(const gyre_tls_context_options *settings, struct gyre__tls_texts **texts)
{
    struct gyre__tls_texts *made = gyre__calloc(sizeof *made);
    int err;

    made->references = 1;
    err = read_file(settings->certfile, &made->certificate);
    if (!err)
        err = read_file(settings->keyfile, &made->key);
    if (!err)
        err = read_file(settings->cafile, &made->authorities);
    if (err)
        gyre__tls_texts_unref(made);
    else
        *texts = made;
    return err;
}

struct gyre__tls_texts *gyre__tls_texts_ref(struct gyre__tls_texts *texts)
{
    atomic_fetch_add_explicit(&texts->references, 1, memory_order_relaxed);
    return texts;
}

void gyre__tls_texts_unref(struct gyre__tls_texts *texts)
{
    if (!texts || atomic_fetch_sub_explicit(&texts->references, 1, memory_order_acq_rel) != 1)
        return;
    gyre__tls_text_clear(&texts->certificate);
    gyre__tls_text_clear(&texts->key);
    gyre__tls_text_clear(&texts->authorities);
    free(texts);
}
