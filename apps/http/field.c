/* http/field.c - header fields of an answer that the handler adds. */
#include "http/field.h"
#include "http/request.h"
#include <string.h>
#include <strings.h>

bool http__field_value(const char *value, size_t *len)
{
    const char *at = value;

    while ((unsigned char)*at >= ' ' || *at == '\t')
        at++;
    *len = (size_t)(at - value);
    return !*at;
}

static bool reserved(const char *name)
{
    static const char *const names[] = {
        "Connection", "Content-Length", "Content-Type", "Date", "Server", "Transfer-Encoding",
    };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcasecmp(name, names[i]))
            return true;
    return false;
}

bool http__field_name(const char *name)
{
    static const char token[] = "!#$%&'*+-.^_`|~0123456789"
                                "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

    return *name && !name[strspn(name, token)] && !reserved(name);
}

int http_set_header(http_request *request, const char *name, const char *value)
{
    size_t name_len = strlen(name);
    size_t value_len;
    char *at;

    if (request->answered)
        return gyre_error_set(GYRE_ERUNTIME, "this request was answered already");
    if (!http__field_name(name) || !http__field_value(value, &value_len))
        return gyre_error_set(GYRE_EVALUE, "not a header field that may be set: \"%s\"", name);
    at = http__buffer_reserve(&request->fields, name_len + value_len + sizeof ": \r\n");
    if (!at)
        return -ENOMEM;
    request->fields.len += name_len + value_len + sizeof ": \r\n" - 1;
    memcpy(at, name, name_len);
    memcpy(at + name_len, ": ", 2);
    memcpy(at + name_len + 2, value, value_len);
    memcpy(at + name_len + 2 + value_len, "\r\n", 2);
    return 0;
}
