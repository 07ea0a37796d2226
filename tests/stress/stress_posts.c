/* stress_posts.c - more posts than may be under way, from shards and from threads, until the loops close.
 *
 * Every arg is released once, and what was accepted between two shards arrives in order.
 */
#include "stress.h"

enum { SHARDS = 3, THREADS = 2 };

static atomic_long sent, refused, released;
static atomic_int over;
static long last[SHARDS][SHARDS];

struct letter {
    int from;
    long number;
};

static void release(void *arg)
{
    free(arg);
    atomic_fetch_add(&released, 1);
}

static void receive(void *arg)
{
    struct letter *letter = arg;

    if (letter->from < 0)
        return;
    expect(last[letter->from][gyre_shard_id()] + 1 == letter->number);
    last[letter->from][gyre_shard_id()] = letter->number;
}

static int post(int to, int from, long number)
{
    struct letter *letter = malloc(sizeof *letter);
    int err;

    *letter = (struct letter){from, number};
    atomic_fetch_add(&sent, 1);
    err = gyre_shard_post(to, receive, letter, .release = release);
    if (err)
        atomic_fetch_add(&refused, 1);
    return err;
}

/* As many as will go, and returns how many that was. */
static long post_many(int to, long number)
{
    long posted = 0;
    int err = 0;

    for (unsigned i = roll(50000); i > 0 && !err; i--) {
        err = post(to, gyre_shard_id(), number + posted + 1);
        expect(err == 0 || err == GYRE_EQUEUEFULL);
        posted += !err;
    }
    return posted;
}

static int main_of_shard(void *arg)
{
    long numbers[SHARDS] = {0};

    while (!time_is_up()) {
        int to = (int)roll(SHARDS);

        numbers[to] += post_many(to, numbers[to]);
        gyre_sleep(0);
    }
    return 0;
}

static void *post_from_outside(void *arg)
{
    while (!atomic_load(&over)) {
        int err = post((int)roll(SHARDS), -1, 0);

        expect(err == 0 || err == GYRE_EQUEUEFULL || err == GYRE_EVALUE || err == GYRE_ELOOPCLOSED);
        if (err || roll(1000) == 0)
            nap(1e-4);
    }
    return NULL;
}

static void run_part(int parts)
{
    pthread_t threads[THREADS];

    atomic_store(&over, 0);
    memset(last, 0, sizeof last);
    begin_part(parts);
    for (int i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, post_from_outside, NULL);
    expect(gyre_run_sharded(SHARDS, main_of_shard, NULL, .quiet = GYRE_YES) == 0);
    atomic_store(&over, 1);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    expect(atomic_load(&sent) == atomic_load(&released));
}

int main(int argc, char **argv)
{
    enum { PARTS = 4 };

    begin_stress(argc, argv);
    for (int i = 0; i < PARTS; i++)
        run_part(PARTS);
    printf("%ld posts, %ld refused\n", atomic_load(&sent), atomic_load(&refused));
    return end_stress();
}
