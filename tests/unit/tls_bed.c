/* tls_bed.c - keys and certificates by OpenSSL, in a folder of their own. */
#include "tests/unit/tls_bed.h"
#include <dirent.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[64];

const char *tls_file(const char *name)
{
    static _Thread_local char paths[4][512];
    static _Thread_local unsigned next;
    char *path = paths[next++ % 4];

    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

struct identity {
    EVP_PKEY *key;
    X509 *certificate;
};

static void extend(X509 *certificate, int kind, const char *value)
{
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, kind, value);

    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
}

static void name_it(X509_NAME *name, const char *text)
{
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)text, -1, -1, 0);
}

static X509 *begin(const char *name, EVP_PKEY *key)
{
    static long serial;
    X509 *made = X509_new();

    X509_set_version(made, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(made), ++serial);
    X509_gmtime_adj(X509_getm_notBefore(made), -3600);
    X509_gmtime_adj(X509_getm_notAfter(made), 86400);
    X509_set_pubkey(made, key);
    name_it(X509_get_subject_name(made), name);
    return made;
}

/* signer NULL: by itself. */
static struct identity make(const char *name, const char *names, const struct identity *signer)
{
    struct identity made = {.key = EVP_EC_gen("P-256")};

    made.certificate = begin(name, made.key);
    X509_set_issuer_name(made.certificate,
                         X509_get_subject_name(signer ? signer->certificate : made.certificate));
    extend(made.certificate, NID_basic_constraints, signer ? "CA:FALSE" : "CA:TRUE");
    if (names)
        extend(made.certificate, NID_subject_alt_name, names);
    X509_sign(made.certificate, signer ? signer->key : made.key, EVP_sha256());
    return made;
}

static void keep(const char *name, struct identity *made)
{
    FILE *file = fopen(tls_file(name), "w");

    PEM_write_X509(file, made->certificate);
    PEM_write_PrivateKey(file, made->key, NULL, NULL, 0, NULL, NULL);
    fclose(file);
}

static void drop(struct identity *made)
{
    EVP_PKEY_free(made->key);
    X509_free(made->certificate);
}

static void make_file(const char *file, const char *name, const char *names, const struct identity *signer)
{
    struct identity made = make(name, names, signer);

    keep(file, &made);
    drop(&made);
}

int tls_begin_files(void **state)
{
    struct identity ca = make("gyre's tests", NULL, NULL);

    strcpy(folder, "/tmp/gyre-tls-XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    keep("ca.pem", &ca);
    make_file("server.pem", "localhost", "DNS:localhost,IP:127.0.0.1", &ca);
    make_file("www.pem", "www.example.org", "DNS:www.example.org", &ca);
    make_file("client.pem", "client", NULL, &ca);
    make_file("alone.pem", "localhost", "DNS:localhost,IP:127.0.0.1", NULL);
    drop(&ca);
    return 0;
}

int tls_end_files(void **state)
{
    DIR *open = opendir(folder);
    struct dirent *entry;

    while ((entry = readdir(open)))
        if (entry->d_name[0] != '.')
            unlink(tls_file(entry->d_name));
    closedir(open);
    return rmdir(folder);
}

void tls_write_file(const char *name, const char *text)
{
    FILE *file = fopen(tls_file(name), "w");

    fputs(text, file);
    fclose(file);
}

void tls_copy_file(const char *name, const char *other)
{
    char text[8192];
    FILE *file = fopen(tls_file(other), "r");

    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    tls_write_file(name, text);
}

const char *tls_lock_file(const char *name, const char *other, const char *password)
{
    const char *path = tls_file(name);
    FILE *from = fopen(tls_file(other), "r"), *to = fopen(path, "w");
    EVP_PKEY *key = PEM_read_PrivateKey(from, NULL, NULL, NULL);

    PEM_write_PKCS8PrivateKey(to, key, EVP_aes_128_cbc(), NULL, 0, NULL, (void *)(uintptr_t)password);
    EVP_PKEY_free(key);
    fclose(from);
    fclose(to);
    return path;
}
