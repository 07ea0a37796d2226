/* pyrepr.h - values as Python prints them: True, 'text', b'bytes', ['a', 'b'].
 *
 * Included by the programs of this folder. Each result lies in one of eight places of the thread, so that one
 * printf may use several; the ninth call overwrites the first.
 */
#ifndef GYRE_TESTS_PYREPR_H
#define GYRE_TESTS_PYREPR_H

#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PY_PLACES = 8, PY_LONGEST = 512 };

static inline char *py_place(void)
{
    static __thread char places[PY_PLACES][PY_LONGEST];
    static __thread unsigned next;

    return places[next++ % PY_PLACES];
}

static inline const char *py_bool(bool truth)
{
    return truth ? "True" : "False";
}

static inline char *py_char(char *end, unsigned char c)
{
    if (c == '\\' || c == '\'')
        return end + sprintf(end, "\\%c", c);
    if (c == '\n' || c == '\r' || c == '\t')
        return end + sprintf(end, "\\%c", c == '\n' ? 'n' : c == '\r' ? 'r' : 't');
    return end + sprintf(end, isprint(c) ? "%c" : "\\x%02x", c);
}

/* prefix'...'; what does not fit is left out. */
static inline char *py_quote(const char *prefix, const unsigned char *data, size_t len)
{
    char *text = py_place(), *end = text + sprintf(text, "%s'", prefix);

    for (size_t i = 0; i < len && end < text + PY_LONGEST - 8; i++)
        end = py_char(end, data[i]);
    strcpy(end, "'");
    return text;
}

static inline const char *py_str(const char *text)
{
    return py_quote("", (const unsigned char *)text, strlen(text));
}

static inline const char *py_bytes(const void *data, size_t len)
{
    return py_quote("b", data, len);
}

static inline int py_compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* A list of strings, sorted in place. */
static inline const char *py_sorted(const char **words, size_t count)
{
    char *text = py_place(), *end = text + sprintf(text, "[");

    if (count > 1)
        qsort(words, count, sizeof *words, py_compare);
    for (size_t i = 0; i < count; i++)
        end += snprintf(end, text + PY_LONGEST - 2 - end, "%s'%s'", i ? ", " : "", words[i]);
    strcpy(end, "]");
    return text;
}

#endif
