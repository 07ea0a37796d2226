/* net/tls_files.c - the texts of certificate, key and authorities, read together, shared by a context and its
 * copies.
 *
 * A reload gives all of them new texts at once. Each context compares a number at every new connection, and
 * takes the lock only when it has changed.
 */
#include "net/tls_files.h"
#include "base/memory.h"
#include <errno.h>
#include <gyre/error.h>
#include <openssl/crypto.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

struct gyre__tls_files {
    atomic_uint references;         /* contexts' */
    atomic_uint version;            /* how often there were new texts */
    pthread_mutex_t lock;           /* around `newest` */
    struct gyre__tls_texts *newest; /* held */
};

struct gyre__tls_files *gyre__tls_files_new(struct gyre__tls_texts *texts)
{
    struct gyre__tls_files *files = gyre__calloc(sizeof *files);

    files->references = 1;
    pthread_mutex_init(&files->lock, NULL);
    files->newest = gyre__tls_texts_ref(texts);
    return files;
}

struct gyre__tls_files *gyre__tls_files_ref(struct gyre__tls_files *files)
{
    atomic_fetch_add_explicit(&files->references, 1, memory_order_relaxed);
    return files;
}

void gyre__tls_files_unref(struct gyre__tls_files *files)
{
    if (!files || atomic_fetch_sub_explicit(&files->references, 1, memory_order_acq_rel) != 1)
        return;
    gyre__tls_texts_unref(files->newest);
    pthread_mutex_destroy(&files->lock);
    free(files);
}

unsigned gyre__tls_files_version(const struct gyre__tls_files *files)
{
    return atomic_load_explicit(&files->version, memory_order_relaxed);
}

unsigned gyre__tls_files_take(struct gyre__tls_files *files, struct gyre__tls_texts **texts)
{
    unsigned version;

    pthread_mutex_lock(&files->lock);
    *texts = gyre__tls_texts_ref(files->newest);
    version = gyre__tls_files_version(files);
    pthread_mutex_unlock(&files->lock);
    return version;
}

unsigned gyre__tls_files_put(struct gyre__tls_files *files, struct gyre__tls_texts *texts)
{
    struct gyre__tls_texts *before;
    unsigned version;

    pthread_mutex_lock(&files->lock);
    before = files->newest;
    files->newest = gyre__tls_texts_ref(texts);
    version = atomic_fetch_add_explicit(&files->version, 1, memory_order_relaxed) + 1;
    pthread_mutex_unlock(&files->lock);
    gyre__tls_texts_unref(before);
    return version;
}
