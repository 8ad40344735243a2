# SPDX-License-Identifier: MIT OR Apache-2.0
"""The Celery application. `celery --app=src.app worker` starts a worker."""

from __future__ import annotations

from celery import Celery

from . import settings

QUEUE = "openrelik-worker-calhive"
"""Queue of the worker. OpenRelik takes the name of the queue from the name of the task."""

celery = Celery("calhive", broker=settings.REDIS_URL, backend=settings.REDIS_URL, include=["src.tasks"])
celery.conf.update(
    task_default_queue=QUEUE,
    # A task leaves the queue when its result is stored, so a worker that is killed loses no task.
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    # A waiting task stays in the queue, where every worker can take it.
    worker_prefetch_multiplier=1,
    broker_connection_retry_on_startup=True,
    broker_transport_options={
        # Longer than any run, so Redis gives no running task to a second worker.
        "visibility_timeout": settings.REDELIVERY,
        # All workers of OpenRelik share one Redis. These keys keep the timeout above from their tasks.
        "unacked_key": f"{QUEUE}.unacked",
        "unacked_index_key": f"{QUEUE}.unacked_index",
        "unacked_mutex_key": f"{QUEUE}.unacked_mutex",
    },
)
