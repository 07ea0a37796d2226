/* stock.c - pages taken, filled, used again and given back. */
#include "stock.h"
#include "base/memory.h"
#include <stdlib.h>

enum {
    PAGE = 4096,
    FRESH_DUE = 4,   /* so few pages, so that those in use stay in the cache */
    SPARES_IDLE = 4, /* kept at home while nothing is under way */
    SPARES_BUSY = 16 /* and while something is */
};

struct gyre__page {
    _Alignas(GYRE__CACHE_LINE) struct gyre__page *next; /* the one filled next, or the next spare one */
};

static struct gyre__page *get_page(struct gyre__stock *stock)
{
    struct gyre__page *page = stock->spare;

    if (!page)
        return gyre__malloc_lines(PAGE);
    stock->spare = page->next;
    stock->spares--;
    return page;
}

static void put_page(struct gyre__stock *stock, struct gyre__page *page, unsigned most)
{
    if (stock->spares >= most) {
        free(page);
        return;
    }
    page->next = stock->spare;
    stock->spare = page;
    stock->spares++;
}

static void begin_page(struct gyre__stock *stock)
{
    struct gyre__page *page = get_page(stock);

    page->next = NULL;
    if (stock->newest)
        stock->newest->next = page;
    else
        stock->oldest = page;
    stock->newest = page;
    stock->used = sizeof *page;
    stock->fresh++;
}

void *gyre__stock_begin(struct gyre__stock *stock, size_t least, void **end)
{
    size_t start = (stock->used + GYRE__CACHE_LINE - 1) / GYRE__CACHE_LINE * GYRE__CACHE_LINE;

    if (!stock->newest || start + least > PAGE) {
        begin_page(stock);
        start = stock->used;
    }
    *end = (char *)stock->newest + PAGE;
    return (char *)stock->newest + start;
}

void gyre__stock_end(struct gyre__stock *stock, const void *end)
{
    stock->used = (size_t)((const char *)end - (const char *)stock->newest);
}

bool gyre__stock_due(const struct gyre__stock *stock)
{
    return stock->fresh >= FRESH_DUE;
}

void gyre__stock_mark(struct gyre__stock *stock)
{
    stock->marked = stock->newest;
    stock->fresh = 0;
}

void gyre__stock_come_home(struct gyre__stock *stock, bool idle)
{
    while (stock->marked && stock->oldest != stock->marked) {
        struct gyre__page *page = stock->oldest;

        stock->oldest = page->next;
        put_page(stock, page, SPARES_BUSY);
    }
    if (!idle || !stock->newest)
        return;
    stock->used = sizeof *stock->newest;
    while (stock->spares > SPARES_IDLE)
        free(get_page(stock));
}

void gyre__stock_clear(struct gyre__stock *stock)
{
    while (stock->oldest) {
        struct gyre__page *next = stock->oldest->next;

        free(stock->oldest);
        stock->oldest = next;
    }
    while (stock->spare)
        free(get_page(stock));
    *stock = (struct gyre__stock){0};
}
