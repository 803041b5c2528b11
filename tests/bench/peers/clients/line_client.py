"""How a client answers the driver; the words are in line_client.hpp."""

import json
import sys
import time

ARGUMENT = "0123456789abcdef0123456789abcdef"


def seconds_of(work):
    begin = time.perf_counter()
    work()
    return {"seconds": time.perf_counter() - begin}


def drained(wanted, done):
    """Asks done() every five milliseconds."""
    while (first := done()) == 0:
        time.sleep(0.005)
    begin = time.perf_counter()
    while (now := done()) < wanted:
        time.sleep(0.005)
    return {"tasks": now - first, "seconds": time.perf_counter() - begin}


def milliseconds_of_each(rounds, work):
    return {"ms": [seconds_of(work)["seconds"] * 1e3 for _ in range(rounds)]}


def serve(answers):
    for line in sys.stdin:
        what, count = line.split()
        print(json.dumps(answers[what](int(count))), flush=True)
