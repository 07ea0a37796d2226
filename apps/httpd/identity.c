/* httpd/identity.c - a context, and the names in its certificate, which gyre does not tell.
 *
 * The files are read twice: here for plain words about what is wrong with them, and without a prompt.
 */
#include "httpd/identity.h"
#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

struct identity {
    const struct identity_files *files;
    gyre_tls_context *context;
    X509 *certificate; /* the first one of its file */
};

/* NULL: it was said why. */
static FILE *open_file(const char *path)
{
    FILE *file = fopen(path, "re");

    if (!file)
        gyre_error_set(-errno, "%s: %s", path, strerror(errno));
    return file;
}

static X509 *read_certificate(const char *path)
{
    FILE *file = open_file(path);
    X509 *certificate = file ? PEM_read_X509_AUX(file, NULL, NULL, NULL) : NULL;

    if (file && !certificate)
        gyre_error_set(GYRE_ESSL, "%s: no certificate in PEM", path);
    if (file)
        fclose(file);
    return certificate;
}

/* A server cannot stop and ask for a password. */
static int know_none(char *password, int size, int writing, void *path)
{
    return -1;
}

static EVP_PKEY *read_key(const char *path)
{
    FILE *file = open_file(path);
    EVP_PKEY *key = file ? PEM_read_PrivateKey(file, NULL, know_none, NULL) : NULL;

    if (file && !key)
        gyre_error_set(GYRE_ESSL, "%s: no key in PEM, or one behind a password", path);
    if (file)
        fclose(file);
    return key;
}

/* In plainer words than OpenSSL's. */
static bool belongs(EVP_PKEY *key, X509 *certificate, const struct identity_files *files)
{
    if (X509_check_private_key(certificate, key) == 1)
        return true;
    gyre_error_set(GYRE_ESSL, "%s: not the key of %s", files->key, files->certificate);
    return false;
}

/* Both files, looked at before the context reads them. NULL: gyre_error_text() says what is wrong. */
static X509 *look_at(const struct identity_files *files)
{
    X509 *certificate = read_certificate(files->certificate);
    EVP_PKEY *key = certificate ? read_key(files->key) : NULL;
    bool good = key && belongs(key, certificate, files);

    EVP_PKEY_free(key);
    if (!good) {
        X509_free(certificate);
        certificate = NULL;
    }
    ERR_clear_error();
    return certificate;
}

static int make_context(struct identity *identity, const gyre_tls_context_options *rules)
{
    gyre_tls_context_options options = *rules;

    options.certfile = identity->files->certificate;
    options.keyfile = identity->files->key;
    return (gyre_tls_context_new)(&identity->context, &options);
}

int identity_new(struct identity **identity, const struct identity_files *files,
                 const gyre_tls_context_options *rules)
{
    struct identity *made = calloc(1, sizeof *made);
    int err;

    if (!made)
        return -ENOMEM;
    made->files = files;
    made->certificate = look_at(files);
    err = made->certificate ? make_context(made, rules) : GYRE_ESSL;
    if (err)
        identity_free(made);
    else
        *identity = made;
    return err;
}

int identity_reload(struct identity *identity)
{
    X509 *fresh = look_at(identity->files);
    int err = fresh ? gyre_tls_context_reload(identity->context) : GYRE_ESSL;
    X509 *stale = err ? fresh : identity->certificate;

    if (!err)
        identity->certificate = fresh;
    X509_free(stale);
    return err;
}

bool identity_has_name(const struct identity *identity, const char *name)
{
    return X509_check_host(identity->certificate, name, 0, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS, NULL) == 1;
}

gyre_tls_context *identity_context(const struct identity *identity)
{
    return identity->context;
}

void identity_free(struct identity *identity)
{
    if (!identity)
        return;
    gyre_tls_context_unref(identity->context);
    X509_free(identity->certificate);
    free(identity);
}
