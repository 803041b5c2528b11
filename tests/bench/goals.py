"""The rows of the table in docs/performance.md: what is measured, by which bench, and what it is to reach."""

import dataclasses
import typing


@dataclasses.dataclass(frozen=True)
class Goal:
    """Of a line's ratio, or of its figure; to be at least or at most so much."""

    sign: str  # "≥", ">" or "≤"
    bound: float
    of: str = "ratio"
    unit: str = ""

    def value(self, line):
        return line.get(self.of)

    def share(self, value):
        """Above 1 where it is reached, and by so much."""
        return (self.bound / value if value > 0 else 1000.0) if self.sign == "≤" else value / self.bound

    def reached(self, value):
        return self.share(value) > 1 if self.sign == ">" else self.share(value) >= 1

    def text(self, value):
        words = f"{self.sign} {self.bound:,g}{self.unit}"
        return words if value is not None and self.reached(value) else f"{words}: **missed**"


@dataclasses.dataclass(frozen=True)
class Row:
    label: str
    bench: str
    series: str
    what: str
    place: typing.Optional[float] = None
    beside: str = ""  # what the ratio is to; empty: it has none
    goal: typing.Optional[Goal] = None


def at_least(bound, of="ratio", unit=""):
    return Goal("≥", bound, of, unit)


def at_most(bound, of="ratio", unit=""):
    return Goal("≤", bound, of, unit)


def growth(store, name):
    kinds = {"backlog": "that wait in front", "two names in turns": "in front, two names in turns",
             "others' tasks": "of others that wait", "results": "that have ended"}
    for tasks, bound, (what, told) in ((*size, kind) for size in ((1e6, 1.3), (1e7, 1.6)) for kind in kinds.items()):
        if what == "two names in turns" and (store, tasks) != ("redis", 1e6):
            continue
        of = f"growth {store}" if tasks < 1e7 else f"growth {store} {tasks:.0f}"
        yield Row(f"{name}: push + take + settle with {tasks:,.0f} {told}", of, "growth", f"{store}, {what}, life", tasks,
                  "with 1,000", at_most(bound))
        yield Row("… of this take + settle", of, "growth", f"{store}, {what}, drain", tasks, "with 1,000")
        if store == "redis" and tasks < 1e7 and what in ("backlog", "results"):
            yield Row("… the same by a bare program", of, "growth", f"bare redis, {what}, life", tasks, "with 1,000")


def latency(store, name, beside, bound):
    of, series = f"latency {store}", "latency"
    yield Row(f"{name}: submit → result on an idle node, io, p50", of, series, f"{store}, io", 50, beside, at_most(bound))
    yield Row("… p99", of, series, f"{store}, io", 99, "the same")
    yield Row("… p99.9", of, series, f"{store}, io", 99.9, "the same")
    yield Row("… after a pause of 3 ms, p50", of, series, f"{store}, io, pauses", 50, "the same", at_most(bound))
    yield Row("… submitted by the library, p50", of, series, f"{store}, io, submit", 50)
    yield Row("… started, p50", of, series, f"{store}, io, start", 50)
    yield Row("… cpu, p50", of, series, f"{store}, cpu", 50, "the same", at_most(bound))
    yield Row("… p99", of, series, f"{store}, cpu", 99, "the same")
    yield Row("… p99.9", of, series, f"{store}, cpu", 99.9, "the same")
    yield Row("… after a pause of 3 ms, p50", of, series, f"{store}, cpu, pauses", 50, "the same", at_most(bound))


def milliseconds(store, name):
    series = "tasks of 1 ms"
    yield Row(f"{name}: cpu tasks of 1 ms", "pool", series, f"{store}, cpu, 1 ms", None, "hosts that never wait")
    yield Row("… io tasks of 1 ms", "pool", series, f"{store}, io, 1 ms", None, "places that are never empty")
    yield Row("… both together", "pool", series, f"{store}, mixed, 1 ms", None, "both of them")


def reloads(store, name):
    of, series = f"reload {store}", "reload"
    yield Row(f"{name}: reloads of the plugins under load, rate of the tasks", of, series, f"{store}, rate", None,
              "without reloads")
    yield Row("… the longest time without an outcome", of, series, f"{store}, longest gap", None, "without reloads")
    yield Row("… a reload", of, series, f"{store}, command")


