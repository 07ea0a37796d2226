/* httpd/file.c - GET /file/PATH: files beneath --root. A thread of the executor opens; sendfile(2) sends.
 *
 * What was opened is what is sent: size, tag and date are those of the descriptor, whatever happens to the
 * name meanwhile. A file that gets shorter breaks the answer off.
 */
#include "httpd/beneath.h"
#include "httpd/condition.h"
#include "httpd/escape.h"
#include "httpd/media.h"
#include "httpd/moment.h"
#include "httpd/range.h"
#include "httpd/site.h"
#include <inttypes.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* One file that was asked for; on the handler's stack. */
struct file {
    int root;
    char path[PATH_MAX]; /* beneath the root */
    int fd;              /* -1: not open */
    struct stat stat;
    struct validators validators;
    int status;         /* 200 or 206 */
    struct range range; /* what is sent */
};

static int open_file(void *arg)
{
    struct file *file = arg;

    file->fd = beneath_open(file->root, file->path, &file->stat);
    return file->fd < 0 ? file->fd : 0;
}

/* One line a second: whoever asks may ask often. */
static bool may_complain(void)
{
    static atomic_llong last;
    long long now = time(NULL);

    return atomic_exchange(&last, now) != now;
}

static void complain(const struct file *file, int err)
{
    char name[ESCAPE_ROOM + 1];

    *escape_write(name, file->path) = '\0';
    if (may_complain())
        fprintf(stderr, "gyre-httpd: cannot read %s: %s\n", name, gyre_strerror(err));
}

/* A folder is shown as its index.html, and its name has a slash at the end, or relative links would fail. */
static int redirect(http_request *request)
{
    char location[PATH_MAX];
    int len = snprintf(location, sizeof location, "%s/", http_path(request));

    if (len >= (int)sizeof location)
        return http_respond_status(request, 414);
    http_set_header(request, "Location", location);
    return http_respond_status(request, 301);
}

static bool ends_in(const char *text, const char *suffix)
{
    size_t len = strlen(text), end = strlen(suffix);

    return len >= end && !strcmp(text + len - end, suffix);
}

static int refuse(http_request *request, const struct file *file, int err)
{
    switch (err) {
    case GYRE_ECANCELLED:
        return err;
    case -ENOENT:
    case -ENOTDIR:
    case -EXDEV:
    case -ELOOP:
    case -ENAMETOOLONG:
    case -EINVAL:
    case -ENXIO:
        return http_respond_status(request, 404);
    case -EISDIR:
        return ends_in(file->path, "/index.html") ? http_respond_status(request, 404) : redirect(request);
    default:
        complain(file, err);
        return http_respond_status(request, err == -EACCES || err == -EPERM                      ? 403
                                            : err == -EMFILE || err == -ENFILE || err == -ENOMEM ? 503
                                                                                                 : 500);
    }
}

static bool is_get(const http_request *request)
{
    return !strcmp(http_method(request), "GET");
}

/* Each part of a list that may come in several. */
static void read_parts(http_request *request, const char *name, const char *parts[CONDITION_PARTS])
{
    for (size_t i = 0; i < CONDITION_PARTS; i++)
        parts[i] = http_header_at(request, name, i);
}

static void read_conditions(http_request *request, struct conditions *conditions)
{
    read_parts(request, "If-Match", conditions->match);
    read_parts(request, "If-None-Match", conditions->none_match);
    conditions->unmodified_since = http_header(request, "If-Unmodified-Since");
    conditions->modified_since = http_header(request, "If-Modified-Since");
    conditions->range = http_header(request, "If-Range");
}

/* 200, 206, or a status without the file. */
static int choose_status(http_request *request, struct file *file)
{
    struct conditions conditions;
    const char *range = is_get(request) ? http_header(request, "Range") : NULL;
    enum range_kind kind = RANGE_WHOLE;
    int status;

    read_conditions(request, &conditions);
    status = condition_status(&conditions, &file->validators);
    file->range = (struct range){0, file->stat.st_size};
    if (!status && range && condition_range(&conditions, &file->validators, time(NULL)))
        kind = range_read(range, file->stat.st_size, &file->range);
    if (status)
        return status;
    return kind == RANGE_PART ? 206 : kind == RANGE_BEYOND ? 416 : 200;
}

static void set_content_range(http_request *request, const struct file *file)
{
    char text[80];

    if (file->status == 416)
        snprintf(text, sizeof text, "bytes */%" PRId64, (int64_t)file->stat.st_size);
    else
        snprintf(text, sizeof text, "bytes %" PRId64 "-%" PRId64 "/%" PRId64, file->range.first,
                 file->range.first + file->range.len - 1, (int64_t)file->stat.st_size);
    http_set_header(request, "Content-Range", text);
}

static void set_fields(http_request *request, const struct file *file)
{
    char date[MOMENT_SIZE];

    moment_write(file->validators.modified, date);
    http_set_header(request, "ETag", file->validators.tag);
    http_set_header(request, "Last-Modified", date);
    http_set_header(request, "Accept-Ranges", "bytes");
    http_set_header(request, "X-Content-Type-Options", "nosniff");
    if (file->status == 206 || file->status == 416)
        set_content_range(request, file);
}

/* What a client does that leaves in the middle is no error of ours. */
static int explain(http_request *request, int err)
{
    gyre_transport *transport = http_transport(request);

    return !transport || gyre_transport_is_closing(transport) ? GYRE_ECANCELLED : err;
}

static int send_bytes(http_request *request, const struct file *file)
{
    int64_t sent = 0;
    int err = file->range.len
                  ? gyre_loop_sendfile(gyre_get_event_loop(), &sent, http_transport(request), file->fd,
                                       .offset = file->range.first, .count = file->range.len)
                  : 0;

    if (err)
        return explain(request, err);
    http_sent(request, (uint64_t)sent);
    if (sent == file->range.len)
        return http_end(request);
    fprintf(stderr, "gyre-httpd: a file got shorter while it was sent\n");
    return GYRE_ECANCELLED;
}

static int answer(http_request *request, struct file *file)
{
    int begun;

    validators_of(&file->stat, &file->validators);
    file->status = choose_status(request, file);
    set_fields(request, file);
    if (file->status == 304)
        return http_respond(request, 304, NULL, NULL, 0);
    if (file->status != 200 && file->status != 206)
        return http_respond_status(request, file->status);
    begun = http_begin(request, file->status, media_type(file->path), file->range.len);
    return begun > 0 ? send_bytes(request, file) : begun < 0 ? begun : http_end(request);
}

/* False: no file has such a long name. */
static bool name_file(struct file *file, const char *path)
{
    const char *index = !*path || ends_in(path, "/") ? "index.html" : "";

    return snprintf(file->path, sizeof file->path, "%s%s", path, index) < (int)sizeof file->path;
}

int file_handler(http_request *request, void *arg)
{
    struct file file = {.root = *(const int *)arg, .fd = -1};
    const char *path = http_param(request, "path");
    int err;

    if (!path)
        return -ENOMEM;
    if (!name_file(&file, path))
        return http_respond_status(request, 404);
    err = gyre_to_thread(open_file, &file);
    err = err ? refuse(request, &file, err) : answer(request, &file);
    if (file.fd >= 0)
        close(file.fd);
    return err;
}
