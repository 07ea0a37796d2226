/* httpd/moment.c - dates. The program never sets a locale, so the names of days and months are English. */
#include "httpd/moment.h"
#include <stddef.h>

void moment_write(time_t moment, char text[MOMENT_SIZE])
{
    struct tm tm;

    gmtime_r(&moment, &tm);
    if (!strftime(text, MOMENT_SIZE, "%a, %d %b %Y %H:%M:%S GMT", &tm))
        text[0] = '\0';
}

bool moment_read(const char *text, time_t *moment)
{
    static const char *const forms[] = {"%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT",
                                        "%a %b %e %H:%M:%S %Y"};

    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        struct tm tm = {0};
        const char *end = strptime(text, forms[i], &tm);

        if (end && !*end) {
            *moment = timegm(&tm);
            return true;
        }
    }
    return false;
}
