/* tls.c - contexts for all runs, of the two versions; and how a pair turns to TLS in the middle.
 *
 * Clients ask for no name, so that no session of one seed is resumed in the next.
 */
#include "fuzz.h"
#include "tests/unit/tls_bed.h"

static gyre_tls_context *contexts[2][2]; /* by the version, and the side */
static SSL_CTX *raw[2];
static unsigned version; /* of this run */

static gyre_tls_context *make(bool server_side, int newest)
{
    gyre_tls_context *context = NULL;
    int err = server_side
                  ? gyre_tls_context_new(&context, .server_side = true, .certfile = tls_file("server.pem"),
                                         .maximum_version = newest)
                  : gyre_tls_context_new(&context, .cafile = tls_file("ca.pem"), .check_hostname = GYRE_NO,
                                         .maximum_version = newest);

    if (err)
        abort();
    return context;
}

static SSL_CTX *make_raw(int newest)
{
    SSL_CTX *context = SSL_CTX_new(TLS_method());

    SSL_CTX_use_certificate_chain_file(context, tls_file("server.pem"));
    SSL_CTX_use_PrivateKey_file(context, tls_file("server.pem"), SSL_FILETYPE_PEM);
    SSL_CTX_set_max_proto_version(context, newest);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    return context;
}

void tls_begin(void)
{
    random_begin(1);
    random_tls(OSSL_LIB_CTX_get0_global_default());
    if (tls_begin_files(NULL))
        abort();
    for (int i = 0; i < 2; i++) {
        contexts[i][false] = make(false, i ? GYRE_TLS_1_3 : GYRE_TLS_1_2);
        contexts[i][true] = make(true, i ? GYRE_TLS_1_3 : GYRE_TLS_1_2);
        raw[i] = make_raw(i ? GYRE_TLS_1_3 : GYRE_TLS_1_2);
    }
}

void tls_end(void)
{
    for (int i = 0; i < 2; i++) {
        gyre_tls_context_unref(contexts[i][false]);
        gyre_tls_context_unref(contexts[i][true]);
        SSL_CTX_free(raw[i]);
    }
    tls_end_files(NULL);
    random_tls_end(OSSL_LIB_CTX_get0_global_default());
}

void tls_pick(void)
{
    version = !one_in(3);
}

gyre_tls_context *tls_context(bool server_side)
{
    return contexts[version][server_side];
}

SSL_CTX *tls_raw_context(void)
{
    return raw[version];
}

/* --- in the middle --- */

/* The old transport is TLS's own from the call on; what comes of it is told to the same end. */
static int start_tls(struct end *end)
{
    gyre_transport *old = gyre_transport_ref(end->transport), *made = NULL;
    int err;

    end->upgrading = true;
    end->paused = false;
    err = gyre_loop_start_tls(run.loop, &made, old, NULL, tls_context(end == &run.ends[1]),
                              .server_side = end == &run.ends[1], .ssl_handshake_timeout = 20,
                              .ssl_shutdown_timeout = 10);
    trace("%s has turned to TLS: %s", end->name, err ? gyre_error_name(err) : "0");
    end->failed = end->failed || err;
    end->closed = end->closed || err;
    gyre_transport_unref(end->keeps ? end->transport : NULL);
    end->transport = NULL;
    end->keeps = true;
    end->transport = made;
    gyre_transport_unref(old);
    return err;
}

static int turn_to_tls(void *arg)
{
    struct end *end = arg;

    if (end->transport && !gyre_transport_is_closing(end->transport) && !start_tls(end)) {
        end->rules.tls = true;
        end->rules.half = false;
    }
    end->upgrading = false;
    end->tasks--;
    return 0;
}

static void begin(struct end *end, gyre_task **task)
{
    end->tasks++;
    gyre_loop_create_task(run.loop, task, turn_to_tls, end);
}

static void hold_reading(struct end *end)
{
    end->paused = true;
    gyre_transport_pause_reading(end->transport);
}

static bool both_have_turned(void)
{
    return !run.ends[0].tasks && !run.ends[1].tasks;
}

/* The server is there first, or does not read before it is. */
static void begin_both(gyre_task **tasks)
{
    if (one_in(2)) {
        begin(&run.ends[1], &tasks[1]);
        turns(1 + roll(3));
        begin(&run.ends[0], &tasks[0]);
    } else {
        hold_reading(&run.ends[1]);
        begin(&run.ends[0], &tasks[0]);
        turns(roll(5));
        begin(&run.ends[1], &tasks[1]);
    }
}

static bool may_upgrade(const struct end *end)
{
    return end->transport && !end_is_going(end) && !end->ended && !end->eof && !end->tasks;
}

void upgrade(void)
{
    gyre_task *tasks[2];
    unsigned fuel = run.fuel;

    if (!may_upgrade(&run.ends[0]) || !may_upgrade(&run.ends[1]))
        return;
    run.fuel = 0;
    begin_both(tasks);
    if (one_in(8)) {
        turns(1 + roll(8));
        gyre_task_cancel(tasks[roll(2)]);
    }
    wait_for(both_have_turned, "start_tls never ends");
    gyre_future_unref(tasks[0]);
    gyre_future_unref(tasks[1]);
    run.fuel = fuel;
}
