/* base/list.h - an intrusive doubly linked ring. A head is a link that points at itself when the list is
 * empty. */
#ifndef GYRE__LIST_H
#define GYRE__LIST_H

#include <stdbool.h>
#include <stddef.h>

/* One link, inside what is listed, or the head of a list. */
struct gyre__list {
    struct gyre__list *next;     /* towards the tail */
    struct gyre__list *previous; /* towards the head */
};

/* The object of type `type` whose member `member` is `link`. */
#define GYRE__OF(link, type, member) ((type *)(void *)((char *)(link)-offsetof(type, member)))

static inline void gyre__list_init(struct gyre__list *list)
{
    list->next = list->previous = list;
}

static inline bool gyre__list_empty(const struct gyre__list *list)
{
    return list->next == list;
}

/* Links at the tail. */
static inline void gyre__list_append(struct gyre__list *list, struct gyre__list *link)
{
    link->next = list;
    link->previous = list->previous;
    list->previous->next = link;
    list->previous = link;
}

/* Unlinks; the link becomes an empty list, so that removing twice is harmless. */
static inline void gyre__list_remove(struct gyre__list *link)
{
    link->previous->next = link->next;
    link->next->previous = link->previous;
    gyre__list_init(link);
}

/* Unlinks and returns the head's first link, NULL when the list is empty. */
static inline struct gyre__list *gyre__list_pop(struct gyre__list *list)
{
    struct gyre__list *first = list->next;

    if (first == list)
        return NULL;
    gyre__list_remove(first);
    return first;
}

/* Moves all links of `from`, in order, to the empty list `to`. */
static inline void gyre__list_take(struct gyre__list *to, struct gyre__list *from)
{
    gyre__list_init(to);
    if (gyre__list_empty(from))
        return;
    *to = *from;
    to->next->previous = to->previous->next = to;
    gyre__list_init(from);
}

#endif
