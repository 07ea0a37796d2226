/* test_http_sim.c - the HTTP server and its clients in one program, on networks of every kind: a thousand
 * seeds, each of which runs the same way each time.
 *
 * Whatever the network does, a client gets the answers to its requests whole and in order, or the connection
 * ends with an error; limits strike at their times; and nothing is left. Where no connection breaks, every
 * request is answered. HTTP_SIM_SEEDS and HTTP_SIM_FIRST say how many, and from which on.
 */
#include "sim_client.h"

#include "driver/sim_socket.h"
#include "loop/loop.h"
#include <http/http.h>

enum { CLIENTS = 6, BIG = 100000, HEADER_TIMEOUT = 3, IDLE_TIMEOUT = 20, WRITE_STALL = 5 };

/* What a network of this seed does. */
struct weather {
    double latency, jitter; /* of each packet */
    bool breaks;            /* connections may break */
    bool balks;             /* calls say "again" for no reason */
};

static struct weather weather;
static gyre_server *listener;
static http_server *site;
static uint64_t seed;

/* Everything that was traced, in one word. */
static uint64_t digest;

static void note_event(const char *event, void *arg)
{
    for (; *event; event++)
        digest = (digest ^ (unsigned char)*event) * UINT64_C(1099511628211);
}

/* --- the server --- */

static int answer_now(http_request *request, void *arg)
{
    const char *text = http_param(request, "text");

    return http_respond(request, 200, NULL, text, strlen(text));
}

static int answer_late(http_request *request, void *arg)
{
    int err = gyre_sleep(sim_throw(500) / 1000.0);

    return err ? err : answer_now(request, arg);
}

static int answer_in_pieces(http_request *request, void *arg)
{
    const char *text = http_param(request, "text");
    int err = http_begin(request, 200, NULL, HTTP_UNKNOWN);

    for (size_t piece; *text && err >= 0; text += piece) {
        piece = 1 + sim_throw((unsigned)strlen(text));
        err = http_write(request, text, piece);
        if (!err && sim_throw(2))
            err = gyre_sleep(sim_throw(100) / 1000.0);
    }
    return err < 0 ? err : http_end(request);
}

static int answer_body(http_request *request, void *arg)
{
    size_t len;
    const void *body = http_body(request, &len);

    return http_respond(request, 200, NULL, body, len);
}

static int answer_stream(http_request *request, void *arg)
{
    const char *data;
    ptrdiff_t len = gyre_reader_read(http_reader(request), &data, -1);

    return len < 0 ? (int)len : http_respond(request, 200, NULL, data, (size_t)len);
}

static int answer_big(http_request *request, void *arg)
{
    static const char big[BIG];

    return http_respond(request, 200, NULL, big, sizeof big);
}

static void open_site(void)
{
    site = http_server_new(.header_timeout = HEADER_TIMEOUT, .idle_timeout = IDLE_TIMEOUT,
                           .write_stall = WRITE_STALL);
    http_route(site, "GET", "/now/:text", answer_now, NULL);
    http_route(site, "GET", "/nap/:text", answer_late, NULL);
    http_route(site, "GET", "/pieces/:text", answer_in_pieces, NULL);
    http_route(site, "POST", "/body", answer_body, NULL);
    http_route(site, "POST", "/stream", answer_stream, NULL, .stream_body = true);
    http_route(site, "GET", "/big", answer_big, NULL);
}

/* --- the clients --- */

#define EXPECT(condition)                                                                                \
    do {                                                                                                 \
        if (!(condition))                                                                                \
            fail_msg("seed %llu: %s (err %d, asked %d, heard %s)", (unsigned long long)seed, #condition, \
                     client->err, client->asked, client->heard);                                         \
    } while (0)

/* Packets of a question and its answer, and of what is behind them. */
static double slack(void)
{
    return 6 * (weather.latency + weather.jitter) + 1e-6;
}

/* A server that closes looks first whether the client has said more, and is told "again" for no reason: then
 * the client may hear a reset. */
static void expect_end_after(const struct sim_client *client, double seconds)
{
    double lasted = client->ended - client->began;

    if (client->err && (weather.breaks || (weather.balks && client->err == -ECONNRESET)))
        return;
    EXPECT(!client->err);
    EXPECT(lasted >= seconds - 1e-9);
    EXPECT(lasted <= seconds + slack());
}

/* Pipelines some requests, and wants all the answers. */
static void be_polite(struct sim_client *client)
{
    static char text[SIM_REQUESTS * 400];
    int count = 1 + (int)sim_throw(SIM_REQUESTS);
    size_t len = 0;
    gyre_task *ear;
    char *said;

    for (int i = 0; i < count; i++)
        len += sim_add_request(client, text + len, sizeof text - len, i + 1 == count);
    said = strdup(text);
    gyre_create_task(&ear, sim_hear, client);
    sim_say(client, said, len);
    gyre_await(ear, NULL);
    gyre_future_unref(ear);
    free(said);
    EXPECT(weather.breaks || !client->err);
    EXPECT(sim_check_answers(client) == count || client->err);
    EXPECT(sim_check_answers(client) >= 0);
}

