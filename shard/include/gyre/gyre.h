/* gyre/gyre.h - all of gyre: asyncio for C, one event loop per core. */
#ifndef GYRE_GYRE_H
#define GYRE_GYRE_H

#include <gyre/combine.h>
#include <gyre/context.h>
#include <gyre/datagram.h>
#include <gyre/error.h>
#include <gyre/executor.h>
#include <gyre/fs_event.h>
#include <gyre/future.h>
#include <gyre/loop.h>
#include <gyre/pipe.h>
#include <gyre/process.h>
#include <gyre/protocol.h>
#include <gyre/queue.h>
#include <gyre/resolver.h>
#include <gyre/run.h>
#include <gyre/server.h>
#include <gyre/shard.h>
#include <gyre/sock.h>
#include <gyre/stall.h>
#include <gyre/stream.h>
#include <gyre/sync.h>
#include <gyre/task.h>
#include <gyre/task_group.h>
#include <gyre/thread.h>
#include <gyre/timeout.h>
#include <gyre/tls.h>
#include <gyre/transport.h>
#include <gyre/unix.h>

#endif
