/* httpd/url.c - http and https, no user, no surprises. */
#include "httpd/url.h"
#include "httpd/number.h"
#include <stdio.h>
#include <string.h>
#include <strings.h>

static bool is_clean(const char *text)
{
    for (; *text; text++)
        if (*text <= ' ' || *text >= 0x7f)
            return false;
    return true;
}

static bool copy(char *to, size_t size, const char *from, size_t len)
{
    if (len >= size)
        return false;
    memcpy(to, from, len);
    to[len] = '\0';
    return true;
}

/* Where the port begins, behind its colon; NULL: there is none. */
static const char *find_port(const char *authority)
{
    const char *bracket = strrchr(authority, ']');
    const char *colon = strrchr(bracket ? bracket : authority, ':');

    return colon ? colon + 1 : NULL;
}

static bool split_authority(struct url *url)
{
    const char *host = url->authority;
    const char *port = find_port(host);
    size_t len = port ? (size_t)(port - 1 - host) : strlen(host);
    long number = url->secure ? 443 : 80;

    if (port && !number_read(port, 1, 65535, &number))
        return false;
    if (*host == '[') {
        if (len < 3 || host[len - 1] != ']')
            return false;
        host++;
        len -= 2;
    }
    url->port = (int)number;
    return len && !strchr(url->authority, '@') && copy(url->host, sizeof url->host, host, len);
}

bool url_read(const char *text, struct url *url)
{
    size_t len, rest;

    url->secure = !strncasecmp(text, "https://", 8);
    if ((!url->secure && strncasecmp(text, "http://", 7) != 0) || !is_clean(text))
        return false;
    text += url->secure ? 8 : 7;
    len = strcspn(text, "/?#");
    rest = strcspn(text + len, "#");
    if (!copy(url->authority, sizeof url->authority, text, len) || rest + 2 > sizeof url->target)
        return false;
    snprintf(url->target, sizeof url->target, "%s%.*s", text[len] == '/' ? "" : "/", (int)rest, text + len);
    return split_authority(url);
}
