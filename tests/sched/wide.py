#!/usr/bin/env python3
"""The wide grammar of scheduling programs, run by asyncio: sched_fuzz.py's operations and many more.

  gen SEED        print a random program
  run [FILE]      run a program and print its trace
  sums A B        one line "seed md5-of-trace" for seeds A..B-1

Written down with CPython 3.13.0; older ones lack Queue.shutdown. As in sched_fuzz.py there is no clock in a
trace, only turns: every timer here has run out when it is made. Where asyncio walks over a set of futures, the order of
its walk is made the order of their numbers (see Future.__hash__ and Ordered). README.md lists the operations."""
import asyncio
import contextlib
import contextvars
import hashlib
import os
import random
import re
import sys
import warnings

OBJECTS, TICKS = 3, 60

# What each operation takes: o an object, t a task, u a task with a higher number.
TAKES = {}
# Themes: operations, and how often each comes up. A program has the first theme and up to three others, so that they meet.
THEMES = """
yield o 9, await o 2, set o 4, exc o 1, cancelf o 1, spawn t 4, cancel t 3, cancelm t 1, join u 1, raise o 1;
await o 4, set o 4, exc o 2, exct o 1, cancelf o 2, cancelfm o 1, shieldf o 3, donecb o 1, sharecb o 2, undonecb o 1;
gather oo 3, gathern ooo 2, gathere oo 3, gathert uo 3, gatherk uu 2, shieldg oo 2, gather0 oo 1, set o 3, cancelf o 1;
waitall oo 2, waitany oo 2, waitexc oo 2, wait0 oo 2, waitt uo 3, set o 4, exc o 1;
waitfor o 2, waitfor0 o 2, waitfort u 3, waitfort0 u 3, asc ooo 3, asct uo 3, asc0 oo 2, set o 5, exc o 1;
spawne t 4, selfcancel o 2, selfcancelm o 1, uncancel o 3, cancelling o 2, join u 4, shield u 4, taskcb t 1, cancel t 2;
group uuo 6, groupy uu 4, groupr uu 2, group0 uuo 3, groupn uuo 3, gspawn t 4, cancel t 4, raise o 2, set o 2;
timeout0 o 3, timeoutn o 2, timeout2 o 2, timeouty o 2, timeoutr o 2, timeoutj u 3, set o 4, cancel t 2, uncancel o 1;
lock o 6, unlock o 5, withlock oo 4, lock0 o 2, cancel t 2;
semacq o 5, semrel o 4, sem0 o 2, bsacq o 4, bsrel o 3, cancel t 2;
evset o 3, evclear o 2, evwait o 5, evwait0 o 2, cancel t 1;
cwait o 7, cwaitfor o 3, cnotify o 4, cnotifyall o 2, cnotifyraw o 1, cwaitraw o 1, swait o 2, snotify o 2, set o 2, cancel t 3;
bwait o 9, breset o 1, babort o 1, cancel t 2;
put o 6, get o 6, putnw o 2, getnw o 2, get0 o 2, cancel t 2;
put o 4, get o 4, tdone o 5, qjoin o 4, qshut o 1, qshutnow o 1, cancel t 1;
lput o 6, lget o 5, pput o 4, pget o 4, cancel t 2;
ctxset o 4, ctxget o 3, ctxsoon o 2, ctxdone o 2, spawn t 2, spawne t 2, set o 1;
soon o 2, later o 3, laterc o 1, soonc o 3, hcancel o 3, donecb o 2, stop o 1;
cbset oo 4, cbcancel ot 4, soonset o 3, sooncancel t 3, latercancel t 2, await o 3, cancelf o 2, join u 2
"""


def read_themes():
    themes = [[entry.split() for entry in theme.split(",")] for theme in THEMES.split(";")]
    TAKES.update((name, takes) for theme in themes for name, takes, _ in theme)
    return [[(name, int(weight)) for name, _, weight in theme] for theme in themes]


OPS = read_themes()


def pick_themes(r):
    return [0] + sorted(1 + theme for theme in r.sample(range(len(OPS) - 1), r.randint(1, 3)))


def pick(r, themes):
    ops = [op for theme in themes for op in OPS[theme]]
    point = r.randrange(sum(weight for _, weight in ops))
    for name, weight in ops:
        if point < weight:
            return name
        point -= weight


