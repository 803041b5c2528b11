"""Celery as its own documentation tunes it for short tasks; imported by worker and client."""

import os

from celery import Celery

PORT = os.environ["PEERS_PORT"]
app = Celery("peers", broker=f"redis://127.0.0.1:{PORT}/0", backend=f"redis://127.0.0.1:{PORT}/1")
app.conf.update(result_expires=3600, worker_prefetch_multiplier=64, broker_connection_retry_on_startup=True,
                worker_send_task_events=False, task_serializer="json", result_serializer="json")


@app.task
def echo(value):
    return value
