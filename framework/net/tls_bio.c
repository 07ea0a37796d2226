/* net/tls_bio.c - OpenSSL's way to the wire: reads from the bytes that were received, writes into the
 * transport beneath, both without a copy of ours.
 */
#include "net/tls.h"
#include <pthread.h>
#include <string.h>

static BIO_METHOD *method;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static int read_in(BIO *bio, char *data, int size)
{
    struct gyre__tls *tls = BIO_get_data(bio);
    size_t len = (size_t)size < tls->in_len ? (size_t)size : tls->in_len;

    BIO_clear_retry_flags(bio);
    if (!len) {
        BIO_set_retry_read(bio);
        return -1;
    }
    memcpy(data, tls->in, len);
    tls->in += len;
    tls->in_len -= len;
    return (int)len;
}

static int write_out(BIO *bio, const char *data, int len)
{
    struct gyre__tls *tls = BIO_get_data(bio);

    BIO_clear_retry_flags(bio);
    tls->out(tls->arg, data, (size_t)len);
    return len;
}

static long control(BIO *bio, int command, long number, void *pointer)
{
    return command == BIO_CTRL_FLUSH;
}

static int begin(BIO *bio)
{
    BIO_set_init(bio, 1);
    return 1;
}

static void make_method(void)
{
    method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "gyre");
    if (!method)
        return;
    BIO_meth_set_read(method, read_in);
    BIO_meth_set_write(method, write_out);
    BIO_meth_set_ctrl(method, control);
    BIO_meth_set_create(method, begin);
}

BIO *gyre__tls_bio(struct gyre__tls *tls)
{
    BIO *bio;

    pthread_once(&once, make_method);
    bio = method ? BIO_new(method) : NULL;
    if (bio)
        BIO_set_data(bio, tls);
    return bio;
}
