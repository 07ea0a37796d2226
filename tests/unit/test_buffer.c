/* The chain of bytes on their way out: order, owners, and where the memory comes from. */
#include "base/buffer.h"
#include "base/memory.h"
#include "net_peer.h"
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

struct chain {
    struct gyre__pool pool;
    struct gyre__buffer buffer;
};

static int set_up(void **state)
{
    struct chain *chain = gyre__calloc(sizeof *chain);

    gyre__pool_init(&chain->pool);
    *state = chain;
    return 0;
}

static int tear_down(void **state)
{
    struct chain *chain = *state;

    gyre__buffer_clear(&chain->buffer, &chain->pool);
    gyre__pool_clear(&chain->pool);
    free(chain);
    return 0;
}

/* All bytes of a chain, flat. */
static size_t flatten(const struct gyre__buffer *buffer, char *to)
{
    struct iovec pieces[256];
    int count = gyre__buffer_gather(buffer, pieces, 256);
    size_t used = 0;

    for (int i = 0; i < count; i++) {
        memcpy(to + used, pieces[i].iov_base, pieces[i].iov_len);
        used += pieces[i].iov_len;
    }
    return used;
}

static void bytes_leave_in_the_order_they_came(void **state)
{
    struct chain *chain = *state;
    char flat[64];

    gyre__buffer_append(&chain->buffer, &chain->pool, "abc", 3);
    gyre__buffer_append_owned(&chain->buffer, &chain->pool, "DEF", 3, NULL, NULL);
    gyre__buffer_append(&chain->buffer, &chain->pool, "ghi", 3);
    gyre__buffer_append(&chain->buffer, &chain->pool, "jkl", 3);
    assert_int_equal(chain->buffer.size, 12);
    assert_int_equal(flatten(&chain->buffer, flat), 12);
    assert_memory_equal(flat, "abcDEFghijkl", 12);
    gyre__buffer_consume(&chain->buffer, &chain->pool, 5);
    assert_int_equal(flatten(&chain->buffer, flat), 7);
    assert_memory_equal(flat, "Fghijkl", 7);
}

static void small_pieces_share_a_chunk(void **state)
{
    struct chain *chain = *state;
    struct iovec pieces[4];

    for (int i = 0; i < 100; i++)
        gyre__buffer_append(&chain->buffer, &chain->pool, "0123456789", 10);
    assert_int_equal(gyre__buffer_gather(&chain->buffer, pieces, 4), 1);
    assert_int_equal(pieces[0].iov_len, 1000);
}

static void gather_stops_at_its_limit(void **state)
{
    struct chain *chain = *state;
    struct iovec pieces[2];

    for (int i = 0; i < 3; i++)
        gyre__buffer_append_owned(&chain->buffer, &chain->pool, "x", 1, NULL, NULL);
    assert_int_equal(gyre__buffer_gather(&chain->buffer, pieces, 2), 2);
}

static void count_release(void *arg)
{
    ++*(int *)arg;
}

static void an_owner_hears_once_when_its_last_byte_went(void **state)
{
    struct chain *chain = *state;
    int released = 0;

    gyre__buffer_append_owned(&chain->buffer, &chain->pool, "abc", 3, count_release, &released);
    gyre__buffer_consume(&chain->buffer, &chain->pool, 2);
    assert_int_equal(released, 0);
    gyre__buffer_consume(&chain->buffer, &chain->pool, 1);
    assert_int_equal(released, 1);
}

static void clear_tells_every_owner(void **state)
{
    struct chain *chain = *state;
    int released = 0;

    for (int i = 0; i < 5; i++)
        gyre__buffer_append_owned(&chain->buffer, &chain->pool, "abc", 3, count_release, &released);
    gyre__buffer_clear(&chain->buffer, &chain->pool);
    assert_int_equal(released, 5);
    assert_int_equal(chain->buffer.size, 0);
}

static void append_more(void *arg)
{
    struct chain *chain = arg;

    gyre__buffer_append(&chain->buffer, &chain->pool, "more", 4);
}

/* The program may write in its release function: the chain is whole by then. */
static void an_owner_may_append(void **state)
{
    struct chain *chain = *state;
    char flat[64];

    gyre__buffer_append_owned(&chain->buffer, &chain->pool, "abc", 3, append_more, chain);
    gyre__buffer_append(&chain->buffer, &chain->pool, "rest", 4);
    gyre__buffer_consume(&chain->buffer, &chain->pool, 5);
    assert_int_equal(flatten(&chain->buffer, flat), 6);
    assert_memory_equal(flat, "stmore", 6);
}

static void the_last_used_chunk_is_the_next(void **state)
{
    struct chain *chain = *state;
    const void *before;

    gyre__buffer_append(&chain->buffer, &chain->pool, "a", 1);
    before = chain->buffer.first;
    gyre__buffer_consume(&chain->buffer, &chain->pool, 1);
    gyre__buffer_append(&chain->buffer, &chain->pool, "b", 1);
    assert_ptr_equal(chain->buffer.first, before);
}

static void the_pool_keeps_so_many_chunks(void **state)
{
    struct chain *chain = *state;
    static char data[GYRE__CHUNK * (GYRE__CHUNKS_KEPT + 20)];

    assert_int_equal(gyre__buffer_append(&chain->buffer, &chain->pool, data, sizeof data), 0);
    gyre__buffer_clear(&chain->buffer, &chain->pool);
    assert_int_equal(chain->pool.kept, GYRE__CHUNKS_KEPT);
}

/* Random appends and consumes against a flat array. */
static void it_behaves_like_one_array(void **state)
{
    enum { ROOM = 1 << 20 };
    struct chain *chain = *state;
    char *model = gyre__malloc(ROOM), *flat = gyre__malloc(ROOM), *data = gyre__malloc(40000);
    size_t used = 0;

    srand(7);
    for (int i = 0; i < 40000; i++)
        data[i] = (char)rand();
    for (int i = 0; i < 2000; i++) {
        size_t len = (size_t)rand() % 20000 + 1;

        if (rand() % 2 && used + len < ROOM) {
            const char *from = data + rand() % 20000;

            if (rand() % 3)
                gyre__buffer_append(&chain->buffer, &chain->pool, from, len);
            else
                gyre__buffer_append_owned(&chain->buffer, &chain->pool, from, len, NULL, NULL);
            memcpy(model + used, from, len);
            used += len;
        } else {
            len = len < used ? len : used;
            gyre__buffer_consume(&chain->buffer, &chain->pool, len);
            memmove(model, model + len, used - len);
            used -= len;
        }
        assert_int_equal(chain->buffer.size, used);
        assert_int_equal(flatten(&chain->buffer, flat), used);
        assert_memory_equal(flat, model, used);
    }
    free(model);
    free(flat);
    free(data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(bytes_leave_in_the_order_they_came, set_up, tear_down),
        cmocka_unit_test_setup_teardown(small_pieces_share_a_chunk, set_up, tear_down),
        cmocka_unit_test_setup_teardown(gather_stops_at_its_limit, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_owner_hears_once_when_its_last_byte_went, set_up, tear_down),
        cmocka_unit_test_setup_teardown(clear_tells_every_owner, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_owner_may_append, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_last_used_chunk_is_the_next, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_pool_keeps_so_many_chunks, set_up, tear_down),
        cmocka_unit_test_setup_teardown(it_behaves_like_one_array, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
