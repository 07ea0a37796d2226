/* net/tls_ticket.c - the keys of session tickets: a ring that any thread reads while one rotates it.
 *
 * A slot is overwritten only when its key is three rotations old, which nobody looks at any more: a reader
 * that was overtaken meanwhile sees it by the count, and takes no key.
 */
#include "base/memory.h"
#include "net/tls.h"
#include <openssl/core_names.h>
#include <openssl/rand.h>
#include <string.h>

enum { SLOTS = 4, READ = 3, WORDS = GYRE_TLS_TICKET_KEY / 8, NAME = 16, SECRET = 32 };

struct gyre_tls_ticket_keys {
    atomic_uint references;                /* users' and contexts' */
    atomic_uint newest;                    /* rotations so far; its slot is that modulo SLOTS */
    _Atomic(uint64_t) slots[SLOTS][WORDS]; /* the keys, in words */
};

/* One key. */
struct key {
    unsigned char name[NAME];     /* stands in the ticket */
    unsigned char cipher[SECRET]; /* AES-256 */
    unsigned char mac[SECRET];    /* HMAC-SHA256 */
};

_Static_assert(sizeof(struct key) == GYRE_TLS_TICKET_KEY, "a key has no gaps");

int gyre_tls_ticket_keys_new(gyre_tls_ticket_keys **keys)
{
    gyre_tls_ticket_keys *made = gyre__calloc(sizeof *made);
    int err;

    made->references = 1;
    err = gyre_tls_ticket_keys_rotate(made, NULL);
    if (err)
        free(made);
    else
        *keys = made;
    return err;
}

gyre_tls_ticket_keys *gyre_tls_ticket_keys_ref(gyre_tls_ticket_keys *keys)
{
    if (keys)
        atomic_fetch_add_explicit(&keys->references, 1, memory_order_relaxed);
    return keys;
}

void gyre_tls_ticket_keys_unref(gyre_tls_ticket_keys *keys)
{
    if (!keys || atomic_fetch_sub_explicit(&keys->references, 1, memory_order_acq_rel) != 1)
        return;
    OPENSSL_cleanse((void *)keys->slots, sizeof keys->slots);
    free(keys);
}

int gyre_tls_ticket_keys_rotate(gyre_tls_ticket_keys *keys, const void *secret)
{
    unsigned next = atomic_load_explicit(&keys->newest, memory_order_relaxed) + 1;
    uint64_t words[WORDS];

    if (secret)
        memcpy(words, secret, sizeof words);
    else if (RAND_priv_bytes((unsigned char *)words, sizeof words) != 1)
        return gyre__tls_error("ticket keys");
    for (int i = 0; i < WORDS; i++)
        atomic_store_explicit(&keys->slots[next % SLOTS][i], words[i], memory_order_relaxed);
    atomic_store_explicit(&keys->newest, next, memory_order_release);
    OPENSSL_cleanse(words, sizeof words);
    return 0;
}

/* The key of this rotation; false when it is too old, or does not exist. */
static bool get(const gyre_tls_ticket_keys *keys, unsigned rotation, struct key *key)
{
    uint64_t words[WORDS];

    if (!rotation)
        return false;
    for (int i = 0; i < WORDS; i++)
        words[i] = atomic_load_explicit(&keys->slots[rotation % SLOTS][i], memory_order_acquire);
    memcpy(key, words, sizeof *key);
    return atomic_load_explicit(&keys->newest, memory_order_acquire) - rotation < READ;
}

static bool begin(const struct key *key, EVP_CIPHER_CTX *context, const EVP_CIPHER *cipher,
                  const unsigned char *iv, EVP_MAC_CTX *mac, int sealing)
{
    char digest[] = "SHA256";
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, (void *)(uintptr_t)key->mac, SECRET),
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0), OSSL_PARAM_construct_end()};

    return EVP_CipherInit_ex(context, cipher, NULL, key->cipher, iv, sealing) == 1 &&
           EVP_MAC_CTX_set_params(mac, params) == 1;
}

static int seal(const gyre_tls_context *owner, unsigned char *name, unsigned char *iv,
                EVP_CIPHER_CTX *context, EVP_MAC_CTX *mac)
{
    const gyre_tls_ticket_keys *keys = owner->settings.ticket_keys;
    const EVP_CIPHER *cipher = gyre__tls_library_cipher(owner->library);
    size_t len = (size_t)EVP_CIPHER_get_iv_length(cipher);
    struct key key;

    if (!get(keys, atomic_load_explicit(&keys->newest, memory_order_acquire), &key))
        return 0;
    memcpy(name, key.name, NAME);
    if (RAND_bytes_ex(gyre__tls_library_state(owner->library), iv, len, 0) != 1)
        return -1;
    return begin(&key, context, cipher, iv, mac, 1) ? 1 : -1;
}

/* 2 asks OpenSSL to give the client a new ticket, sealed with the newest key: one of TLS 1.3 is used once. */
static int open_ticket(const gyre_tls_context *owner, const unsigned char *name, const unsigned char *iv,
                       EVP_CIPHER_CTX *context, EVP_MAC_CTX *mac, bool once)
{
    const gyre_tls_ticket_keys *keys = owner->settings.ticket_keys;
    const EVP_CIPHER *cipher = gyre__tls_library_cipher(owner->library);
    unsigned newest = atomic_load_explicit(&keys->newest, memory_order_acquire);
    struct key key;

    for (unsigned age = 0; age < READ && age < newest; age++)
        if (get(keys, newest - age, &key) && !CRYPTO_memcmp(name, key.name, NAME))
            return !begin(&key, context, cipher, iv, mac, 0) ? -1 : age || once ? 2 : 1;
    return 0;
}

int gyre__tls_ticket(SSL *ssl, unsigned char *name, unsigned char *iv, EVP_CIPHER_CTX *cipher,
                     EVP_MAC_CTX *mac, int sealing)
{
    const struct gyre__tls *tls = SSL_get_app_data(ssl);

    return sealing ? seal(tls->context, name, iv, cipher, mac)
                   : open_ticket(tls->context, name, iv, cipher, mac, SSL_version(ssl) == TLS1_3_VERSION);
}
