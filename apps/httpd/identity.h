/* httpd/identity.h - a certificate with its key, as --tls names them: what a server shows to those who ask
 * for one of the certificate's names.
 */
#ifndef HTTPD_IDENTITY_H
#define HTTPD_IDENTITY_H

#include <gyre/gyre.h>

/* Where they are. */
struct identity_files {
    const char *certificate; /* PEM: the certificate, then its chain */
    const char *key;         /* PEM: its private key */
};

/* yours: one shard's, since a context is. */
struct identity;

/* Reads the files; of `rules` all but those is taken. A failure is GYRE_ESSL or -ENOMEM; gyre_error_text()
 * says which file, and why.
 */
int identity_new(struct identity **identity, const struct identity_files *files,
                 const gyre_tls_context_options *rules);

/* Reads the files again: new connections see what is in them now. After a failure all stays as it was. */
int identity_reload(struct identity *identity);

/* For whom a client asks by this name? Wildcards count. */
bool identity_has_name(const struct identity *identity, const char *name);

/* The context, lent. */
gyre_tls_context *identity_context(const struct identity *identity);

/* Frees it; NULL is fine. Connections go on. */
void identity_free(struct identity *identity);

#endif
