#!/usr/bin/env python3
"""Flowrra beside other task systems: the same no-op task with a 32-byte argument that it returns, one run, in turns.

A round measures each system once, in a folder and with a server of its own: it submits tasks one at a time, then many
the fastest way the system has, while no worker runs; starts the worker and sees all of them done; and then submits to
the idle worker, one after another, waiting for each. Ratios are those within a round, medians over the rounds.
"""

import argparse
import json
import pathlib
import select
import signal
import subprocess
import sys
import time

sys.dont_write_bytecode = True  # nothing appears beside the sources
import report
from bench_site import Failure, Site, adopt_orphans, resident_mib
from systems import CLIENTS, NODE_MODULES, ROOT, SYSTEMS


WARM_UP = 20  # tasks


class Client:
    """A system's client program, which answers one line with one line."""

    def __init__(self, site, command):
        self.site = site
        self.process = site.start("client", command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, what, count=0):
        self.tell(what, count)
        return self.answer(what)

    def tell(self, what, count):
        try:
            self.process.stdin.write(f"{what} {count}\n".encode())
            self.process.stdin.flush()
        except BrokenPipeError:
            raise Failure(f"the client has ended before {what}") from None

    def answer(self, what):
        stdout = self.process.stdout
        self.site.wait_until(f"the client had done {what}", lambda: select.select([stdout], [], [], 0.1)[0])
        line = stdout.readline()
        if not line:
            raise Failure(f"the client has ended while it was to {what}")
        return json.loads(line)


def quantile(values, share):
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def measure(system, build, scale):
    """One round of one system: its figures by name."""
    sizes = {what: max(1, round(getattr(system, what) * scale)) if getattr(system, what) else 0
             for what in ("one", "bulk", "latency")}
    with Site() as site:
        site.environment.update(PEERS_BUILD=str(build), NODE_PATH=str(NODE_MODULES), PYTHONPATH=str(CLIENTS),
                                PYTHONDONTWRITEBYTECODE="1")
        places = {"build": build, "clients": CLIENTS, "folder": site.folder}
        system.server(site)
        client = Client(site, [word.format(**places) for word in system.client])
        figures = {"tasks": WARM_UP}
        client.ask("one" if system.one else "bulk", WARM_UP)  # whatever is made at the first
        for what in ("one", "bulk"):
            if sizes[what]:
                figures["tasks"] += sizes[what]
                took = client.ask(what, sizes[what])
                if took:
                    figures[what] = sizes[what] / took["seconds"]
        client.tell("drain", figures["tasks"])
        command = [word.format(**places) for word in system.worker]
        workers = [site.start(f"worker-{i}", command) for i in range(system.workers)] if command else []
        drained = client.answer("drain")
        figures["drain"] = drained["tasks"] / drained["seconds"]
        site.wait_until("all results were there", lambda: client.ask("check")["count"] >= figures["tasks"])
        figures["done"] = client.ask("check")["count"]
        if workers:
            figures["rss"] = sum(resident_mib(worker.pid) for worker in workers)
        if sizes["latency"]:
            client.ask("latency", max(1, sizes["latency"] // 5))
            each = client.ask("latency", sizes["latency"])["ms"]
            figures.update(p50=quantile(each, 0.5), p99=quantile(each, 0.99))
    if figures["done"] != figures["tasks"]:
        raise Failure(f"{figures['done']} of {figures['tasks']} tasks are done")
    return figures


def ours(system):
    return system.name.startswith("flowrra-")


def chosen(names, build):
    """The named systems, or all, with Flowrra beside them; those that are not installed are told and left out."""
    def wanted(system):
        return not names or any(system.name.startswith(name) for name in names)
    for name in names:
        if not any(system.name.startswith(name) for system in SYSTEMS):
            sys.exit(f"peers: no system is called {name}; there are: {', '.join(s.name for s in SYSTEMS)}")
    stores = {system.beside for system in SYSTEMS if wanted(system) and not ours(system)}
    out = []
    for system in SYSTEMS:
        if not wanted(system) and not (ours(system) and system.beside in stores):
            continue
        missing = system.missing(build)
        if missing:
            print(f"{system.name}: skipped, {missing} is not here; install it: scripts/install-peers", flush=True)
        else:
            out.append(system)
    return out


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="name", help="systems, or how their names begin; all by default")
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build/release")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--scale", type=float, default=1.0, help="times the usual number of tasks")
    parser.add_argument("--out", type=pathlib.Path, help="a file: a line of JSON a measurement, for plot and report.py")
    given = parser.parse_args()
    if given.rounds < 1 or given.scale <= 0:
        parser.error("--rounds and --scale must be above 0")
    return given


def rounds(systems, arguments):
    """Measures in turns; each round begins with another system. One that fails is told of and left out from then on."""
    for number in range(arguments.rounds):
        for system in systems[number % len(systems):] + systems[: number % len(systems)]:
            begun = time.monotonic()
            try:
                figures = measure(system, arguments.build, arguments.scale)
            except Failure as failure:
                print(f"peers: {system.name}: {failure}", file=sys.stderr, flush=True)
                systems = [other for other in systems if other is not system]
                continue
            print(f"round {number + 1}: {system.name}, {time.monotonic() - begun:.1f} s", file=sys.stderr, flush=True)
            yield {"round": number, "system": system.name, **figures}
        if not systems:
            break


def main():
    arguments = parse()
    arguments.build = arguments.build.resolve()
    systems = chosen(arguments.names, arguments.build)
    adopt_orphans()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    signal.signal(signal.SIGINT, signal.default_int_handler)  # also where a shell had it ignored
    out = arguments.out.open("w") if arguments.out else None
    lines = []
    for line in rounds(systems, arguments) if systems else []:
        lines.append(line)
        if out:
            print(json.dumps(line), file=out, flush=True)
    print(report.tables(lines))
    return 0 if len(lines) == len(systems) * arguments.rounds else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
