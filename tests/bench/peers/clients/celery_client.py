import redis

from celery_app import PORT, echo
from line_client import ARGUMENT, drained, milliseconds_of_each, seconds_of, serve

results = redis.Redis(port=int(PORT), db=1)


def submit(count):
    for _ in range(count):
        echo.delay(ARGUMENT)


def there_and_back():
    assert echo.delay(ARGUMENT).get(timeout=30) == ARGUMENT


serve({
    "one": lambda count: seconds_of(lambda: submit(count)),
    "drain": lambda count: drained(count, results.dbsize),
    "check": lambda count: {"count": results.dbsize()},
    "latency": lambda count: milliseconds_of_each(count, there_and_back),
})
