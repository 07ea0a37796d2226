/* httpd/check.c - one request, and the first bytes of its answer. */
#include "httpd/check.h"
#include "httpd/url.h"
#include <gyre/gyre.h>
#include <stdio.h>
#include <string.h>

static const double patience = 5.0; /* seconds */

enum { STATUS_LEN = 12 /* "HTTP/1.1 200" */ };

/* One question; on main's stack. */
struct question {
    struct url url;
    const char *ca;        /* whom to trust, NULL: anybody */
    gyre_tls_context *tls; /* of https, else NULL */
    gyre_future *future;   /* done when the answer is there, or the connection is gone */
    char text[STATUS_LEN + 1];
    size_t len;
};

static void ask(void *self, gyre_transport *transport)
{
    const struct question *question = self;
    char text[URL_MOST + 512];
    int len = snprintf(text, sizeof text,
                       "GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: gyre-httpd\r\nConnection: close\r\n\r\n",
                       question->url.target, question->url.authority);

    gyre_transport_write(transport, text, (size_t)len);
}

static void be_done(struct question *question)
{
    if (!gyre_future_done(question->future))
        gyre_future_set_result(question->future, NULL);
}

static void hear(void *self, const void *data, size_t len)
{
    struct question *question = self;
    size_t room = STATUS_LEN - question->len;

    memcpy(question->text + question->len, data, len < room ? len : room);
    question->len += len < room ? len : room;
    if (question->len == STATUS_LEN)
        be_done(question);
}

static void lose(void *self, int err)
{
    be_done(self);
}

static void *create(void *arg)
{
    return arg;
}

static const gyre_protocol asking = {
    .create = create, .connection_made = ask, .data_received = hear, .connection_lost = lose};

static int judge(const struct question *question)
{
    int status;

    if (question->len < STATUS_LEN || sscanf(question->text, "HTTP/1.%*1d %3d", &status) != 1)
        return gyre_error_set(GYRE_ERUNTIME, "no answer in HTTP/1.1");
    return status / 100 == 2 ? 0 : gyre_error_set(GYRE_ERUNTIME, "answered with %d", status);
}

static int connect_to(struct question *question, gyre_transport **transport)
{
    int err = 0;

    if (question->url.secure)
        err = gyre_tls_context_new(&question->tls, .cafile = question->ca,
                                   .verify_mode = question->ca ? GYRE_CERT_REQUIRED : GYRE_CERT_NONE);
    return err ? err
               : gyre_loop_create_connection(gyre_get_event_loop(), transport, &asking,
                                             .host = question->url.host, .port = question->url.port,
                                             .arg = question, .ssl = question->tls);
}

static int exchange(struct question *question)
{
    gyre_transport *transport;
    int err = connect_to(question, &transport);

    if (err)
        return err;
    err = gyre_await(question->future, NULL);
    gyre_transport_abort(transport);
    gyre_transport_unref(transport);
    return err ? err : judge(question);
}

static int check(void *arg)
{
    struct question *question = arg;
    gyre_timeout timeout;
    int err;

    question->future = gyre_loop_create_future(gyre_get_event_loop());
    gyre_timeout_begin(&timeout, patience);
    err = (int)gyre_timeout_end(&timeout, exchange(question));
    gyre_sleep(0);
    gyre_tls_context_unref(question->tls);
    gyre_future_unref(question->future);
    if (err == -ETIMEDOUT)
        gyre_error_set(err, "no answer within %g seconds", patience);
    if (err)
        fprintf(stderr, "gyre-httpd: http%s://%s%s: %s\n", question->url.secure ? "s" : "",
                question->url.authority, question->url.target, gyre_error_text());
    return err ? 1 : 0;
}

int check_url(const char *text, const char *ca)
{
    struct question question = {.ca = ca};
    gyre_runner *runner;
    int status;

    if (!url_read(text, &question.url)) {
        fprintf(stderr, "gyre-httpd: --check wants http[s]://HOST[:PORT]/PATH, not \"%s\"\n", text);
        return 2;
    }
    runner = gyre_runner_new();
    status = runner ? gyre_runner_run(runner, check, &question) : 1;
    gyre_runner_free(runner);
    return status < 0 ? 1 : status;
}
