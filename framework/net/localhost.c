/* net/localhost.c - names in virtual time, where nobody can be asked: "localhost" alone is one. */
#include "net/resolver.h"
#include <strings.h>

static const char *const addresses[] = {"::1", "127.0.0.1"};
static const int families[] = {AF_INET6, AF_INET};

static bool is_wanted(int family, const struct addrinfo *hints)
{
    return !hints || hints->ai_family == AF_UNSPEC || hints->ai_family == family;
}

static int ask(struct addrinfo **list, const char *node, const char *service, const struct addrinfo *hints)
{
    struct addrinfo numeric = {0};

    if (hints)
        numeric = *hints;
    numeric.ai_flags |= AI_NUMERICHOST;
    return getaddrinfo(node, service, &numeric, list);
}

/* Both lists in one, which freeaddrinfo frees as one. */
static int ask_both(struct addrinfo **list, const char *service, const struct addrinfo *hints)
{
    struct addrinfo **end = list;
    int eai = EAI_NONAME;

    *list = NULL;
    for (int i = 0; i < 2; i++) {
        if (!is_wanted(families[i], hints))
            continue;
        eai = ask(end, addresses[i], service, hints);
        if (eai)
            break;
        while (*end)
            end = &(*end)->ai_next;
    }
    if (eai && *list && end != list)
        freeaddrinfo(*list);
    return eai;
}

int gyre__localhost(struct addrinfo **list, const char *node, const char *service,
                    const struct addrinfo *hints)
{
    if (node && !strcasecmp(node, "localhost"))
        return ask_both(list, service, hints);
    return ask(list, node, service, hints);
}
