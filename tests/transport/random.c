/* random.c - random numbers by the seed, for us and for OpenSSL, so that a seed plays the same again. */
#include "fuzz.h"
#include <limits.h>
#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/provider.h>
#include <openssl/rand.h>

static uint64_t state;

static uint64_t next(uint64_t *from)
{
    uint64_t mixed = *from += 0x9e3779b97f4a7c15u;

    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9u;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebu;
    return mixed ^ (mixed >> 31);
}

unsigned roll(unsigned sides)
{
    return (unsigned)(next(&state) >> 33) % sides;
}

bool one_in(unsigned sides)
{
    return roll(sides) == 0;
}

/* --- as OpenSSL's generator --- */

static uint64_t tls_state = 1;

void random_begin(uint64_t seed)
{
    state = seed * 2;
    tls_state = seed * 2 + 1;
}

static void *new_generator(void *provider, void *parent, const OSSL_DISPATCH *calls)
{
    return &tls_state;
}

static void free_generator(void *generator)
{
}

static int instantiate(void *generator, unsigned strength, int resistance, const unsigned char *text,
                       size_t len, const OSSL_PARAM params[])
{
    return 1;
}

static int uninstantiate(void *generator)
{
    return 1;
}

static int generate(void *generator, unsigned char *out, size_t len, unsigned strength, int resistance,
                    const unsigned char *more, size_t more_len)
{
    while (len-- > 0)
        *out++ = (unsigned char)(next(&tls_state) >> 56);
    return 1;
}

static int enable_locking(void *generator)
{
    return 1;
}

static int get_params(void *generator, OSSL_PARAM params[])
{
    OSSL_PARAM *at = OSSL_PARAM_locate(params, OSSL_RAND_PARAM_STATE);

    if (at)
        OSSL_PARAM_set_int(at, EVP_RAND_STATE_READY);
    at = OSSL_PARAM_locate(params, OSSL_RAND_PARAM_STRENGTH);
    if (at)
        OSSL_PARAM_set_int(at, 256);
    at = OSSL_PARAM_locate(params, OSSL_RAND_PARAM_MAX_REQUEST);
    if (at)
        OSSL_PARAM_set_size_t(at, INT_MAX);
    return 1;
}

#define CALL(number, fn)           \
    {                              \
        number, (void (*)(void))fn \
    }

static const OSSL_DISPATCH generator_calls[] = {
    CALL(OSSL_FUNC_RAND_NEWCTX, new_generator),      CALL(OSSL_FUNC_RAND_FREECTX, free_generator),
    CALL(OSSL_FUNC_RAND_INSTANTIATE, instantiate),   CALL(OSSL_FUNC_RAND_UNINSTANTIATE, uninstantiate),
    CALL(OSSL_FUNC_RAND_GENERATE, generate),         CALL(OSSL_FUNC_RAND_ENABLE_LOCKING, enable_locking),
    CALL(OSSL_FUNC_RAND_GET_CTX_PARAMS, get_params), {0, NULL},
};

static const OSSL_ALGORITHM generators[] = {{"SEEDED", "provider=seeded", generator_calls, NULL},
                                            {NULL, NULL, NULL, NULL}};

static const OSSL_ALGORITHM *query(void *provider, int operation, int *no_store)
{
    *no_store = 0;
    return operation == OSSL_OP_RAND ? generators : NULL;
}

static const OSSL_DISPATCH provider_calls[] = {
    CALL(OSSL_FUNC_PROVIDER_QUERY_OPERATION, query),
    {0, NULL},
};

static int be_provider(const OSSL_CORE_HANDLE *handle, const OSSL_DISPATCH *in, const OSSL_DISPATCH **out,
                       void **provider)
{
    *out = provider_calls;
    *provider = &tls_state;
    return 1;
}

/* What a library context was given, to be taken back before it goes. */
static struct {
    OSSL_LIB_CTX *library;
    OSSL_PROVIDER *seeded, *usual;
} given[16];

static int place_of(const OSSL_LIB_CTX *library)
{
    for (int i = 0; i < 16; i++)
        if (given[i].library == library)
            return i;
    abort();
}

void random_tls(OSSL_LIB_CTX *library)
{
    int i = place_of(NULL);

    given[i].library = library;
    if (!OSSL_PROVIDER_add_builtin(library, "seeded", be_provider) ||
        !(given[i].seeded = OSSL_PROVIDER_load(library, "seeded")) ||
        !(given[i].usual = OSSL_PROVIDER_load(library, "default")) ||
        !RAND_set_DRBG_type(library, "SEEDED", NULL, NULL, NULL))
        abort();
}

void random_tls_end(OSSL_LIB_CTX *library)
{
    int i = place_of(library);

    OSSL_PROVIDER_unload(given[i].seeded);
    OSSL_PROVIDER_unload(given[i].usual);
    given[i].library = NULL;
}

/* The linker leads the library's calls here: its contexts have library contexts of their own. */
OSSL_LIB_CTX *__real_OSSL_LIB_CTX_new(void);
OSSL_LIB_CTX *__wrap_OSSL_LIB_CTX_new(void);
void __real_OSSL_LIB_CTX_free(OSSL_LIB_CTX *library);
void __wrap_OSSL_LIB_CTX_free(OSSL_LIB_CTX *library);

OSSL_LIB_CTX *__wrap_OSSL_LIB_CTX_new(void)
{
    OSSL_LIB_CTX *library = __real_OSSL_LIB_CTX_new();

    random_tls(library);
    return library;
}

void __wrap_OSSL_LIB_CTX_free(OSSL_LIB_CTX *library)
{
    if (library)
        random_tls_end(library);
    __real_OSSL_LIB_CTX_free(library);
}
