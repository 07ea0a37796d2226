/* errors.c - which failures each call knows. */
#include "fault.h"
#include <errno.h>

enum { MOST = 12 };

/* Errors by kind; each list ends with 0. */
struct errors {
    const char *name;
    int unseen[3], ragged[4], broken[MOST];
};

static const struct errors table[FAULT_CALLS] = {
    [FAULT_SOCKET] = {"socket", {0}, {0}, {EMFILE, ENFILE, ENOBUFS, ENOMEM, EACCES}},
    [FAULT_BIND] = {"bind", {0}, {0}, {EADDRINUSE, EACCES, EADDRNOTAVAIL, ENOMEM}},
    [FAULT_LISTEN] = {"listen", {0}, {0}, {EADDRINUSE, ENOBUFS}},
    [FAULT_DEAFEN] = {"deafen", {0}, {0}, {ENOMEM}},
    [FAULT_ACCEPT] = {"accept",
                      {EINTR},
                      {EAGAIN},
                      {ECONNABORTED, EMFILE, ENFILE, ENOBUFS, ENOMEM, EPERM, EPROTO, EINVAL}},
    [FAULT_CONNECT] = {"connect",
                       {EINTR},
                       {0},
                       {ECONNREFUSED, ENETUNREACH, EHOSTUNREACH, ETIMEDOUT, EADDRNOTAVAIL, EADDRINUSE, EPERM,
                        ENOBUFS}},
    [FAULT_RECV] = {"recv",
                    {EINTR},
                    {EAGAIN, FAULT_SHORT},
                    {ECONNRESET, ETIMEDOUT, EHOSTUNREACH, ENETUNREACH, ECONNREFUSED, ENOMEM, ENOBUFS}},
    [FAULT_SEND] = {"send",
                    {EINTR},
                    {EAGAIN, FAULT_SHORT},
                    {EPIPE, ECONNRESET, ETIMEDOUT, EHOSTUNREACH, ENETUNREACH, ENOBUFS, ENOMEM}},
    [FAULT_RECVMSG] = {"recvmsg", {EINTR}, {EAGAIN}, {ECONNREFUSED, EHOSTUNREACH, ENOMEM}},
    [FAULT_SENDMSG] = {"sendmsg",
                       {EINTR},
                       {EAGAIN},
                       {ENOBUFS, EPERM, EHOSTUNREACH, ENETUNREACH, ECONNREFUSED, EMSGSIZE, ENOMEM}},
    [FAULT_RECVMMSG] = {"recvmmsg", {EINTR}, {EAGAIN, FAULT_SHORT}, {ECONNREFUSED, EHOSTUNREACH, ENOMEM}},
    [FAULT_SENDMMSG] = {"sendmmsg",
                        {EINTR},
                        {EAGAIN, FAULT_SHORT},
                        {ENOBUFS, EPERM, EHOSTUNREACH, ENETUNREACH, ECONNREFUSED, EMSGSIZE, ENOMEM}},
    [FAULT_READ] = {"read", {EINTR}, {EAGAIN, FAULT_SHORT}, {EIO, ENOMEM}},
    [FAULT_WRITE] = {"write", {EINTR}, {EAGAIN, FAULT_SHORT}, {EPIPE, EIO, ENOMEM}},
    [FAULT_RECVFROM] = {"recvfrom", {EINTR}, {EAGAIN}, {ECONNREFUSED, ENOMEM}},
    [FAULT_SENDTO] = {"sendto", {EINTR}, {EAGAIN}, {ENOBUFS, EPERM, ENETUNREACH, EMSGSIZE}},
    [FAULT_SENDFILE] = {"sendfile",
                        {EINTR},
                        {EAGAIN, FAULT_SHORT},
                        {EPIPE, ECONNRESET, ETIMEDOUT, EIO, ENOMEM, EINVAL, EOVERFLOW}},
    [FAULT_SHUTDOWN] = {"shutdown", {0}, {0}, {ENOTCONN, ENOBUFS}},
    [FAULT_CLOSE] = {"close", {0}, {0}, {EIO, EINTR}},
    [FAULT_GETSOCKNAME] = {"getsockname", {0}, {0}, {ENOBUFS}},
    [FAULT_GETPEERNAME] = {"getpeername", {0}, {0}, {ENOTCONN, ENOBUFS}},
    [FAULT_GETSOCKOPT] = {"getsockopt", {0}, {0}, {ENOBUFS, ENOMEM}},
    [FAULT_SETSOCKOPT] = {"setsockopt", {0}, {0}, {ENOPROTOOPT, ENOMEM}},
    [FAULT_WATCH] = {"watch", {0}, {0}, {ENOMEM, ENOSPC}},
    [FAULT_POLL] = {"poll", {0}, {EINTR}, {0}},
    [FAULT_DRIVER] = {"driver", {0}, {0}, {EMFILE, ENFILE, ENOMEM}},
    [FAULT_WAKE] = {"wake", {0}, {0}, {EMFILE, ENFILE, ENOMEM}},
    [FAULT_DUP] = {"dup", {0}, {0}, {EMFILE}},
    [FAULT_PIPE] = {"pipe", {0}, {0}, {EMFILE, ENFILE}},
    [FAULT_NOTIFY] = {"notify", {0}, {0}, {EMFILE, ENOSPC}},
    [FAULT_SPAWN] = {"spawn", {0}, {0}, {EAGAIN, ENOMEM, EMFILE}},
    [FAULT_THREAD] = {"thread", {0}, {0}, {EAGAIN}},
    [FAULT_STACK] = {"stack", {0}, {0}, {ENOMEM}},
    [FAULT_MEMORY] = {"memory", {0}, {0}, {ENOMEM}},
};

const char *fault_name(enum fault_call call)
{
    return table[call].name;
}

/* The i-th of a list, or how many are left of i behind its end. */
static int pick(const int *list, unsigned *i)
{
    for (; *list; list++)
        if ((*i)-- == 0)
            return *list;
    return 0;
}

int fault_error(enum fault_call call, unsigned i, enum fault_kind *kind)
{
    const struct {
        const int *list;
        enum fault_kind kind;
    } lists[] = {{table[call].unseen, FAULT_UNSEEN},
                 {table[call].ragged, FAULT_RAGGED},
                 {table[call].broken, FAULT_BROKEN}};

    for (size_t k = 0; k < sizeof lists / sizeof lists[0]; k++) {
        int error = pick(lists[k].list, &i);

        *kind = lists[k].kind;
        if (error)
            return error;
    }
    return 0;
}

enum fault_kind fault_kind_of(enum fault_call call, int error)
{
    enum fault_kind kind = FAULT_BROKEN;
    int other;

    for (unsigned i = 0; (other = fault_error(call, i, &kind)) && other != error; i++)
        ;
    return kind;
}
