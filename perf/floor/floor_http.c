/* floor_http.c - the least that an HTTP/1.1 server can do: any GET is answered "Hello, World!", keep-alive
 * and pipelining included, and the answers of one read leave in one write. Anything but a GET without a body
 * ends the connection. usage: floor_http [PORT]
 */
#include "answer.h"

#include <stdbool.h>

#define READ_SIZE   65536
#define PARTIAL_MAX 4096

static char input[PARTIAL_MAX + READ_SIZE];
static char answers[sizeof input / SHORTEST_REQUEST * ANSWER_MAX];

static size_t read_input(int fd)
{
    struct floor_connection *connection = &floor_connections[fd];
    size_t before = connection->partial_len, len;

    if (before)
        memcpy(input, connection->partial, before);
    len = floor_read(fd, input + before, READ_SIZE);
    return len ? before + len : 0;
}

static bool keep_partial(int fd, const char *data, size_t len)
{
    struct floor_connection *connection = &floor_connections[fd];

    connection->partial_len = len;
    if (len == 0)
        return true;
    if (!connection->partial)
        connection->partial = malloc(PARTIAL_MAX);
    if (!connection->partial || len > PARTIAL_MAX)
        return false;
    memcpy(connection->partial, data, len);
    return true;
}

static void send_answers(int fd, int count)
{
    if (count == 1) {
        floor_send(fd, answer, answer_len);
        return;
    }
    for (int i = 0; i < count; i++)
        memcpy(answers + (size_t)i * answer_len, answer, answer_len);
    floor_send(fd, answers, (size_t)count * answer_len);
}

static void serve(int fd)
{
    size_t len = read_input(fd), used;
    int count;

    if (len == 0)
        return;
    count = count_requests(input, len, &used);
    if (count < 0 || !keep_partial(fd, input + used, len - used))
        floor_close(fd);
    else if (count > 0)
        send_answers(fd, count);
}

int main(int argc, char **argv)
{
    floor_start(argc, argv);
    for (;;) {
        int count = floor_wait();

        refresh_answer();
        floor_dispatch(count, serve);
    }
}
