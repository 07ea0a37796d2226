/* net/tls_library.c - OpenSSL's state: one for each thread that makes contexts, so that shards share no lock.
 *
 * One costs a quarter of a megabyte and milliseconds, a context in it a twentieth of that. It goes with the
 * last of its contexts. The lock here is for making and freeing contexts, never for connections.
 */
#include "base/memory.h"
#include "net/tls.h"
#include <pthread.h>

struct gyre__tls_library {
    struct gyre__tls_library *next; /* another thread's */
    const void *thread;             /* an address that only one living thread has */
    unsigned contexts;              /* that are in it */
    OSSL_LIB_CTX *state;            /* OpenSSL's */
    EVP_CIPHER *cipher;             /* what tickets are sealed with */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct gyre__tls_library *libraries;
static _Thread_local char self;

static struct gyre__tls_library *find(void)
{
    struct gyre__tls_library *library = libraries;

    while (library && library->thread != &self)
        library = library->next;
    return library;
}

static void drop(struct gyre__tls_library *library)
{
    EVP_CIPHER_free(library->cipher);
    OSSL_LIB_CTX_free(library->state);
    free(library);
}

static struct gyre__tls_library *add(void)
{
    struct gyre__tls_library *made = gyre__calloc(sizeof *made);

    made->state = OSSL_LIB_CTX_new();
    made->cipher = made->state ? EVP_CIPHER_fetch(made->state, "AES-256-CBC", NULL) : NULL;
    if (!made->cipher) {
        drop(made);
        return NULL;
    }
    made->thread = &self;
    made->next = libraries;
    libraries = made;
    return made;
}

struct gyre__tls_library *gyre__tls_library_take(void)
{
    struct gyre__tls_library *library;

    pthread_mutex_lock(&lock);
    library = find();
    if (!library)
        library = add();
    if (library)
        library->contexts++;
    pthread_mutex_unlock(&lock);
    return library;
}

static void take_out(struct gyre__tls_library *library)
{
    struct gyre__tls_library **at = &libraries;

    while (*at != library)
        at = &(*at)->next;
    *at = library->next;
}

void gyre__tls_library_give(struct gyre__tls_library *library)
{
    bool last;

    if (!library)
        return;
    pthread_mutex_lock(&lock);
    last = --library->contexts == 0;
    if (last)
        take_out(library);
    pthread_mutex_unlock(&lock);
    if (last)
        drop(library);
}

OSSL_LIB_CTX *gyre__tls_library_state(const struct gyre__tls_library *library)
{
    return library->state;
}

EVP_CIPHER *gyre__tls_library_cipher(const struct gyre__tls_library *library)
{
    return library->cipher;
}