ECHO = "echo of two processes, 64 in flight, a system call for each"
COALESCED = "the same, coalesced"
HOPS = "durable insert + claim + durable outcome + 5 wake-ups"
TRIPS = "its 4 round trips"
ROWS = [
    Row("SQLite, durability full: drain of 100,000 no-op cpu tasks", "node", "node", "sqlite drain, cpu", None,
        "bare SQLite, batches of 256", at_least(0.7)),
    Row("… io tasks (on the loop)", "node", "node", "sqlite drain, io", None, "the same", at_least(0.7)),
    Row("… blocking io tasks (pool threads)", "node", "node", "sqlite drain, blocking", None, "the same"),
    Row("… io and cpu tasks in turns", "node", "node", "sqlite drain, mixed", None, "the same"),
    Row("node, idle", "node", "node", "idle", None, "", at_most(0.05, "figure", " %")),
    Row("… wake-ups, all its threads", "node", "node", "wake-ups while idle"),
    Row("… its hosts, together", "node", "node", "wake-ups of hosts while idle"),
    Row("… the thread that wakes most often: by a timer of 1 s, and by answers", "node", "node",
        "wake-ups of one thread while idle"),
    Row("… resident", "node", "node", "resident", None, "", at_most(20, "figure", " MiB")),
    Row("cpu host, resident", "node", "node", "cpu host resident", None, "", at_most(6, "figure", " MiB")),
    Row("io host, resident", "node", "node", "io host resident"),
    Row("node on Redis, idle", "node", "node", "Redis, idle", None, "", at_most(0.05, "figure", " %")),
    Row("… wake-ups, all its threads", "node", "node", "Redis, wake-ups while idle"),
    Row("… the thread that wakes most often", "node", "node", "Redis, wake-ups of one thread while idle"),
    Row("… resident", "node", "node", "Redis, resident", None, "", at_most(20, "figure", " MiB")),
    Row("a sleeping io task", "node", "node", "an io task asleep", None, "", at_most(1, "figure", " KiB")),
    Row("SQLite: `submit --batch`, 100,000 lines", "submit", "submit", "--batch", None,
        "bare inserts, batches of 2,000", at_least(0.7)),
    Row("SQLite: one `flowrra submit` process, no node", "submit", "submit", "one process, no node", None,
        "a C program: open, insert, sync", at_most(2)),
    Row("… with an idle node", "submit", "submit", "one process, with a node", None, "the same", at_most(2)),
    Row("… after 10,000 others", "submit", "submit", "one process, after 10,000", None, "the same", at_most(2)),
    Row("32 processes that submit", "submit", "submit", "32 processes", None, "one", at_least(2)),
    Row("… beside 32 bare ones", "submit", "submit", "32 processes beside bare", None, "32 of the C program"),
    Row("… the longest wait of one of them", "submit", "submit", "32 processes, worst wait", None,
        "32 of the C program", at_most(100, "figure", " ms")),
    Row("SQLite: drain without a node, batches of 256", "store", "batches", "sqlite drain", 256, "bare SQLite"),
    Row("… push", "store", "batches", "sqlite push", 256, "bare SQLite"),
    Row("Redis: drain without a node, batches of 256", "redis", "batches", "redis drain", 256,
        "bare variadic commands", at_least(0.6)),
    Row("… push", "redis", "batches", "redis push", 256, "bare variadic commands"),
    Row("Redis: drain of 100,000 no-op io tasks, one node", "nodes redis", "one node", "redis, io", None,
        "the same scripts without a node", at_least(0.7)),
    Row("… cpu tasks", "nodes redis", "one node", "redis, cpu", None, "the same", at_least(0.7)),
    Row("… by 8 nodes, io", "nodes redis", "nodes", "redis, io", 8, "one node"),
    Row("SQLite: the same by 8 nodes, io", "nodes sqlite", "nodes", "sqlite, io", 8, "one node"),
    Row("cpu pool, two hosts, memory store: no-op tasks", "pool", "pool", "cpu, beside single", None, ECHO,
        at_least(0.5)),
    Row("… beside another echo", "pool", "pool", "cpu, beside coalesced", None, COALESCED),
    Row("io pool, one host, memory store: no-op coroutines", "pool", "pool", "io, beside single", None, ECHO,
        at_least(0.6)),
    Row("… beside another echo", "pool", "pool", "io, beside coalesced", None, COALESCED),
    Row("cpu pool, one host, memory store: no-op tasks", "pool", "cpu hosts", "drain", 1),
    *(Row(f"… {hosts} hosts", "pool", "cpu hosts", "drain", hosts) for hosts in (4, 16, 64)),
    *milliseconds("memory", "memory store"),
    *milliseconds("SQLite", "SQLite"),
    *milliseconds("Redis", "Redis"),
    Row("blocking tasks, one host with four threads, memory store: no-op tasks", "pool", "pool", "blocking, beside single",
        None, ECHO),
    Row("io and cpu tasks together, memory store: no-op tasks", "pool", "pool", "mixed, beside single", None, ECHO),
    Row("SQLite: processor time of an io task, node", "pool", "processor time, SQLite", "io, node"),
    Row("… its host", "pool", "processor time, SQLite", "io, hosts"),
    Row("SQLite: processor time of a cpu task, node", "pool", "processor time, SQLite", "cpu, node"),
    Row("… its host", "pool", "processor time, SQLite", "cpu, hosts"),
    Row("Redis: processor time of an io task, node", "pool", "processor time, Redis", "io, node"),
    Row("… its host", "pool", "processor time, Redis", "io, hosts"),
    Row("Redis: processor time of a cpu task, node", "pool", "processor time, Redis", "cpu, node"),
    Row("… its host", "pool", "processor time, Redis", "cpu, hosts"),
    Row("Redis: io and cpu tasks together", "pool", "pool, Redis", "mixed"),
    *reloads("sqlite", "SQLite"),
    *reloads("redis", "Redis"),
    *latency("sqlite", "SQLite", HOPS, 1.2),
    *latency("redis", "Redis", TRIPS, 3),
    *growth("sqlite", "SQLite"),
    *growth("redis", "Redis"),
    Row("SQLite: a task that waits", "growth sqlite", "memory", "sqlite, a task that waits", 1e6),
    Row("… that has ended, with its result", "growth sqlite", "memory", "sqlite, a task that has ended", 1e6),
    Row("Redis: a task that waits", "growth redis", "memory", "redis, a task that waits", 1e6),
    Row("… that has ended, with its result", "growth redis", "memory", "redis, a task that has ended", 1e6),
]
