/* fuzz_tls.c - libFuzzer stands between two machines of TLS, or plays one of them: what is on the wire is
 * cut, changed, dropped, doubled, or made up, in the handshake and after it.
 *
 * Nothing is ever delivered that was not sent, the end is heard only where it was said and everything before
 * it has come, what fails says why, and what nobody touched arrives. The random numbers are the same each
 * time, OpenSSL's too, so that an input is always the same conversation.
 */
#include "net/tls.h"
#include "tests/transport/fuzz.h"
#include "tests/unit/tls_bed.h"

enum { WIRE = 512 * 1024, MOST_STEPS = 4000 };

/* One machine, and what is on its way to it. */
struct side {
    struct gyre__tls tls;
    struct side *other;
    char wire[WIRE];
    size_t on_wire;
    char *held;         /* what came and was not taken: memory of just that size */
    int shaken;         /* the handshake: 1 done, 0 not yet, or the failure */
    int err;            /* of anything after it */
    uint64_t written;   /* by its program */
    uint64_t received;  /* by its program */
    bool parted, ended; /* it said its end; it heard the other's */
};

/* The input, as it is read. */
struct input {
    const uint8_t *at;
    size_t left;
};

static gyre_tls_context *contexts[2][2]; /* by the version, and the side */
static struct side sides[2];
static bool touched;   /* something on the wire is not as it was sent */
static unsigned piece; /* bytes that come at a time, 0: all */
static char bytes[70000];

static void want(bool holds, const char *words)
{
    if (holds)
        return;
    fprintf(stderr, "fuzz_tls: %s\n", words);
    abort();
}

static unsigned next(struct input *input)
{
    if (!input->left)
        return 0;
    input->left--;
    return *input->at++;
}

static unsigned next_16(struct input *input)
{
    unsigned high = next(input);

    return high << 8 | next(input);
}

static void to_wire(void *arg, const void *data, size_t len)
{
    struct side *to = ((struct side *)arg)->other;

    want(to->on_wire + len <= WIRE, "a machine says too much");
    memcpy(to->wire + to->on_wire, data, len);
    to->on_wire += len;
}

static void fail(struct side *side, int err)
{
    side->err = err;
    want(*gyre_error_text() != 0, "a failure has no words");
}

static char sent_at(uint64_t position)
{
    return (char)(position * 7 + position / 251);
}

static void check(struct side *side, const char *data, size_t len)
{
    want(side->received + len <= side->other->written, "more is delivered than was sent");
    for (size_t i = 0; i < len; i++)
        want(data[i] == sent_at(side->received + i), "something else is delivered than was sent");
    side->received += len;
}

static void hear_end(struct side *side)
{
    side->ended = true;
    want(side->other->parted, "an end is heard that nobody has said");
    want(side->received == side->other->written, "the end is heard before all that was sent");
}

static void shake(struct side *side)
{
    side->shaken = gyre__tls_handshake(&side->tls);
    want(side->shaken <= 1, "a handshake is more than done");
    if (side->shaken < 0)
        fail(side, side->shaken);
}

/* Who has said its end drops what comes, until it hears the other's. */
static void say_end(struct side *side)
{
    int said = gyre__tls_shutdown(&side->tls);

    if (said < 0)
        fail(side, said);
    if (said != 1)
        return;
    side->ended = true;
    want(side->other->parted, "both have said their ends, and one has not");
}

/* All that there is. */
static void take(struct side *side)
{
    char data[5000];
    ptrdiff_t got;

    if (!side->shaken)
        shake(side);
    if (side->parted) {
        say_end(side);
        return;
    }
    while (side->shaken == 1 && !side->err && !side->ended &&
           (got = gyre__tls_read(&side->tls, data, sizeof data)) != 0) {
        if (got > 0)
            check(side, data, (size_t)got);
        else if (got == GYRE__TLS_END)
            hear_end(side);
        else
            fail(side, (int)got);
    }
}

/* `len` bytes come, behind those that were not taken. */
static void arrive(struct side *side, size_t len)
{
    size_t before = side->tls.in_len;
    char *held = malloc(before + len);

    memcpy(held, side->tls.in, before);
    memcpy(held + before, side->wire, len);
    memmove(side->wire, side->wire + len, side->on_wire -= len);
    free(side->held);
    side->tls.in = side->held = held;
    side->tls.in_len = before + len;
    if (!side->err && !side->ended)
        take(side);
}

static void deliver(struct side *side, size_t len)
{
    len = len < side->on_wire ? len : side->on_wire;
    do {
        size_t some = piece && piece < len ? piece : len;

        arrive(side, some);
        len -= some;
    } while (len);
}

static bool may_speak(const struct side *side)
{
    return side->shaken == 1 && !side->err && !side->parted;
}

static void speak(struct side *side, size_t len)
{
    int err;

    if (!may_speak(side) || side->written > 150000)
        return;
    for (size_t i = 0; i < len; i++)
        bytes[i] = sent_at(side->written + i);
    side->written += len;
    err = gyre__tls_write(&side->tls, bytes, len);
    if (err)
        fail(side, err);
}

static void part(struct side *side)
{
    if (!may_speak(side))
        return;
    side->parted = true;
    say_end(side);
}

