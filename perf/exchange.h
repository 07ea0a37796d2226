/* exchange.h - the blocking half of the load client: dialling 127.0.0.1 and one exchange on a new connection,
 * by which the client learns how long an answer is. Whatever goes wrong here ends the program with one line.
 */
#ifndef PERF_EXCHANGE_H
#define PERF_EXCHANGE_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define EXCHANGE_REQUEST_MAX 1024
#define EXCHANGE_MESSAGE     64

static char buffer[1 << 20]; /* all that is read lands here */

static inline void die(const char *what)
{
    perror(what);
    exit(1);
}

static inline void quit(const char *sentence)
{
    fprintf(stderr, "load: %s\n", sentence);
    exit(1);
}

static inline int dial(int port)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address))
        die("load: connect");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return fd;
}

/* The length of the answer at the front of the buffer, 0 while its head is not complete. */
static inline size_t answer_length(void)
{
    char *end = strstr(buffer, "\r\n\r\n"), *field;

    if (!end)
        return 0;
    if (strncmp(buffer, "HTTP/1.1 200 ", 13) != 0)
        quit("the server did not answer 200");
    field = strcasestr(buffer, "\r\ncontent-length:");
    if (!field || field > end)
        quit("the answer has no Content-Length");
    return (size_t)(end + 4 - buffer) + strtoul(field + 17, NULL, 10);
}

/* Sends one request on a blocking socket and returns the length of the answer, once it is there. */
static inline size_t exchange_http(int fd, const char *request)
{
    size_t len = 0, need = 0;

    if (write(fd, request, strlen(request)) < 0)
        die("load: write");
    while (need == 0 || len < need) {
        ssize_t n = read(fd, buffer + len, sizeof buffer - 1 - len);

        if (n <= 0)
            quit("the server hung up on the first request");
        len += (size_t)n;
        buffer[len] = 0;
        need = answer_length();
    }
    return need;
}

static inline void exchange_echo(int fd)
{
    char message[EXCHANGE_MESSAGE] = "hi";

    if (write(fd, message, sizeof message) != sizeof message || read(fd, message, sizeof message) <= 0)
        die("load: echo");
}

static inline const char *format_request(int port, const char *path)
{
    static char request[EXCHANGE_REQUEST_MAX];
    int len = snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n", path, port);

    if (len >= EXCHANGE_REQUEST_MAX)
        quit("the path is too long");
    return request;
}

#endif
