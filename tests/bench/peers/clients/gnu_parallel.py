"""GNU parallel: a process for each task, two at a time; what it writes is kept in a folder of results."""

import pathlib
import subprocess

from line_client import ARGUMENT, milliseconds_of_each, seconds_of, serve

COMMAND = ["parallel", "--will-cite", "-j2", "--results", "results/{#}", "echo"]


def bulk(count):
    return {}  # it has no queue: submitting and draining are one


def drain(count):
    lines = f"{ARGUMENT}\n" * count
    took = seconds_of(lambda: subprocess.run(COMMAND, input=lines, text=True, check=True, stdout=subprocess.DEVNULL))
    return {"tasks": count, **took}


def check(_):
    return {"count": sum(one.read_text() == f"{ARGUMENT}\n" for one in pathlib.Path("results").glob("*"))}


def there_and_back():
    got = subprocess.run(["parallel", "--will-cite", "echo", ":::", ARGUMENT], text=True, check=True,
                         stdout=subprocess.PIPE)
    assert got.stdout == f"{ARGUMENT}\n"


serve({
    "bulk": bulk,
    "drain": drain,
    "check": check,
    "latency": lambda count: milliseconds_of_each(count, there_and_back),
})
