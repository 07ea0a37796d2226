/* http/target.c - the request target (RFC 9112, section 3.2) and percent-encoding (RFC 3986, section 2.1). */
#include "http/target.h"
#include <string.h>
#include <strings.h>

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The byte that "%41" stands for; 0, which no target may contain, when it stands for none. */
static int escaped(const char *percent, const char *end)
{
    if (end - percent < 3 || hex(percent[1]) < 0 || hex(percent[2]) < 0)
        return 0;
    return hex(percent[1]) << 4 | hex(percent[2]);
}

/* Where the path of an absolute target begins: behind "http://host"; NULL when there is none. */
static const char *skip_authority(const char *at, const char *end)
{
    size_t scheme = end - at > 7 && !strncasecmp(at, "http://", 7)    ? 7
                    : end - at > 8 && !strncasecmp(at, "https://", 8) ? 8
                                                                      : 0;

    for (at += scheme; at < end && *at != '/' && *at != '?' && *at != '#'; at++)
        ;
    return scheme && at < end && *at == '/' ? at : NULL;
}

/* Where the query begins, or the end; NULL when a character is out of place. Most characters of a target
 * are letters, which come behind the three that matter. */
static const char *scan(const char *at, const char *end)
{
    const char *question = end;

    for (; at < end; at++) {
        if (*at > '?')
            continue;
        if (*at == '#' || (*at == '%' && !escaped(at, end)))
            return NULL;
        if (*at == '?' && question == end)
            question = at;
    }
    return question;
}

static struct http_slice slice(const char *text, const char *from, const char *to)
{
    return (struct http_slice){(uint16_t)(from - text), (uint16_t)(to - from)};
}

bool http__target_split(const char *text, struct http_slice target, bool asterisk, struct http_slice *path,
                        struct http_slice *query)
{
    const char *from = text + target.at;
    const char *end = from + target.len;
    const char *question;

    if (target.len && *from != '/' && !(asterisk && target.len == 1 && *from == '*'))
        from = skip_authority(from, end);
    question = from && target.len ? scan(from, end) : NULL;
    if (!question)
        return false;
    *path = slice(text, from, question);
    *query = slice(text, question < end ? question + 1 : end, end);
    return true;
}

/* Takes one character, which may be escaped. */
static int take(const char **at, const char *end)
{
    int c = (unsigned char)**at;
    bool percent = c == '%';

    if (percent)
        c = escaped(*at, end);
    *at += percent ? 3 : 1;
    return c;
}

bool http__path_begins(const char *text, struct http_slice path, const char *prefix, size_t len)
{
    const char *at = text + path.at;
    const char *end = at + path.len;

    for (size_t i = 0; i < len; i++)
        if (at == end || take(&at, end) != (unsigned char)prefix[i])
            return false;
    return at == end || take(&at, end) == '/';
}

/* Does the encoded piece say `name`? */
static bool says(const char *at, const char *end, const char *name)
{
    while (at < end && *name) {
        bool plus = *at == '+';
        int c = take(&at, end);

        if ((plus ? ' ' : c) != (unsigned char)*name++)
            return false;
    }
    return at == end && !*name;
}

static const char *find(const char *at, const char *end, char c)
{
    const char *found = memchr(at, c, (size_t)(end - at));

    return found ? found : end;
}

bool http__query_find(const char *text, struct http_slice query, const char *name, struct http_slice *value)
{
    const char *end = text + query.at + query.len;
    const char *next;

    for (const char *at = text + query.at; at < end; at = next + 1) {
        const char *equals;

        next = find(at, end, '&');
        equals = find(at, next, '=');
        if (says(at, equals, name)) {
            *value = slice(text, equals < next ? equals + 1 : next, next);
            return true;
        }
    }
    return false;
}

void http__decode(const char *text, struct http_slice piece, bool form, char *out)
{
    const char *end = text + piece.at + piece.len;

    for (const char *at = text + piece.at; at < end;) {
        bool plus = form && *at == '+';
        int c = take(&at, end);

        *out++ = (char)(plus ? ' ' : c);
    }
    *out = '\0';
}