/* --- what is done to the wire --- */

static void flip(struct side *side, struct input *input)
{
    size_t at = next_16(input);
    unsigned mask = next(input);

    if (at >= side->on_wire || !mask)
        return;
    side->wire[at] = (char)(side->wire[at] ^ mask);
    touched = true;
}

static void drop(struct side *side, struct input *input)
{
    size_t at = next_16(input), len = next(input) + 1;

    if (at >= side->on_wire)
        return;
    len = len < side->on_wire - at ? len : side->on_wire - at;
    memmove(side->wire + at, side->wire + at + len, side->on_wire - at - len);
    side->on_wire -= len;
    touched = true;
}

static void cut(struct side *side, struct input *input)
{
    size_t at = next_16(input);

    if (at >= side->on_wire)
        return;
    side->on_wire = at;
    touched = true;
}

static void insert(struct side *side, size_t at, const void *data, size_t len)
{
    if (at > side->on_wire || side->on_wire + len > WIRE / 2 || !len)
        return;
    memmove(side->wire + at + len, side->wire + at, side->on_wire - at);
    memcpy(side->wire + at, data, len);
    side->on_wire += len;
    touched = true;
}

static void make_up(struct side *side, struct input *input)
{
    size_t at = next_16(input), len = next(input);

    len = len < input->left ? len : input->left;
    insert(side, at, input->at, len);
    input->at += len;
    input->left -= len;
}

static void repeat(struct side *side, struct input *input)
{
    size_t at = next_16(input), len = next_16(input);
    char copy[5000];

    len = len < sizeof copy ? len : sizeof copy;
    if (at + len > side->on_wire)
        return;
    memcpy(copy, side->wire + at, len);
    insert(side, at + len, copy, len);
}

/* What is meant for one comes to who sent it. */
static void reflect(struct side *side, struct input *input)
{
    size_t len = side->other->on_wire < 4000 ? side->other->on_wire : 4000;

    insert(side, side->on_wire, side->other->wire, len);
}

static void step(struct input *input)
{
    unsigned what = next(input);
    struct side *side = &sides[what >> 7];

    switch (what & 15) {
    case 0:
        flip(side, input);
        break;
    case 1:
        drop(side, input);
        break;
    case 2:
        cut(side, input);
        break;
    case 3:
        make_up(side, input);
        break;
    case 4:
        repeat(side, input);
        break;
    case 5:
        reflect(side, input);
        break;
    case 6:
        speak(side, next(input));
        break;
    case 7:
        speak(side, next_16(input));
        break;
    case 8:
        part(side);
        break;
    case 9:
        deliver(side, next(input));
        break;
    default:
        deliver(side, side->on_wire);
        break;
    }
}

static void begin(unsigned version)
{
    piece = 0;
    touched = false;
    for (int i = 0; i < 2; i++) {
        struct side *side = &sides[i];

        memset(&side->tls, 0, sizeof side->tls);
        side->other = &sides[!i];
        side->on_wire = 0;
        side->held = NULL;
        side->shaken = side->err = 0;
        side->written = side->received = 0;
        side->parted = side->ended = false;
        side->tls.out = to_wire;
        side->tls.arg = side;
        want(!gyre__tls_init(&side->tls, contexts[version][i], i == 1, i ? NULL : "localhost"),
             "there is no machine");
        side->tls.in = "";
    }
    take(&sides[0]);
}

/* Everything comes. */
static void settle(void)
{
    for (int i = 0; i < 20; i++) {
        deliver(&sides[0], sides[0].on_wire);
        deliver(&sides[1], sides[1].on_wire);
    }
}

static void check_untouched(void)
{
    for (int i = 0; i < 2 && !touched; i++) {
        want(sides[i].shaken == 1 && !sides[i].err, "a connection fails that nobody touched");
        want(sides[i].parted || sides[i].received == sides[!i].written, "bytes are missing");
    }
}

static void end(void)
{
    for (int i = 0; i < 2; i++) {
        gyre__tls_free(&sides[i].tls);
        free(sides[i].held);
    }
}

int LLVMFuzzerInitialize(int *argc, char ***argv);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    random_begin(1);
    random_tls(OSSL_LIB_CTX_get0_global_default());
    want(!tls_begin_files(NULL), "there are no certificates");
    for (int i = 0; i < 2; i++) {
        int newest = i ? GYRE_TLS_1_3 : GYRE_TLS_1_2;

        want(!gyre_tls_context_new(&contexts[i][0], .cafile = tls_file("ca.pem"), .maximum_version = newest,
                                   .session_tickets = GYRE_NO) &&
                 !gyre_tls_context_new(&contexts[i][1], .server_side = true,
                                       .certfile = tls_file("server.pem"), .maximum_version = newest),
             "there are no contexts");
    }
    tls_end_files(NULL);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* The first byte: the version, and whether the handshake comes first and undisturbed. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct input input = {data, len};
    unsigned how = next(&input);

    random_begin(2);
    begin(how & 1);
    if (how & 2)
        settle();
    piece = next(&input) & 63;
    for (int i = 0; i < MOST_STEPS && input.left; i++)
        step(&input);
    settle();
    check_untouched();
    end();
    return 0;
}
