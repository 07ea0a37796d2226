/* http/date.c - the beginning of an answer. The date is formatted by hand, since strftime would speak the
 * program's locale. */
#include "http/date.h"
#include <string.h>

static const char days[] = "SunMonTueWedThuFriSat";
static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

static void two_digits(char *text, int number)
{
    text[0] = (char)('0' + number / 10 % 10);
    text[1] = (char)('0' + number % 10);
}

static void format(struct http_date *date, const struct tm *tm)
{
    char *text = date->text + HTTP__OK_LEN + sizeof "Server: gyre\r\nDate: " - 1;

    memcpy(date->text,
           "HTTP/1.1 200 OK\r\n"
           "Server: gyre\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n",
           sizeof date->text);
    memcpy(text, days + 3 * tm->tm_wday, 3);
    two_digits(text + 5, tm->tm_mday);
    memcpy(text + 8, months + 3 * tm->tm_mon, 3);
    two_digits(text + 12, (tm->tm_year + 1900) / 100);
    two_digits(text + 14, tm->tm_year % 100);
    two_digits(text + 17, tm->tm_hour);
    two_digits(text + 20, tm->tm_min);
    two_digits(text + 23, tm->tm_sec);
}

const char *http__date_renew(struct http_date *date, time_t now)
{
    struct tm tm;

    format(date, gmtime_r(&now, &tm));
    date->second = now;
    return date->text;
}
