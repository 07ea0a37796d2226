"""What the small programs ask, asked of asyncio or uvloop: scheduling.py asyncio|uvloop. A line for each answer, the
question as perf/*.c words it and the nanoseconds, separated by a tab: the median of MEASURE_ROUNDS rounds (15)."""
import asyncio
import os
import statistics
import sys
import time

CHILDREN = 1000  # of a gathering or a group
BATCH = 64  # places in a queue


async def nothing():
    pass


async def one_task(times):
    for _ in range(times):
        await asyncio.create_task(nothing())


async def awaited(times):
    for _ in range(times // CHILDREN):
        for task in [asyncio.create_task(nothing()) for _ in range(CHILDREN)]:
            await task


async def gathered(times):
    for _ in range(times // CHILDREN):
        await asyncio.gather(*[nothing() for _ in range(CHILDREN)])


async def grouped(times):
    for _ in range(times // CHILDREN):
        async with asyncio.TaskGroup() as group:
            for _ in range(CHILDREN):
                group.create_task(nothing())


async def locked(times):
    lock = asyncio.Lock()
    for _ in range(times):
        async with lock:
            pass


async def put(queue, times):
    for _ in range(times):
        await queue.put(None)


async def get(queue, times):
    for _ in range(times):
        await queue.get()


async def queued(times):
    queue = asyncio.Queue(BATCH)
    await asyncio.gather(put(queue, times), get(queue, times))


async def serve(there, back, times):
    for _ in range(times // 2):
        await there.put(None)
        await back.get()


async def answer(there, back, times):
    for _ in range(times // 2):
        await there.get()
        await back.put(None)


async def to_and_fro(times):
    there, back = asyncio.Queue(BATCH), asyncio.Queue(BATCH)
    await asyncio.gather(serve(there, back, times), answer(there, back, times))


async def timed(times):
    for _ in range(times):
        async with asyncio.timeout(60):
            pass


QUESTIONS = {
    "task created, run, awaited, freed": one_task,
    "a task, awaited after 999 others": awaited,
    "a task, gathered with 999 others": gathered,
    "a task, in a group of 1000": grouped,
    "free lock acquired and released": locked,
    "item through a queue, 64 a turn": queued,
    "item through a queue, to and fro": to_and_fro,
    "timeout entered and left": timed,
}


async def nanoseconds_each(ask, times=10000):
    begin = time.perf_counter_ns()
    await ask(times)
    return (time.perf_counter_ns() - begin) / times


async def main():
    rounds = int(os.environ.get("MEASURE_ROUNDS", 15))
    for what, ask in QUESTIONS.items():
        print(f"{what}\t{statistics.median([await nanoseconds_each(ask) for _ in range(rounds)]):.1f}")


if sys.argv[1] == "uvloop":
    import uvloop

    uvloop.install()
asyncio.run(main())
