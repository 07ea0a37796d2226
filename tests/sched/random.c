/* random.c - MT19937 as its authors define it (Matsumoto and Nishimura, 1998, with the seeding of 2002). */
#include "random.h"

enum { MIDDLE = 397 };

static void fill(struct random *random, uint32_t seed)
{
    uint32_t *word = random->words;

    word[0] = seed;
    for (uint32_t i = 1; i < RANDOM_WORDS; i++)
        word[i] = 1812433253U * (word[i - 1] ^ (word[i - 1] >> 30)) + i;
    random->next = RANDOM_WORDS;
}

/* Steps over word 0, which stands for the last one when the ring closes. */
static int advance(uint32_t *word, int i)
{
    if (++i < RANDOM_WORDS)
        return i;
    word[0] = word[RANDOM_WORDS - 1];
    return 1;
}

static uint32_t mixed(const uint32_t *word, int i, uint32_t factor)
{
    return word[i] ^ ((word[i - 1] ^ (word[i - 1] >> 30)) * factor);
}

void random_seed(struct random *random, uint64_t seed)
{
    uint32_t key[2] = {(uint32_t)seed, (uint32_t)(seed >> 32)};
    uint32_t *word = random->words, keys = key[1] ? 2 : 1;
    int i = 1;

    fill(random, 19650218U);
    for (uint32_t k = 0; k < RANDOM_WORDS; k++) {
        word[i] = mixed(word, i, 1664525U) + key[k % keys] + k % keys;
        i = advance(word, i);
    }
    for (int k = 1; k < RANDOM_WORDS; k++) {
        word[i] = mixed(word, i, 1566083941U) - (uint32_t)i;
        i = advance(word, i);
    }
    word[0] = 0x80000000U;
}

static void twist(struct random *random)
{
    uint32_t *word = random->words;

    for (int i = 0; i < RANDOM_WORDS; i++) {
        uint32_t both = (word[i] & 0x80000000U) | (word[(i + 1) % RANDOM_WORDS] & 0x7fffffffU);

        word[i] = word[(i + MIDDLE) % RANDOM_WORDS] ^ (both >> 1) ^ (both & 1 ? 0x9908b0dfU : 0);
    }
    random->next = 0;
}

static uint32_t draw(struct random *random)
{
    uint32_t word;

    if (random->next == RANDOM_WORDS)
        twist(random);
    word = random->words[random->next++];
    word ^= word >> 11;
    word ^= (word << 7) & 0x9d2c5680U;
    word ^= (word << 15) & 0xefc60000U;
    return word ^ (word >> 18);
}

static int bit_length(uint32_t number)
{
    int length = 0;

    for (; number; number >>= 1)
        length++;
    return length;
}

int random_below(struct random *random, int count)
{
    int unused = 32 - bit_length((uint32_t)count), number;

    do
        number = (int)(draw(random) >> unused);
    while (number >= count);
    return number;
}

int random_between(struct random *random, int low, int high)
{
    return low + random_below(random, high - low + 1);
}

void random_sample(struct random *random, int count, int chosen, int *sample)
{
    int pool[21];

    for (int i = 0; i < count; i++)
        pool[i] = i;
    for (int i = 0; i < chosen; i++) {
        int place = random_below(random, count - i);

        sample[i] = pool[place];
        pool[place] = pool[count - i - 1];
    }
}
