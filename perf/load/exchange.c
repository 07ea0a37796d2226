/* exchange.c - one request and its answer, in the simplest way. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "exchange.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define REQUEST_MAX 1024
#define MESSAGE     64

static char answer[1 << 20];

void die(const char *sentence)
{
    fputs("load: ", stderr);
    perror(sentence);
    exit(1);
}

void quit(const char *sentence)
{
    fprintf(stderr, "load: %s\n", sentence);
    exit(1);
}

void *allocate(size_t size)
{
    void *memory = calloc(1, size);

    if (!memory)
        die("calloc");
    return memory;
}

const char *format_request(int port, const char *path)
{
    static char request[REQUEST_MAX];
    int len = snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n", path, port);

    if (len >= REQUEST_MAX)
        quit("the path is too long");
    return request;
}

/* The length of what has come of the answer, 0 while its head is not complete. */
static size_t answer_length(void)
{
    char *end = strstr(answer, "\r\n\r\n"), *field;

    if (!end)
        return 0;
    if (strncmp(answer, "HTTP/1.1 200 ", 13) != 0)
        quit("the server did not answer 200");
    field = strcasestr(answer, "\r\ncontent-length:");
    if (!field || field > end)
        quit("the answer has no Content-Length");
    return (size_t)(end + 4 - answer) + strtoul(field + 17, NULL, 10);
}

size_t exchange_http(struct wire *wire, const char *request)
{
    size_t len = 0, need = 0;

    if (wire_write(wire, request, strlen(request)) < 0)
        die("write");
    while (need == 0 || len < need) {
        ssize_t n = wire_read(wire, answer + len, sizeof answer - 1 - len);

        if (n <= 0)
            quit("the server hung up on the first request, or its answer is too long");
        len += (size_t)n;
        answer[len] = 0;
        need = answer_length();
    }
    return need;
}

void exchange_echo(struct wire *wire)
{
    char message[MESSAGE] = "hi";

    if (wire_write(wire, message, sizeof message) != sizeof message ||
        wire_read(wire, message, sizeof message) <= 0)
        die("echo");
}