/* Says a head that never ends, a letter at a time. */
static void be_slow(struct sim_client *client)
{
    static const char head[] = "GET /never HTTP/1.1";
    gyre_task *ear;

    gyre_create_task(&ear, sim_hear, client);
    for (size_t i = 0; head[i] && !gyre_future_done(ear); i++) {
        if (gyre_writer_write(client->writer, head + i, 1) || gyre_sleep(0.5))
            break;
    }
    gyre_await(ear, NULL);
    gyre_future_unref(ear);
    expect_end_after(client, HEADER_TIMEOUT);
    EXPECT(client->err || strstr(client->heard, "HTTP/1.1 408 "));
}

/* Says nothing at all. */
static void be_idle(struct sim_client *client)
{
    sim_hear(client);
    expect_end_after(client, IDLE_TIMEOUT);
    EXPECT(client->len == 0);
}

/* Asks, and reads nothing until the server has given up. */
static void be_deaf(struct sim_client *client)
{
    static const char ask[] = "GET /big HTTP/1.1\r\nHost: x\r\n\r\n";

    gyre_writer_write(client->writer, ask, sizeof ask - 1);
    gyre_sleep(WRITE_STALL + slack());
    if (!weather.breaks)
        EXPECT(gyre_server_get_connections(listener) == 0 || CLIENTS > 1);
    gyre_sleep(IDLE_TIMEOUT);
    sim_hear(client);
    EXPECT(client->len < BIG);
}

/* Is gone in the middle of something. */
static void be_rude(struct sim_client *client)
{
    char text[400];
    size_t len = sim_add_request(client, text, sizeof text, false);

    sim_say(client, text, 1 + sim_throw((unsigned)len));
    gyre_transport_abort(gyre_writer_get_transport(client->writer));
}

static int be_client(void *arg)
{
    static void (*const characters[])(struct sim_client * client) = {
        be_polite, be_polite, be_polite, be_polite, be_slow, be_idle, be_deaf, be_rude};
    struct sim_client *client = arg;
    unsigned character = sim_throw(8);

    gyre_sleep(sim_throw(3000) / 1000.0);
    if (sim_dial(client, 1024) == 0)
        characters[character](client);
    else
        EXPECT(weather.breaks);
    sim_hang_up(client);
    return 0;
}

/* --- the scene --- */

static int play(void *arg)
{
    struct sim_client clients[CLIENTS] = {0};
    gyre_task *tasks[CLIENTS];
    int err = gyre_loop_create_server(loop, &listener, &http_protocol, .host = "127.0.0.1", .arg = site);

    for (int i = 0; i < CLIENTS && !err; i++) {
        clients[i].port = gyre_server_get_port(listener);
        gyre_create_task(&tasks[i], be_client, &clients[i]);
    }
    for (int i = 0; i < CLIENTS && !err; i++) {
        gyre_await(tasks[i], NULL);
        gyre_future_unref(tasks[i]);
    }
    assert_int_equal(gyre_server_drain(listener, 60), 0);
    gyre_server_unref(listener);
    return err ? err : gyre_sleep(200);
}

static void expect_nothing_left(void)
{
    const struct gyre__list *all = &loop->driver->sockets;
    http_server_stats stats;

    http_server_get_stats(site, &stats);
    assert_int_equal(stats.connections, 0);
    assert_int_equal(stats.waiting, 0);
    assert_true(gyre__list_empty(all));
    assert_int_equal(loop->driver->deadlines.count, 0);
}

/* A handler whose client is gone fails; that is no news here. */
static int hear_nothing(gyre_loop *of, const gyre_exception_context *context, void *arg)
{
    return 0;
}

static void run_seed(uint64_t number)
{
    unsigned kind = (unsigned)(number % 4);

    seed = sim_dice = number;
    digest = 0;
    weather = (struct weather){.breaks = kind == 3, .balks = kind > 1};
    if (kind) {
        weather.latency = sim_throw(50) / 1000.0;
        weather.jitter = sim_throw(50) / 1000.0;
    }
    loop = gyre_loop_new(.driver = GYRE_DRIVER_SIM, .sim_seed = number, .sim_latency = weather.latency,
                         .sim_jitter = weather.jitter, .sim_buffer = 8192, .sim_partial = kind > 1 ? 0.3 : 0,
                         .sim_again = kind > 1 ? 0.2 : 0, .sim_reset = kind == 3 ? 0.4 : 0,
                         .sim_trace = note_event);
    gyre_loop_set_exception_handler(loop, hear_nothing, NULL);
    gyre_set_event_loop(loop);
    open_site();
    assert_int_equal(run_main(play, NULL), 0);
    expect_nothing_left();
    gyre_set_event_loop(NULL);
    gyre_loop_close(loop);
    gyre_loop_unref(loop);
    http_server_unref(site);
}

static uint64_t number_from(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);

    return text ? strtoull(text, NULL, 10) : otherwise;
}

static void test_seeds(void **state)
{
    uint64_t first = number_from("HTTP_SIM_FIRST", 0);
    uint64_t count = number_from("HTTP_SIM_SEEDS", 1000);

    if (count > 1000)
        alarm(3600);
    for (uint64_t number = first; number < first + count; number++)
        run_seed(number);
}

static void test_the_same_again(void **state)
{
    uint64_t before;

    run_seed(7);
    before = digest;
    run_seed(7);
    assert_true(digest == before);
    run_seed(11);
    assert_true(digest != before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_same_again),
        cmocka_unit_test(test_seeds),
    };

    return cmocka_run_group_tests(tests, begin_group, end_group);
}
