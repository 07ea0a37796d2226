/* httpd/hash.c - work that blocks: PBKDF2 in OpenSSL, on a thread of the executor, while the loop serves on.
 */
#include "httpd/number.h"
#include "httpd/site.h"
#include <openssl/evp.h>
#include <string.h>

enum {
    MOST_ROUNDS = 1000000, /* about a third of a second */
    KEY_LEN = 32
};

/* One computation; on the handler's stack. */
struct hash {
    const char *password;
    const char *salt;
    int rounds;
    unsigned char key[KEY_LEN];
};

static int compute(void *arg)
{
    struct hash *hash = arg;
    int ok = PKCS5_PBKDF2_HMAC(hash->password, (int)strlen(hash->password), (const unsigned char *)hash->salt,
                               (int)strlen(hash->salt), hash->rounds, EVP_sha256(), KEY_LEN, hash->key);

    return ok ? 0 : gyre_error_set(GYRE_ERUNTIME, "OpenSSL computes no PBKDF2");
}

static int answer(http_request *request, const struct hash *hash)
{
    static const char digits[] = "0123456789abcdef";
    char text[2 * KEY_LEN + 1];

    for (int i = 0; i < KEY_LEN; i++) {
        text[2 * i] = digits[hash->key[i] >> 4];
        text[2 * i + 1] = digits[hash->key[i] & 15];
    }
    text[2 * KEY_LEN] = '\n';
    return http_respond(request, 200, "text/plain", text, sizeof text);
}

static const char *query_or(http_request *request, const char *name, const char *otherwise)
{
    const char *value = http_query(request, name);

    return value ? value : otherwise;
}

int hash_handler(http_request *request, void *arg)
{
    struct hash hash = {
        .password = query_or(request, "password", "password"),
        .salt = query_or(request, "salt", "salt"),
    };
    long rounds;
    int err;

    if (!number_read(http_param(request, "rounds"), 1, MOST_ROUNDS, &rounds))
        return http_respond_status(request, 400);
    hash.rounds = (int)rounds;
    err = gyre_to_thread(compute, &hash);
    return err ? err : answer(request, &hash);
}
