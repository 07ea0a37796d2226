/* 097: getaddrinfo and getnameinfo: literals, ports as text, the filter by family, no host, and errors of the
 * resolver's own kind. */
#include "oracle.h"
#include <arpa/inet.h>
#include <netinet/in.h>

static const char *host_of(const struct addrinfo *info)
{
    char *host = py_place();

    getnameinfo(info->ai_addr, info->ai_addrlen, host, PY_LONGEST, NULL, 0, NI_NUMERICHOST);
    return host;
}

static int port_of(const struct addrinfo *info)
{
    return ntohs(((const struct sockaddr_in *)(const void *)info->ai_addr)->sin_port);
}

static void print_literals(gyre_loop *loop)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list;

    gyre_loop_getaddrinfo(loop, &list, "127.0.0.1", "80", &hints);
    printf("[(%s, (%s, %d))]\n", py_bool(list->ai_family == AF_INET), py_str(host_of(list)), port_of(list));
    freeaddrinfo(list);
    gyre_loop_getaddrinfo(loop, &list, "::1", "80", &hints);
    printf("[(%s, %d)]\n", py_str(host_of(list)), port_of(list));
    freeaddrinfo(list);
}

static void print_any(gyre_loop *loop)
{
    struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
    const char *hosts[8];
    struct addrinfo *list;
    size_t count = 0;

    gyre_loop_getaddrinfo(loop, &list, NULL, "80", &hints);
    for (struct addrinfo *info = list; info && count < 8; info = info->ai_next)
        hosts[count++] = host_of(info);
    printf("%s\n", py_sorted(hosts, count));
    freeaddrinfo(list);
}

static void print_errors(gyre_loop *loop)
{
    struct addrinfo six = {.ai_family = AF_INET6, .ai_socktype = SOCK_STREAM}, *list;

    printf("%s: family\n", oracle_name(gyre_loop_getaddrinfo(loop, &list, "127.0.0.1", "80", &six)));
    printf("%s: name\n", oracle_name(gyre_loop_getaddrinfo(loop, &list, "no such host name", "80", NULL)));
}

static void print_name(gyre_loop *loop)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(80), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    char host[NI_MAXHOST], service[NI_MAXSERV];

    gyre_loop_getnameinfo(loop, host, sizeof host, service, sizeof service, (struct sockaddr *)&address,
                          sizeof address, NI_NUMERICHOST | NI_NUMERICSERV);
    printf("(%s, %s)\n", py_str(host), py_str(service));
}

static int run(void *arg)
{
    gyre_loop *loop = gyre_get_running_loop();

    print_literals(loop);
    print_any(loop);
    print_errors(loop);
    print_name(loop);
    return 0;
}

int main(int argc, char **argv)
{
    return oracle_run(argc, argv, run);
}
