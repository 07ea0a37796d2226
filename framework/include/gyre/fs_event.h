/* gyre/fs_event.h - being told of what happens to a file, or in a folder.
 *
 * uvloop: loop._monitor_fs. On Linux, by inotify; elsewhere, and in virtual time, -ENOTSUP.
 *
 *   handle = gyre_loop_monitor_fs(loop, "/etc/ssl/mine", reload, server);
 *
 * A program that replaces a file renames a new one over it: watch the folder to hear of that, not the file.
 */
#ifndef GYRE_FS_EVENT_H
#define GYRE_FS_EVENT_H

#include <gyre/loop.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What has happened; both at once: events were lost, anything may have. uvloop: FileSystemEvent */
enum {
    GYRE_FS_RENAME = 1, /* made, removed, or called otherwise: two events, one for each name */
    GYRE_FS_CHANGE = 2  /* its bytes or its attributes are others */
};

/* Told of one event, as an ordinary callback. `filename` is the name within the watched folder, or the last
 * part of the watched path itself; lent for the call. */
typedef void (*gyre_fs_callback)(const char *filename, int event, void *arg);

/* Calls fn(filename, event, arg) for each event of the file `path`, or of what lies directly in the folder
 * `path`, until gyre_handle_cancel; also of those that the program itself causes. What is watched is the file
 * that is there now, under whatever name it goes later. Many writes may be one event. .release frees arg when
 * no call can follow. The ticket carries -ENOENT and its like, -ENOSPC and -EMFILE when the system watches
 * too much, GYRE_ELOOPCLOSED, -ENOTSUP. uvloop: loop._monitor_fs */
gyre_handle gyre_loop_monitor_fs(gyre_loop *loop, const char *path, gyre_fs_callback fn, void *arg,
                                 const gyre_call_options *options);
#define gyre_loop_monitor_fs(loop, path, fn, ...)                  \
    gyre_loop_monitor_fs(loop, path, fn, GYRE__FIRST(__VA_ARGS__), \
                         GYRE__OPTIONS(gyre_call_options, __VA_ARGS__))

#ifdef __cplusplus
}
#endif

#endif
