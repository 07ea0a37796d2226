/* certificate.h - contexts from the certificate that is made for the run: CERT and KEY among the arguments.
 */
#ifndef GYRE_TESTS_ORACLE_CERTIFICATE_H
#define GYRE_TESTS_ORACLE_CERTIFICATE_H

#include "oracle.h"
#include <string.h>

static const char *certificate, *key;

/* Finds the two files, wherever they stand in the line. */
static inline void find_certificate(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strstr(argv[i], "cert.pem"))
            certificate = argv[i];
        else if (strstr(argv[i], "key.pem"))
            key = argv[i];
    }
}

/* Python: SSLContext(PROTOCOL_TLS_SERVER), load_cert_chain */
static inline gyre_tls_context *server_context(void)
{
    gyre_tls_context *context = NULL;

    if (gyre_tls_context_new(&context, .server_side = true, .certfile = certificate, .keyfile = key))
        printf("no context: %s\n", gyre_error_text());
    return context;
}

/* Python: create_default_context(cafile=...), check_hostname = False */
static inline gyre_tls_context *client_context(void)
{
    gyre_tls_context *context = NULL;

    if (gyre_tls_context_new(&context, .cafile = certificate, .check_hostname = GYRE_NO))
        printf("no context: %s\n", gyre_error_text());
    return context;
}

#endif
