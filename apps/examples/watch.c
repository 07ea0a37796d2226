/* What happens in a folder, or to a file, line by line, until Ctrl-C.
 *
 * usage: watch PATH
 */
#include <gyre/gyre.h>
#include <stdio.h>

static void tell(const char *filename, int event, void *arg)
{
    if (event == (GYRE_FS_RENAME | GYRE_FS_CHANGE))
        puts("too much happens: look for yourself");
    else
        printf("%s %s\n", event == GYRE_FS_CHANGE ? "changed" : "made, removed or renamed", filename);
}

static int watch(void *path)
{
    gyre_handle handle = gyre_loop_monitor_fs(gyre_get_running_loop(), path, tell, NULL);
    int err = gyre_handle_error(&handle);

    if (err)
        return err;
    puts("watching");
    err = gyre_sleep(1e9);
    gyre_handle_cancel(&handle);
    return err;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: %s PATH\n", argv[0]);
        return 2;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    return gyre_run(watch, argv[1]);
}
