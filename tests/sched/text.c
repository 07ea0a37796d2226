/* text.c - see text.h. */
#include "text.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static void make_room(struct text *text, size_t more)
{
    if (text->length + more + 1 <= text->room)
        return;
    text->room = 2 * (text->length + more + 1);
    text->bytes = realloc(text->bytes, text->room);
    if (!text->bytes)
        abort();
}

void text_add(struct text *text, const char *format, ...)
{
    va_list values;
    int length;

    va_start(values, format);
    length = vsnprintf(NULL, 0, format, values);
    va_end(values);
    make_room(text, (size_t)length);
    va_start(values, format);
    vsnprintf(text->bytes + text->length, (size_t)length + 1, format, values);
    va_end(values);
    text->length += (size_t)length;
}

const char *text_words(const struct text *text)
{
    return text->length ? text->bytes : "";
}

void text_clear(struct text *text)
{
    text->length = 0;
}

void text_free(struct text *text)
{
    free(text->bytes);
    *text = (struct text){0};
}
