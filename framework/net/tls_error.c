/* net/tls_error.c - OpenSSL's errors in our words: "[SSL: REASON] text", as Python writes them. */
#include "net/tls.h"
#include <ctype.h>
#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <stdio.h>
#include <string.h>

/* "wrong version number" as WRONG_VERSION_NUMBER. */
static void shout(char *name, size_t size, const char *text)
{
    size_t i;

    for (i = 0; text[i] && i + 1 < size; i++)
        name[i] = isalnum((unsigned char)text[i]) ? (char)toupper((unsigned char)text[i]) : '_';
    name[i] = '\0';
}

static int tell(unsigned long code, const char *more)
{
    const char *text = ERR_reason_error_string(code);
    const char *library = ERR_lib_error_string(code);
    char name[80];

    if (!text)
        text = "unknown error";
    shout(name, sizeof name, text);
    return gyre_error_set(GYRE_ESSL, "[%s: %s] %s%s%s", ERR_GET_LIB(code) == ERR_LIB_SSL ? "SSL" : library,
                          name, text, *more ? ": " : "", more);
}

int gyre__tls_error(const char *doing)
{
    unsigned long code = ERR_peek_error();
    int err;

    if (ERR_SYSTEM_ERROR(code))
        err = gyre_error_set(-(int)ERR_GET_REASON(code), "%s: %s", doing, strerror(ERR_GET_REASON(code)));
    else
        err = code ? tell(code, doing) : gyre_error_set(GYRE_ESSL, "%s", doing);
    ERR_clear_error();
    return err;
}

int gyre__tls_failed(SSL *ssl, int reason)
{
    unsigned long code = ERR_peek_last_error();
    long verified = SSL_get_verify_result(ssl);
    bool certificate =
        ERR_GET_LIB(code) == ERR_LIB_SSL && ERR_GET_REASON(code) == SSL_R_CERTIFICATE_VERIFY_FAILED;
    int err;

    if (reason == SSL_ERROR_SYSCALL && !code)
        return gyre_error_set(GYRE_ESSLEOF, "EOF occurred in violation of protocol");
    err = tell(code, certificate ? X509_verify_cert_error_string(verified) : "");
    ERR_clear_error();
    return certificate ? GYRE_ESSLCERT : err;
}