def pick_number(r, kind, k, tasks):
    if kind == "o":
        return r.choice((0, 0, 0, 1, 2))
    return r.randrange(tasks) if kind == "t" else r.randint(k + 1, tasks - 1)


def gen(seed):
    r = random.Random(seed)
    themes, tasks, lines = pick_themes(r), r.randint(3, 5), ["wide"]
    for k in range(tasks):
        lines.append(f"task {k} {r.choice('ppsse')}")
        for _ in range(r.randint(3, 12)):
            name = pick(r, themes)
            if "u" not in TAKES[name] or k + 1 < tasks:
                numbers = [pick_number(r, kind, k, tasks) for kind in TAKES[name]]
                lines.append(" ".join(map(str, [name] + numbers)))
    count = r.randint(2, tasks)
    lines.append(" ".join(map(str, ["start"] + r.sample(range(tasks), count))))
    return "\n".join(lines) + "\n"


class Future(asyncio.Future):
    def __hash__(self):
        return self.number


class Task(asyncio.Task):
    def __init__(self, coro, number, **options):
        self.number = OBJECTS + number
        self.said = None  # the cancellation that left the body
        super().__init__(coro, **options)
        self.add_done_callback(Task.remember)

    def __hash__(self):
        return self.number

    def remember(self):
        """CPython tells the message of a cancelled task only to the first who asks; gyre tells it to everybody. And CPython's
        gather takes the message of its last child even when that has swallowed it."""
        if self.cancelled():
            self.said = self.said or self._make_cancelled_error()
            self._cancel_message = (self.said.args or (None,))[0]
        elif self.done():
            self._cancel_message = None


class Ordered(dict):
    """A set that is walked in the order of adding."""

    def add(self, item):
        self[item] = True

    def discard(self, item):
        self.pop(item, None)


def label(e):
    words = e.args[0] if len(e.args) == 1 else None
    return " " + words if isinstance(words, str) and re.fullmatch(r"\d\.\d+", words) else ""


def name(e):
    """An exception as a trace shows it. gyre's groups raise their first error, with words of their own if there are more."""
    words = True
    while isinstance(e, BaseExceptionGroup):
        words = words and len(e.exceptions) == 1
        e = e.exceptions[0]
    kind = "CANCELLED" if isinstance(e, asyncio.CancelledError) else type(e).__name__
    return kind + (label(e) if words else "")


def show(value):
    if isinstance(value, list):
        return "[" + " ".join(map(show, value)) + "]"
    return name(value) if isinstance(value, BaseException) else str(value)


def parse(text):
    bodies, start = {}, []
    for line in text.split("\n"):
        words = line.split()
        if not words or words[0] in ("wide", "#"):
            continue
        if words[0] == "task":
            bodies[int(words[1])] = (words[2], [])
            current = int(words[1])
        elif words[0] == "start":
            start = [int(word) for word in words[1:]]
        else:
            bodies[current][1].append((words[0], [int(word) for word in words[1:]]))
    return bodies, start


@contextlib.asynccontextmanager
async def limit(delay):
    """A timeout. What else is raised after its deadline loses its words: gyre's say that the deadline was missed."""
    try:
        async with asyncio.timeout(delay) as scope:
            yield scope
    except Exception as e:
        if scope.expired():
            raise type(leaf(e))() from None
        raise


def leaf(e):
    while isinstance(e, BaseExceptionGroup):
        e = e.exceptions[0]
    return e


