/* 077: a refused connection is ConnectionRefusedError, and the factory is never called; arguments that
 * contradict each other are ValueErrors. */
#include "oracle.h"
#include <arpa/inet.h>
#include <unistd.h>

static void *factory(void *arg)
{
    puts("FACTORY CALLED");
    return NULL;
}

static const gyre_protocol protocol = {.create = factory};

static void tell(const char *label, int err)
{
    printf("%s %s\n", label, err ? oracle_name(err) : "ok");
}

/* A socket on a port of 127.0.0.1 that the system picks. */
static int bind_somewhere(int *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int sock = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (bind(sock, (struct sockaddr *)&address, size) ||
        getsockname(sock, (struct sockaddr *)&address, &size))
        perror("bind");
    *port = ntohs(address.sin_port);
    return sock;
}

static void refuse_connections(gyre_loop *loop, int sock)
{
    int dgram = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), port;

    close(bind_somewhere(&port));
    tell("refused:", gyre_loop_create_connection(loop, NULL, &protocol, .host = "127.0.0.1", .port = port));
    tell("host and sock:",
         gyre_loop_create_connection(loop, NULL, &protocol, .host = "127.0.0.1", .port = port, .sock = sock));
    tell("nothing:", gyre_loop_create_connection(loop, NULL, &protocol));
    tell("dgram sock:", gyre_loop_create_connection(loop, NULL, &protocol, .sock = dgram));
    close(dgram);
    tell("server_hostname without ssl:",
         gyre_loop_create_connection(loop, NULL, &protocol, .host = "h", .port = 1, .server_hostname = "h"));
}

static void refuse_servers(gyre_loop *loop, int sock)
{
    int port, listening = bind_somewhere(&port);

    listen(listening, SOMAXCONN);
    tell("server nothing:", gyre_loop_create_server(loop, NULL, &protocol));
    tell("server host+sock:",
         gyre_loop_create_server(loop, NULL, &protocol, .host = "127.0.0.1", .sock = sock));
    tell("port in use:", gyre_loop_create_server(loop, NULL, &protocol, .host = "127.0.0.1", .port = port));
    close(listening);
}

static int run(void *arg)
{
    int pair[2];

    oracle_socketpair(pair);
    refuse_connections(gyre_get_running_loop(), pair[0]);
    refuse_servers(gyre_get_running_loop(), pair[0]);
    close(pair[0]);
    close(pair[1]);
    return 0;
}

int main(int argc, char **argv)
{
    return oracle_run(argc, argv, run);
}
