/* stress_churn.c - ten thousand connections come, say a word, and go, in waves; some with a reset.
 *
 * After each wave the server has no connection left, and at the end descriptors and memory are where they
 * were after the first few: what is kept for the next wave is no leak, a block lost for each connection is.
 */
#include "stress.h"
#include <arpa/inet.h>
#include <dirent.h>
#include <malloc.h>

enum { WAVE = 500, WAVES = 20, WARM = 3, SLACK = 64 * 1024 };

static int port;
static long lost;

struct word {
    gyre_transport *transport;
};

static void word_made(void *self, gyre_transport *transport)
{
    ((struct word *)self)->transport = transport;
}

static void word_data(void *self, const void *data, size_t len)
{
    gyre_transport_write(((struct word *)self)->transport, data, len);
}

static void word_lost(void *self, int err)
{
    lost++;
}

static const gyre_protocol word = {.size = sizeof(struct word),
                                   .connection_made = word_made,
                                   .data_received = word_data,
                                   .connection_lost = word_lost};

static int dial(void)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0)
        return fd;
    close(fd);
    return -1;
}

/* Half of them hear their word again; every fourth goes with a reset. */
static int send_wave(void *arg)
{
    int fds[WAVE];
    char heard[4];

    for (int i = 0; i < WAVE; i++) {
        fds[i] = dial();
        if (fds[i] < 0 || send(fds[i], "word", 4, MSG_NOSIGNAL) != 4)
            return -1;
    }
    for (int i = 0; i < WAVE; i++) {
        struct linger reset = {i % 4 == 0, 0};

        if (i % 2 && recv(fds[i], heard, sizeof heard, MSG_WAITALL) != 4)
            return -1;
        setsockopt(fds[i], SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
        close(fds[i]);
    }
    return 0;
}

static int count_descriptors(void)
{
    DIR *folder = opendir("/proc/self/fd");
    int count = 0;

    while (readdir(folder))
        count++;
    closedir(folder);
    return count;
}

static int run_wave(gyre_server *server)
{
    long before = lost;
    int err = gyre_to_thread(send_wave, NULL);

    while (!err && (lost < before + WAVE || gyre_server_get_connections(server)))
        err = gyre_sleep(0.001);
    return err;
}

/* Bytes that malloc has given out; 0 where another allocator serves. */
static size_t allocated(void)
{
    return mallinfo2().uordblks;
}

static int churn(void *arg)
{
    size_t bytes = 0;
    int descriptors = 0, err;
    gyre_server *server;

    err = gyre_loop_create_server(gyre_get_running_loop(), &server, &word, .host = "127.0.0.1",
                                  .backlog = WAVE);
    if (err)
        return err;
    port = gyre_server_get_port(server);
    for (int i = 0; i < WAVES && !err; i++) {
        err = run_wave(server);
        if (i == WARM) {
            descriptors = count_descriptors();
            bytes = allocated();
        }
    }
    expect(count_descriptors() == descriptors);
    expect(allocated() <= bytes + SLACK);
    gyre_server_close(server);
    gyre_server_unref(server);
    return err;
}

int main(int argc, char **argv)
{
    begin_stress(argc, argv);
    expect(gyre_run(churn, NULL) == 0);
    expect(lost == (long)WAVE * WAVES);
    printf("%ld connections came and went\n", lost);
    return end_stress();
}