class World:
    def __init__(self, text):
        self.bodies, self.start = parse(text)
        self.log, self.turn, self.tasks, self.started, self.handles, self.groups = [], 0, {}, set(), {}, {}
        self.loop = asyncio.new_event_loop()
        self.loop.set_exception_handler(lambda loop, context: None)
        objects = range(OBJECTS)
        self.F = [Future(loop=self.loop) for _ in objects]
        for number, future in enumerate(self.F):
            future.number = number
        self.L = [asyncio.Lock() for _ in objects]
        self.E = [asyncio.Event() for _ in objects]
        self.S = [asyncio.Semaphore(1) for _ in objects]
        self.Q = [asyncio.Queue(1) for _ in objects]
        self.C = [asyncio.Condition() for _ in objects]
        self.SC = [asyncio.Condition(lock) for lock in self.L]
        self.B = [asyncio.Barrier(2) for _ in objects]
        self.BS = [asyncio.BoundedSemaphore(1) for _ in objects]
        self.LQ = [asyncio.LifoQueue(2) for _ in objects]
        self.PQ = [asyncio.PriorityQueue() for _ in objects]
        self.V = [contextvars.ContextVar(f"v{i}", default="none") for i in objects]
        self.shared = [lambda f, i=i: self.tell("shared", f"f{i}") for i in objects]
        self.loop.set_task_factory(self.make_task)

    def make_task(self, loop, coro, **kwargs):
        return Task(coro, self.number, loop=loop, **kwargs)

    def tell(self, *words):
        self.log.append(" ".join(map(str, (self.turn,) + words)))

    # Each operation: the task, the step, and its numbers.

    async def op_yield(self, k, pc, i):
        await asyncio.sleep(0)

    async def op_await(self, k, pc, i):
        return await self.F[i]

    async def op_set(self, k, pc, i):
        self.F[i].set_result(f"{k}.{pc}")

    async def op_exc(self, k, pc, i):
        self.F[i].set_exception(ValueError(f"{k}.{pc}"))

    async def op_exct(self, k, pc, i):
        self.F[i].set_exception(TimeoutError(f"{k}.{pc}"))

    async def op_raise(self, k, pc, i):
        raise ValueError(f"{k}.{pc}")

    async def op_cancelf(self, k, pc, i):
        return self.F[i].cancel()

    async def op_cancelfm(self, k, pc, i):
        return self.F[i].cancel(f"{k}.{pc}")

    async def op_donecb(self, k, pc, i):
        self.F[i].add_done_callback(lambda f: self.tell("cb", f"f{i}", k, pc))

    async def op_sharecb(self, k, pc, i):
        self.F[i].add_done_callback(self.shared[i])

    async def op_undonecb(self, k, pc, i):
        return self.F[i].remove_done_callback(self.shared[i])

    async def op_soon(self, k, pc, i):
        self.loop.call_soon(self.tell, "soon", k, pc)

    async def op_later(self, k, pc, i):
        self.loop.call_later(0, self.tell, "later", k, pc)

    async def op_laterc(self, k, pc, i):
        handle = self.loop.call_later(0, self.tell, "later", k, pc)
        handle.cancel()
        return handle.cancelled()

    async def op_soonc(self, k, pc, i):
        self.handles[k] = self.loop.call_soon(self.tell, "soon", k, pc)

    async def op_hcancel(self, k, pc, i):
        if k not in self.handles:
            return "none"
        self.handles[k].cancel()

    async def op_cbset(self, k, pc, i, j):
        self.F[i].add_done_callback(lambda f: self.F[j].done() or self.F[j].set_result(f"{k}.{pc}"))

    async def op_cbcancel(self, k, pc, i, t):
        self.F[i].add_done_callback(lambda f: t in self.tasks and self.tasks[t].cancel())

    async def op_soonset(self, k, pc, i):
        self.loop.call_soon(lambda: self.F[i].done() or self.F[i].set_result(f"{k}.{pc}"))

    async def op_sooncancel(self, k, pc, t):
        self.loop.call_soon(lambda: t in self.tasks and self.tasks[t].cancel())

    async def op_latercancel(self, k, pc, t):
        self.loop.call_later(0, lambda: t in self.tasks and self.tasks[t].cancel())

    async def op_stop(self, k, pc, i):
        self.loop.stop()

    # Waits for several.

    async def op_shieldf(self, k, pc, i):
        return await asyncio.shield(self.F[i])

    async def op_gather(self, k, pc, i, j):
        return await asyncio.gather(self.F[i], self.F[j])

    async def op_gathern(self, k, pc, h, i, j):
        return await asyncio.gather(asyncio.gather(self.F[h], self.F[i]), self.F[j])

    async def op_gathere(self, k, pc, i, j):
        return await asyncio.gather(self.F[i], self.F[j], return_exceptions=True)

    async def op_gathert(self, k, pc, t, i):
        return "none" if t not in self.tasks else await asyncio.gather(self.tasks[t], self.F[i])

    async def op_gatherk(self, k, pc, t, u):
        if t not in self.tasks or u not in self.tasks:
            return "none"
        return await asyncio.gather(self.tasks[t], self.tasks[u])

    async def op_shieldg(self, k, pc, i, j):
        return await asyncio.shield(asyncio.gather(self.F[i], self.F[j]))

    async def op_gather0(self, k, pc, i, j):
        async with limit(0):
            return await asyncio.gather(self.F[i], self.F[j])

    async def wait(self, futures, **options):
        done, _ = await asyncio.wait(futures, **options)
        return " ".join(["done"] + [str(number) for number in sorted({f.number for f in done})])

    async def op_waitall(self, k, pc, i, j):
        return await self.wait([self.F[i], self.F[j]])

    async def op_waitany(self, k, pc, i, j):
        return await self.wait([self.F[i], self.F[j]], return_when=asyncio.FIRST_COMPLETED)

    async def op_waitexc(self, k, pc, i, j):
        return await self.wait([self.F[i], self.F[j]], return_when=asyncio.FIRST_EXCEPTION)

    async def op_wait0(self, k, pc, i, j):
        return await self.wait([self.F[i], self.F[j]], timeout=-1)

    async def op_waitt(self, k, pc, t, i):
        if t not in self.tasks:
            return "none"
        return await self.wait([self.tasks[t], self.F[i]], return_when=asyncio.FIRST_COMPLETED)

    async def op_waitfor(self, k, pc, i):
        return await asyncio.wait_for(self.F[i], None)

    async def op_waitfor0(self, k, pc, i):
        return await asyncio.wait_for(self.F[i], 0)

    async def op_waitfort(self, k, pc, t):
        return "none" if t not in self.tasks else await asyncio.wait_for(self.tasks[t], None)

    async def op_waitfort0(self, k, pc, t):
        return "none" if t not in self.tasks else await asyncio.wait_for(self.tasks[t], 0)

    async def completed(self, futures, timeout=None):
        return [await future for future in asyncio.as_completed(futures, timeout=timeout)]

    async def op_asc0(self, k, pc, i, j):
        return await self.completed([self.F[number] for number in sorted((i, j))], -1)

    async def op_asc(self, k, pc, h, i, j):
        return await self.completed([self.F[number] for number in sorted((h, i, j))])

    async def op_asct(self, k, pc, t, i):
        return "none" if t not in self.tasks else await self.completed([self.F[i], self.tasks[t]])

    # Timeouts.

    async def op_timeout0(self, k, pc, i):
        async with limit(0):
            return await self.F[i]

    async def op_timeoutn(self, k, pc, i):
        async with limit(None):
            return await self.F[i]

    async def op_timeout2(self, k, pc, i):
        async with limit(0):
            async with limit(0):
                return await self.F[i]

    async def op_timeouty(self, k, pc, i):
        async with limit(0):
            await asyncio.sleep(0)
            await asyncio.sleep(0)

    async def op_timeoutr(self, k, pc, i):
        async with limit(None) as scope:
            await asyncio.sleep(0)
            scope.reschedule(0)
            return await self.F[i]

    async def op_timeoutj(self, k, pc, t):
        if t not in self.tasks:
            return "none"
        async with limit(0):
            return await self.tasks[t]

    async def op_lock0(self, k, pc, i):
        async with limit(0):
            return await self.L[i].acquire()

    async def op_get0(self, k, pc, i):
        async with limit(0):
            return await self.Q[i].get()

    async def op_sem0(self, k, pc, i):
        async with limit(0):
            return await self.S[i].acquire()

    async def op_evwait0(self, k, pc, i):
        async with limit(0):
            return await self.E[i].wait()

    # Tasks.

    def create(self, number, make):
        self.started.add(number)
        self.number = number
        task = make(self.body(number))
        self.tasks[number] = task

    async def op_spawn(self, k, pc, t):
        if t in self.started:
            return "exists"
        self.create(t, self.loop.create_task)
        return "ok"

    async def op_spawne(self, k, pc, t):
        if t in self.started:
            return "exists"
        self.create(t, lambda coro: Task(coro, t, loop=self.loop, eager_start=True))
        return "ok"

    async def op_cancel(self, k, pc, t):
        return self.tasks[t].cancel() if t in self.tasks else "none"

    async def op_cancelm(self, k, pc, t):
        return self.tasks[t].cancel(f"{k}.{pc}") if t in self.tasks else "none"

    async def op_selfcancel(self, k, pc, i):
        return asyncio.current_task().cancel()

    async def op_selfcancelm(self, k, pc, i):
        return asyncio.current_task().cancel(f"{k}.{pc}")

    async def op_uncancel(self, k, pc, i):
        return asyncio.current_task().uncancel()

    async def op_cancelling(self, k, pc, i):
        return asyncio.current_task().cancelling()

    async def op_join(self, k, pc, t):
        return await self.tasks[t] if t in self.tasks else "none"

    async def op_shield(self, k, pc, t):
        return await asyncio.shield(self.tasks[t]) if t in self.tasks else "none"

    async def op_taskcb(self, k, pc, t):
        if t not in self.tasks:
            return "none"
        self.tasks[t].add_done_callback(lambda task: self.tell("cb", f"t{t}", k, pc))

    def adopt(self, group, t):
        if t in self.started:
            return "exists"
        try:
            self.create(t, group.create_task)
        except RuntimeError:
            self.started.remove(t)
            raise
        self.groups[t] = group
        return "ok"

    async def group(self, children, body):
        async with asyncio.TaskGroup() as group:
            group._tasks = Ordered()
            for t in children:
                self.adopt(group, t)
            return await body()

    async def op_gspawn(self, k, pc, t):
        return self.adopt(self.groups[k], t) if k in self.groups else "none"

    async def op_groupn(self, k, pc, t, u, i):
        async def body():
            return await self.F[i]

        async def inner():
            return await self.group((u,), body)
        return await self.group((t,), inner)

    async def op_group(self, k, pc, t, u, i):
        async def body():
            return await self.F[i]
        return await self.group((t, u), body)

    async def op_groupy(self, k, pc, t, u):
        async def body():
            await asyncio.sleep(0)
        return await self.group((t, u), body)

    async def op_groupr(self, k, pc, t, u):
        async def body():
            raise ValueError(f"{k}.{pc}")
        return await self.group((t, u), body)

    async def op_group0(self, k, pc, t, u, i):
        async with limit(0):
            return await self.op_group(k, pc, t, u, i)

    # Locks.

    async def op_lock(self, k, pc, i):
        return await self.L[i].acquire()

    async def op_unlock(self, k, pc, i):
        self.L[i].release()

    async def op_withlock(self, k, pc, i, j):
        async with self.L[i]:
            return await self.F[j]

    async def op_evset(self, k, pc, i):
        self.E[i].set()

    async def op_evclear(self, k, pc, i):
        self.E[i].clear()

    async def op_evwait(self, k, pc, i):
        return await self.E[i].wait()

    async def op_semacq(self, k, pc, i):
        return await self.S[i].acquire()

    async def op_semrel(self, k, pc, i):
        self.S[i].release()

    async def op_bsacq(self, k, pc, i):
        return await self.BS[i].acquire()

    async def op_bsrel(self, k, pc, i):
        self.BS[i].release()

    async def op_cwait(self, k, pc, i):
        async with self.C[i]:
            return await self.C[i].wait()

    async def op_cwaitfor(self, k, pc, i):
        async with self.C[i]:
            return await self.C[i].wait_for(self.F[i].done)

    async def op_swait(self, k, pc, i):
        async with self.SC[i]:
            return await self.SC[i].wait()

    async def op_snotify(self, k, pc, i):
        async with self.SC[i]:
            self.SC[i].notify()

    async def op_cnotify(self, k, pc, i):
        async with self.C[i]:
            self.C[i].notify()

    async def op_cnotifyall(self, k, pc, i):
        async with self.C[i]:
            self.C[i].notify_all()

    async def op_cnotifyraw(self, k, pc, i):
        self.C[i].notify()

    async def op_cwaitraw(self, k, pc, i):
        return await self.C[i].wait()

    async def op_bwait(self, k, pc, i):
        return await self.B[i].wait()

    async def op_breset(self, k, pc, i):
        await self.B[i].reset()

    async def op_babort(self, k, pc, i):
        await self.B[i].abort()

    # Queues.

    async def op_put(self, k, pc, i):
        await self.Q[i].put(f"{k}.{pc}")

    async def op_get(self, k, pc, i):
        return await self.Q[i].get()

    async def op_putnw(self, k, pc, i):
        self.Q[i].put_nowait(f"{k}.{pc}")

    async def op_getnw(self, k, pc, i):
        return self.Q[i].get_nowait()

    async def op_tdone(self, k, pc, i):
        self.Q[i].task_done()

    async def op_qjoin(self, k, pc, i):
        await self.Q[i].join()

    async def op_qshut(self, k, pc, i):
        self.Q[i].shutdown()

    async def op_qshutnow(self, k, pc, i):
        self.Q[i].shutdown(immediate=True)

    async def op_lput(self, k, pc, i):
        await self.LQ[i].put(f"{k}.{pc}")

    async def op_lget(self, k, pc, i):
        return await self.LQ[i].get()

    async def op_pput(self, k, pc, i):
        await self.PQ[i].put(f"{k}.{pc}")

    async def op_pget(self, k, pc, i):
        return await self.PQ[i].get()

    # Contexts.

    async def op_ctxset(self, k, pc, i):
        self.V[i].set(f"{k}.{pc}")

    async def op_ctxget(self, k, pc, i):
        return self.V[i].get()

    async def op_ctxsoon(self, k, pc, i):
        self.loop.call_soon(lambda: self.tell("soon", k, pc, self.V[i].get()))

    async def op_ctxdone(self, k, pc, i):
        self.F[i].add_done_callback(lambda f: self.tell("cb", f"f{i}", k, pc, self.V[i].get()))

    # The run.

    async def body(self, k):
        mode, steps = self.bodies[k]
        for pc, (op, numbers) in enumerate(steps):
            for task in self.tasks.values():
                task.remember()
            try:
                outcome = show(await getattr(self, "op_" + op)(k, pc, *numbers))
                self.tell(f"t{k}.{pc}", op, outcome)
            except asyncio.CancelledError as e:
                self.tell(f"t{k}.{pc}", op, name(e))
                if mode != "s":
                    asyncio.current_task().said = e
                    raise
            except Exception as e:
                self.tell(f"t{k}.{pc}", op, name(e))
                if mode == "e":
                    raise
        return f"ret{k}"

    def tick(self):
        self.turn += 1
        if self.turn < TICKS:
            self.loop.call_soon(self.tick)
        else:
            self.loop.stop()

    def state(self, future):
        if not future.done():
            return "pending"
        if future.cancelled():
            return "cancelled"
        return name(future.exception()) if future.exception() else future.result()

    def end(self):
        for k in sorted(self.tasks):
            self.log.append(f"end t{k} {self.state(self.tasks[k])} {self.tasks[k].cancelling()}")
        for i, future in enumerate(self.F):
            self.log.append(f"end f{i} {self.state(future)}")
        locked = self.L + self.S + self.C + self.BS
        sizes = [queue.qsize() for queue in self.Q + self.LQ + self.PQ]
        self.log.append(" ".join(["end locks"] + [str(lock.locked()) for lock in locked]))
        self.log.append(" ".join(["end barriers"] + [f"{b.n_waiting} {b.broken}" for b in self.B]))
        self.log.append(" ".join(["end queues"] + [str(size) for size in sizes]))

    def run(self):
        self.loop.call_soon(self.tick)
        for k in self.start:
            self.create(k, self.loop.create_task)
        while self.turn < TICKS:
            self.loop.run_forever()
        self.end()
        for task in self.tasks.values():
            task._log_destroy_pending = False
        self.loop.close()
        keep.append(self)  # no destructor may run inside a later trace
        SCHEDULED.clear()  # tasks of equal numbers make it slow
        return "\n".join(self.log) + "\n"


def run(text):
    return World(text).run()


keep = []
SCHEDULED = getattr(asyncio.tasks, "_scheduled_tasks", set())


def main(command, *words):
    warnings.simplefilter("ignore")
    if command == "gen":
        sys.stdout.write(gen(int(words[0])))
    elif command == "run":
        with open(words[0]) if words else sys.stdin as file:
            sys.stdout.write(run(file.read()))
    else:
        for seed in range(int(words[0]), int(words[1])):
            print(seed, hashlib.md5(run(gen(seed)).encode()).hexdigest())
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
