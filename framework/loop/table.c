/* loop/table.c - ids and loops. */
#include "loop/table.h"
#include "base/check.h"
#include "loop/loop.h"

enum { PLACES = 65536 };

static struct place {
    _Atomic(gyre_loop *) loop; /* who lives here, NULL for nobody */
    uint32_t generation;       /* where the next loop's generations start */
    uint64_t number;           /* where the numbers of its foreign calls start */
} places[PLACES];

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static uint32_t find_free(void)
{
    for (uint32_t id = 0; id < PLACES; id++)
        if (!atomic_load_explicit(&places[id].loop, memory_order_relaxed))
            return id;
    gyre__abort(__FILE__, __LINE__, "65536 loops are alive");
}

void gyre__table_add(gyre_loop *loop)
{
    pthread_mutex_lock(&lock);
    loop->id = find_free();
    loop->generation = places[loop->id].generation;
    atomic_store_explicit(&loop->inbox->number, places[loop->id].number, memory_order_relaxed);
    atomic_store_explicit(&places[loop->id].loop, loop, memory_order_release);
    pthread_mutex_unlock(&lock);
}

void gyre__table_remove(gyre_loop *loop)
{
    pthread_mutex_lock(&lock);
    places[loop->id].generation = loop->generation;
    places[loop->id].number = atomic_load_explicit(&loop->inbox->number, memory_order_relaxed);
    atomic_store_explicit(&places[loop->id].loop, NULL, memory_order_release);
    pthread_mutex_unlock(&lock);
}

gyre_loop *gyre__table_loop(uint32_t id)
{
    return id < PLACES ? atomic_load_explicit(&places[id].loop, memory_order_acquire) : NULL;
}

struct gyre__inbox *gyre__table_inbox(uint32_t id)
{
    struct gyre__inbox *inbox = NULL;
    gyre_loop *loop;

    pthread_mutex_lock(&lock);
    loop = gyre__table_loop(id);
    if (loop)
        inbox = gyre__inbox_ref(loop->inbox);
    pthread_mutex_unlock(&lock);
    return inbox;
}
