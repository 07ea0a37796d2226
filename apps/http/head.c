/* http/head.c - the head of a request, checked by tiling: the pieces that the parser reported, with exactly
 * the separators that RFC 9112 puts between them, must cover the received text from its first byte to its
 * last. Whatever a lenient parser skipped (folded lines, extra spaces, bare line feeds) leaves a gap.
 */
#include "http/head.h"
#include <string.h>
#include <strings.h>

enum { VERSION_LEN = sizeof " HTTP/1.1\r\n" - 1 };

static bool is(const struct http_head *head, struct http_slice piece, const char *text, size_t len)
{
    return piece.len == len && !strncasecmp(head->text + piece.at, text, len);
}

static bool blank(char c)
{
    return c == ' ' || c == '\t';
}

/* The request line: one space before the target, " HTTP/1.1" and a line end behind it. */
static int check_line(struct http_head *head, size_t *end)
{
    size_t at = (size_t)head->target.at + head->target.len;
    const char *version = head->text + at;

    if (head->target.at < 2 || head->text[head->target.at - 2] == ' ' || at + VERSION_LEN > head->len)
        return 400;
    if (memcmp(version, " HTTP/", 6) != 0 || version[9] != '\r' || version[10] != '\n')
        return 400;
    if (version[6] != '1')
        return 505;
    head->old = version[8] == '0';
    *end = at + VERSION_LEN;
    return 0;
}

/* One field that begins at `at`: name, colon, white space, value, white space, line end. Returns where the
 * next one begins, or 0. */
static size_t check_field(const struct http_head *head, struct http_field *field, size_t at)
{
    const char *text = head->text;
    size_t end = (size_t)field->name.at + field->name.len;

    if (field->name.at != at || !field->name.len || text[end] != ':')
        return 0;
    for (end++; blank(text[end]); end++)
        ;
    if (field->value.len && field->value.at != end)
        return 0;
    field->value.at = (uint16_t)end;
    end += field->value.len;
    if (text[end] != '\r' || text[end + 1] != '\n')
        return 0;
    while (field->value.len && blank(text[field->value.at + field->value.len - 1]))
        field->value.len--;
    return end + 2;
}

static int check_fields(struct http_head *head, size_t at)
{
    for (unsigned i = 0; i < head->count; i++) {
        at = check_field(head, &head->fields[i], at);
        if (!at)
            return 400;
    }
    return at + 2 == head->len && !memcmp(head->text + at, "\r\n", 2) ? 0 : 400;
}

/* May it stand in a host and port (RFC 3986, section 3.2.2)? Nearly all are of the first two ranges. */
static bool is_host(char c)
{
    if ((c >= '-' && c <= ':' && c != '/') || (c >= 'a' && c <= 'z'))
        return true;
    return (c >= 'A' && c <= 'Z') || (c && strchr("_~!$&'()*+;=%[]", c));
}

static bool names_host(const struct http_head *head, struct http_slice host)
{
    for (size_t i = 0; i < host.len; i++)
        if (!is_host(head->text[host.at + i]))
            return false;
    return true;
}

/* What the fields that steer the connection say; the lengths tell most fields apart at once. */
static int check_meaning(struct http_head *head)
{
    unsigned hosts = 0;

    for (unsigned i = 0; i < head->count; i++) {
        struct http_slice value = head->fields[i].value;

        switch (head->fields[i].name.len) {
        case 4:
            if (is(head, head->fields[i].name, "Host", 4) && (hosts++ || !names_host(head, value)))
                return 400;
            break;
        case 6:
            if (!head->old && is(head, head->fields[i].name, "Expect", 6)) {
                if (!is(head, value, "100-continue", 12))
                    return 417;
                head->expects_continue = true;
            }
            break;
        case 17:
            if (!is(head, head->fields[i].name, "Transfer-Encoding", 17))
                break;
            if (head->old)
                return 400;
            if (!is(head, value, "chunked", 7))
                return 501;
            break;
        default:
            break;
        }
    }
    return hosts || head->old ? 0 : 400;
}

int http__head_check(struct http_head *head)
{
    size_t end;
    int status = check_line(head, &end);

    if (!status)
        status = check_fields(head, end);
    if (!status)
        status = check_meaning(head);
    if (!status && !http__target_split(head->text, head->target, head->asterisk, &head->path, &head->query))
        status = 400;
    head->good = !status;
    return status;
}

const struct http_field *http__head_find(const struct http_head *head, const char *name, size_t place)
{
    size_t len = strlen(name);

    for (unsigned i = 0; i < head->count; i++)
        if (is(head, head->fields[i].name, name, len) && !place--)
            return &head->fields[i];
    return NULL;
}
