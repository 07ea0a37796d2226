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

/* Looks at the files before gyre reads them: 0, or GYRE_ESSL, and gyre_error_text() says which one is wrong,
 * and why.
 */
int identity_check(const struct identity_files *files);

#endif
