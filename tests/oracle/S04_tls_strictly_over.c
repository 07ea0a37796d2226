/* S04: every transport pauses only when it is strictly over the high mark, those of TLS too. */
#include "certificate.h"

static char heard[64];

static void pause_writing(void *self)
{
    strcat(heard, "pause ");
}

static void resume_writing(void *self)
{
    strcat(heard, "resume ");
}

static const gyre_protocol silent = {.size = 1};
static const gyre_protocol protocol = {
    .size = 1, .pause_writing = pause_writing, .resume_writing = resume_writing};

static int run(void *arg)
{
    gyre_loop *loop = gyre_get_running_loop();
    gyre_tls_context *of_server = server_context(), *of_client = client_context();
    gyre_transport *transport = NULL;
    gyre_server *server;

    gyre_loop_create_server(loop, &server, &silent, .host = "127.0.0.1", .ssl = of_server);
    gyre_loop_create_connection(loop, &transport, &protocol, .host = "127.0.0.1",
                                .port = gyre_server_get_port(server), .ssl = of_client,
                                .server_hostname = "localhost");
    printf("size %zu\n", gyre_transport_get_write_buffer_size(transport));
    gyre_transport_set_write_buffer_limits(transport, 0, -1);
    printf("empty buffer, high=0: [%s]\n", heard);
    gyre_transport_abort(transport);
    gyre_transport_unref(transport);
    gyre_server_close(server);
    gyre_server_unref(server);
    gyre_sleep(.02);
    gyre_tls_context_unref(of_server);
    gyre_tls_context_unref(of_client);
    return 0;
}

int main(int argc, char **argv)
{
    find_certificate(argc, argv);
    return oracle_run(argc, argv, run);
}
