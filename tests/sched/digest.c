/* digest.c - see digest.h. */
#include "digest.h"
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>

void digest(const void *bytes, size_t size, char hexadecimal[DIGEST_LENGTH + 1])
{
    unsigned char sum[EVP_MAX_MD_SIZE];
    unsigned int length = 0;

    if (!EVP_Digest(bytes, size, sum, &length, EVP_md5(), NULL))
        abort();
    for (unsigned int i = 0; i < length; i++)
        snprintf(hexadecimal + 2 * i, 3, "%02x", sum[i]);
}
