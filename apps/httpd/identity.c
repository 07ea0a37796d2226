/* httpd/identity.c - plain words about what is wrong with a certificate and its key, and without a prompt. */
#include "httpd/identity.h"
#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>

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

int identity_check(const struct identity_files *files)
{
    X509 *certificate = read_certificate(files->certificate);
    EVP_PKEY *key = certificate ? read_key(files->key) : NULL;
    bool good = key && belongs(key, certificate, files);

    EVP_PKEY_free(key);
    X509_free(certificate);
    ERR_clear_error();
    return good ? 0 : GYRE_ESSL;
}
