/* answers.c - reads answers as a strict client does. */
#include "answers.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void complain(const char *what, const char *at)
{
    fprintf(stderr, "answers: %s: %.300s\n", what, at);
    abort();
}

static const char *find(const char *at, const char *end, const char *words)
{
    return memmem(at, (size_t)(end - at), words, strlen(words));
}

/* Skips the chunks; NULL when the end is missing. */
static const char *skip_chunks(const char *at, const char *end, uint64_t *total)
{
    for (;;) {
        char *line;
        size_t size = strtoul(at, &line, 16);

        if (end - line < 4 || memcmp(line, "\r\n", 2) != 0)
            return NULL;
        at = line + 2 + size + 2;
        if (at > end)
            return NULL;
        if (memcmp(at - 2, "\r\n", 2) != 0)
            complain("a chunk without end", line);
        *total += size;
        if (!size)
            return at;
    }
}

/* A HEAD that was refused may not have been known as one: its refusal has no text. */
static bool has_body(const struct answer *answer)
{
    if (answer->head || answer->status == 204 || answer->status == 304)
        return false;
    return answer->bytes || answer->status < 400;
}

/* Skips the body behind the head that ends at `body`. */
static const char *skip_body(const struct answer *answer, const char *head, const char *body, const char *end)
{
    const char *length = find(head, body, "\r\nContent-Length: ");
    uint64_t total = 0;

    if (!has_body(answer))
        return body;
    if (find(head, body, "\r\nTransfer-Encoding: chunked\r\n"))
        body = skip_chunks(body, end, &total);
    else if (length)
        body += total = strtoul(length + 18, NULL, 10);
    else
        body += total = (uint64_t)(end - body);
    if (!body || body > end)
        return NULL;
    if (total != answer->bytes)
        complain("another length than was told", head);
    return body;
}

static const char *skip_permission(const char *at, const char *end)
{
    static const char words[] = "HTTP/1.1 100 Continue\r\n\r\n";

    while ((size_t)(end - at) >= sizeof words - 1 && !memcmp(at, words, sizeof words - 1))
        at += sizeof words - 1;
    return at;
}

static const char *skip_answer(const struct answer *answer, const char *at, const char *end)
{
    const char *body = find(at, end, "\r\n\r\n");
    char line[20];

    snprintf(line, sizeof line, "HTTP/1.1 %d ", answer->status);
    if (!body || (size_t)(end - at) < strlen(line) || memcmp(at, line, strlen(line)) != 0)
        complain("not the answer that was told", at);
    at = skip_body(answer, at, body + 4, end);
    if (!at && !answer->cut)
        complain("an answer that is cut", line);
    return at ? at : end;
}

void answers_check(const struct answers *answers, const char *text, size_t len)
{
    const char *end = text + len;

    for (size_t i = 0; i < answers->count; i++) {
        text = skip_permission(text, end);
        if (answers->list[i].status)
            text = skip_answer(&answers->list[i], text, end);
    }
    text = skip_permission(text, end);
    if (text != end)
        complain("more than was told", text);
}

static bool refused(const struct answer *answer)
{
    return answer->status == 0 || answer->status >= 400;
}

static void print(const struct answers *answers)
{
    for (size_t i = 0; i < answers->count; i++)
        fprintf(stderr, "%d (%llu bytes) ", answers->list[i].status,
                (unsigned long long)answers->list[i].bytes);
    fputc('\n', stderr);
}

/* Where both refuse, the reason may depend on what was seen of the request when it was refused. */
static bool same(const struct answer *one, const struct answer *other)
{
    if (refused(one) && refused(other))
        return true;
    return one->status == other->status && one->bytes == other->bytes && one->head == other->head;
}

void answers_compare(const struct answers *one, const struct answers *other)
{
    size_t i = 0;

    while (i < one->count && i < other->count && same(&one->list[i], &other->list[i]))
        i++;
    if (i == one->count && i == other->count)
        return;
    print(one);
    print(other);
    complain("other answers", "");
}
