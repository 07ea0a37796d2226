/* net/refusals.c - noting, joining, raising. */
#include "net/refusals.h"
#include "base/error.h"
#include "base/memory.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void append(struct gyre__refusals *refusals, struct gyre__refusal refusal)
{
    refusals->list = gyre__realloc(refusals->list, (refusals->count + 1) * sizeof *refusals->list);
    refusals->list[refusals->count++] = refusal;
}

int gyre__refusals_note(struct gyre__refusals *refusals, int err)
{
    append(refusals, (struct gyre__refusal){err, gyre__strdup(gyre_error_text())});
    return err;
}

void gyre__refusals_move(struct gyre__refusals *to, struct gyre__refusals *from)
{
    for (size_t i = 0; i < from->count; i++)
        append(to, from->list[i]);
    free(from->list);
    *from = (struct gyre__refusals){0};
}

static bool differ(const struct gyre__refusals *refusals)
{
    for (size_t i = 1; i < refusals->count; i++)
        if (strcmp(refusals->list[i].text, refusals->list[0].text) != 0)
            return true;
    return false;
}

/* However many there are: no word is cut. */
static char *join(const char *title, const struct gyre__refusals *refusals)
{
    size_t size = strlen(title) + 1;
    char *text, *end;

    for (size_t i = 0; i < refusals->count; i++)
        size += strlen(refusals->list[i].text) + 2;
    text = gyre__malloc(size);
    end = stpcpy(text, title);
    for (size_t i = 0; i < refusals->count; i++)
        end = stpcpy(stpcpy(end, i ? ", " : ""), refusals->list[i].text);
    return text;
}

int gyre__refusals_raise(const struct gyre__refusals *refusals, bool group)
{
    char title[80] = "Multiple exceptions: ";

    if (group)
        snprintf(title, sizeof title, "create_connection failed (%zu sub-exception%s): ", refusals->count,
                 refusals->count > 1 ? "s" : "");
    gyre__error_put(group || differ(refusals) ? join(title, refusals) : gyre__strdup(refusals->list[0].text));
    return refusals->list[0].code;
}

void gyre__refusals_clear(struct gyre__refusals *refusals)
{
    for (size_t i = 0; i < refusals->count; i++)
        free(refusals->list[i].text);
    free(refusals->list);
    *refusals = (struct gyre__refusals){0};
}
