/* process/exec.c - subprocess_exec and subprocess_shell: what may be asked for. */
#include "base/check.h"
#include "base/options.h"
#include "net/connect.h"
#include "process/subprocess.h"
#include <errno.h>

static int check_words(const gyre_subprocess_options *options)
{
    if (options->universal_newlines)
        return gyre_error_set(GYRE_EVALUE, "universal_newlines must be False");
    if (options->bufsize)
        return gyre_error_set(GYRE_EVALUE, "bufsize must be 0");
    if (options->text)
        return gyre_error_set(GYRE_EVALUE, "text must be False");
    if (options->encoding)
        return gyre_error_set(GYRE_EVALUE, "encoding must be None");
    if (options->errors)
        return gyre_error_set(GYRE_EVALUE, "errors must be None");
    return 0;
}

static int check(gyre_loop *loop, const gyre_subprocess_options *options)
{
    int err = gyre__connect_check(loop);

    if (err)
        return err;
    if (gyre__loop_is_virtual(loop))
        return gyre_error_set(-ENOTSUP, "a loop in virtual time has no children");
    return check_words(options);
}

int gyre__subprocess_exec(gyre_loop *loop, gyre_subprocess_transport **transport,
                          const gyre_subprocess_protocol *protocol, const char *const *argv, int standard,
                          const gyre_subprocess_options *options)
{
    struct gyre__spawn spawn = {.protocol = protocol, .argv = argv, .standard = standard, .options = options};
    int err = check(loop, options);

    if (err)
        return err;
    if (options->shell == GYRE_YES)
        return gyre_error_set(GYRE_EVALUE, "shell must be False");
    if (!argv || !argv[0])
        return gyre_error_set(GYRE_ETYPE, "program arguments must be a bytes or text string");
    spawn.file = options->executable ? options->executable : argv[0];
    return gyre__subprocess_start(loop, transport, &spawn);
}

int gyre__subprocess_shell(gyre_loop *loop, gyre_subprocess_transport **transport,
                           const gyre_subprocess_protocol *protocol, const char *cmd, int standard,
                           const gyre_subprocess_options *options)
{
    const char *argv[] = {options->executable ? options->executable : "/bin/sh", "-c", cmd, NULL};
    struct gyre__spawn spawn = {
        .protocol = protocol, .file = argv[0], .argv = argv, .standard = standard, .options = options};
    int err = check(loop, options);

    if (err)
        return err;
    if (!cmd)
        return gyre_error_set(GYRE_EVALUE, "cmd must be a string");
    if (options->shell == GYRE_NO)
        return gyre_error_set(GYRE_EVALUE, "shell must be True");
    return gyre__subprocess_start(loop, transport, &spawn);
}

int(gyre_loop_subprocess_exec)(gyre_loop *loop, gyre_subprocess_transport **transport,
                               const gyre_subprocess_protocol *protocol, const char *const *argv,
                               const gyre_subprocess_options *options)
{
    gyre_subprocess_options filled = {0};

    GYRE__CHECK(protocol, "gyre_loop_subprocess_exec wants a protocol");
    gyre__options_fill(&filled, sizeof filled, options);
    return gyre__subprocess_exec(loop, transport, protocol, argv, GYRE_PIPE, &filled);
}

int(gyre_loop_subprocess_shell)(gyre_loop *loop, gyre_subprocess_transport **transport,
                                const gyre_subprocess_protocol *protocol, const char *cmd,
                                const gyre_subprocess_options *options)
{
    gyre_subprocess_options filled = {0};

    GYRE__CHECK(protocol, "gyre_loop_subprocess_shell wants a protocol");
    gyre__options_fill(&filled, sizeof filled, options);
    return gyre__subprocess_shell(loop, transport, protocol, cmd, GYRE_PIPE, &filled);
}
