/* httpd/condition.c - entity tags and dates against a request's conditions. A field that is malformed is one
 * that does not match.
 */
#include "httpd/condition.h"
#include "httpd/moment.h"
#include <stdio.h>
#include <string.h>

void validators_of(const struct stat *stat, struct validators *validators)
{
    unsigned long long nanoseconds =
        (unsigned long long)stat->st_mtim.tv_sec * 1000000000U + (unsigned long long)stat->st_mtim.tv_nsec;

    snprintf(validators->tag, sizeof validators->tag, "\"%llx-%llx-%llx\"", nanoseconds,
             (unsigned long long)stat->st_size, (unsigned long long)stat->st_ino);
    validators->modified = stat->st_mtim.tv_sec;
}

/* The end of one entity tag, NULL where there is none. */
static const char *tag_end(const char *at)
{
    const char *close;

    if (!strncmp(at, "W/", 2))
        at += 2;
    if (*at != '"')
        return NULL;
    close = strchr(at + 1, '"');
    return close ? close + 1 : NULL;
}

/* A weak tag says "about the same", which is enough for a cache, not for putting parts together. */
static bool same_tag(const char *at, const char *end, const char *tag, bool weak)
{
    if (weak && !strncmp(at, "W/", 2))
        at += 2;
    return (size_t)(end - at) == strlen(tag) && !memcmp(at, tag, (size_t)(end - at));
}

static bool list_has(const char *list, const char *tag, bool weak)
{
    const char *end;

    if (!strcmp(list, "*"))
        return true;
    for (const char *at = list + strspn(list, " \t,"); (end = tag_end(at)); at = end + strspn(end, " \t,"))
        if (same_tag(at, end, tag, weak))
            return true;
    return false;
}

static bool lists_have(const char *const *lists, const char *tag, bool weak)
{
    for (int i = 0; i < CONDITION_PARTS && lists[i]; i++)
        if (list_has(lists[i], tag, weak))
            return true;
    return false;
}

/* True when the file has not changed since; a date that is none sets no condition. */
static bool unchanged_since(const char *text, time_t modified, bool otherwise)
{
    time_t since;

    return moment_read(text, &since) ? modified <= since : otherwise;
}

static bool may_go_on(const struct conditions *conditions, const struct validators *validators)
{
    if (conditions->match[0])
        return lists_have(conditions->match, validators->tag, false);
    if (conditions->unmodified_since)
        return unchanged_since(conditions->unmodified_since, validators->modified, true);
    return true;
}

static bool has_it_already(const struct conditions *conditions, const struct validators *validators)
{
    if (conditions->none_match[0])
        return lists_have(conditions->none_match, validators->tag, true);
    if (conditions->modified_since)
        return unchanged_since(conditions->modified_since, validators->modified, false);
    return false;
}

int condition_status(const struct conditions *conditions, const struct validators *validators)
{
    if (!may_go_on(conditions, validators))
        return 412;
    return has_it_already(conditions, validators) ? 304 : 0;
}

bool condition_range(const struct conditions *conditions, const struct validators *validators, time_t now)
{
    const char *range = conditions->range;
    time_t moment;

    if (!range)
        return true;
    if (moment_read(range, &moment))
        return moment == validators->modified && validators->modified < now;
    return tag_end(range) && !*tag_end(range) && same_tag(range, tag_end(range), validators->tag, false);
}
