/* http_scene.h - an HTTP server on the test's loop, and blocking clients: each client is a function that runs
 * on a thread of the executor, while the loop serves it. */
#ifndef GYRE_TESTS_HTTP_SCENE_H
#define GYRE_TESTS_HTTP_SCENE_H

#include "unit.h"
#include <arpa/inet.h>
#include <errno.h>
#include <http/http.h>
#include <netinet/in.h>
#include <sys/socket.h>

/* What the scene is: the routes, who talks to them. */
static http_server *site;
static int port;
static gyre_blocking client;

/* On a thread that is not cmocka's. */
static inline void give_up(const char *call)
{
    print_error("%s: %s\n", call, strerror(errno));
    abort();
}

static inline int dial(void)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (connect(fd, (struct sockaddr *)&address, sizeof address))
        give_up("connect");
    return fd;
}

static inline void say(int fd, const char *text)
{
    if (send(fd, text, strlen(text), MSG_NOSIGNAL) < 0)
        give_up("send");
}

/* Reads until the server closes. */
static inline const char *hear(int fd)
{
    static char heard[65536];
    size_t len = 0;

    for (ssize_t got; (got = recv(fd, heard + len, sizeof heard - 1 - len, 0)) > 0;)
        len += (size_t)got;
    heard[len] = '\0';
    close(fd);
    return heard;
}

/* How often a word stands in a text. */
static inline int count_words(const char *text, const char *word)
{
    int count = 0;

    for (const char *at = text; (at = strstr(at, word)); at += strlen(word))
        count++;
    return count;
}

/* Requests, of which the last one says close. */
#define GET(path)       "GET " path " HTTP/1.1\r\nHost: x\r\n\r\n"
#define GET_CLOSE(path) "GET " path " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"

/* One exchange from a connection of its own. */
static inline const char *ask(const char *text)
{
    int fd = dial();

    say(fd, text);
    return hear(fd);
}

static inline int serve_client(void *arg)
{
    gyre_server *server;
    int err = gyre_loop_create_server(loop, &server, &http_protocol, .host = "127.0.0.1", .arg = site);

    assert_int_equal(err, 0);
    port = gyre_server_get_port(server);
    err = gyre_to_thread(client, server);
    assert_int_equal(gyre_server_drain(server, 5), 0);
    gyre_server_unref(server);
    return err;
}

/* Serves until the client function, which gets the gyre_server, has returned 0. */
static inline void serve(gyre_blocking fn)
{
    client = fn;
    assert_int_equal(run_main(serve_client, NULL), 0);
}

static inline int open_site(void **state)
{
    site = http_server_new();
    return open_loop(state);
}

static inline int close_site(void **state)
{
    int status = close_loop(state);

    http_server_unref(site);
    return status;
}

#define ON_SITE(test) cmocka_unit_test_setup_teardown(test, open_site, close_site)

#endif
