/* net/unix_file.c - the file that a listening socket leaves, and its removal.
 *
 * It is removed before the socket is closed: nobody connects to a dead file, and no new file can have the
 * number of the old one.
 */
#include "base/memory.h"
#include "net/unix_socket.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct gyre__unix_file {
    dev_t device; /* the file's identity */
    ino_t number; /* the same */
    char path[];  /* absolute, where that could be found out: the program may change its directory */
};

/* The path as bound; false for an abstract name, or none. */
static bool path_of(const gyre_loop *loop, int fd, char path[sizeof(struct sockaddr_storage)])
{
    struct sockaddr_storage name = {0};
    socklen_t size = sizeof name;

    if (loop->driver_class->getsockname(fd, &name, &size) || name.ss_family != AF_UNIX)
        return false;
    strcpy(path, ((struct sockaddr_un *)(void *)&name)->sun_path);
    return path[0] != '\0';
}

struct gyre__unix_file *gyre__unix_file_note(const gyre_loop *loop, int fd)
{
    char path[sizeof(struct sockaddr_storage)];
    struct gyre__unix_file *file;
    struct stat status;
    char *whole;

    if (loop->driver_class->virtual_time || !path_of(loop, fd, path) || stat(path, &status))
        return NULL;
    whole = realpath(path, NULL);
    file = gyre__malloc(sizeof *file + strlen(whole ? whole : path) + 1);
    *file = (struct gyre__unix_file){.device = status.st_dev, .number = status.st_ino};
    strcpy(file->path, whole ? whole : path);
    free(whole);
    return file;
}

static void report(gyre_loop *loop, const struct gyre__unix_file *file, int err)
{
    gyre_loop_call_exception_handler(loop, .message = "Unable to clean up listening UNIX socket",
                                     .exception =
                                         gyre_error_set(err, "'%s': %s", file->path, gyre_strerror(err)),
                                     .text = gyre_error_text());
}

void gyre__unix_file_remove(gyre_loop *loop, struct gyre__unix_file *file)
{
    struct stat status;
    int err = stat(file->path, &status) ? -errno : 0;

    if (!err && status.st_dev == file->device && status.st_ino == file->number)
        err = unlink(file->path) ? -errno : 0;
    if (err && err != -ENOENT)
        report(loop, file, err);
    free(file);
}

void gyre__unix_file_forget(struct gyre__unix_file *file)
{
    free(file);
}
