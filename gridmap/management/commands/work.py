"""The worker: does what was put into the queue, and takes up what another one left."""

from typing import Any, cast

from django.core.management.base import BaseCommand
from procrastinate import JobContext
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector

HEARTBEAT = 5.0  # seconds
STALLED = 20.0  # without a heartbeat


class Command(BaseCommand):
    help = (
        "Work out proposals in the background. One is enough; several share the work. Ends on "
        "SIGTERM when the piece in hand is done; what a killed one left is taken up again."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        worker = app.with_connector(cast("DjangoConnector", app.connector).get_worker_connector())
        with worker.open():
            worker.run_worker(
                concurrency=1,
                fetch_job_polling_interval=2.0,
                update_heartbeat_interval=HEARTBEAT,
                stalled_worker_timeout=STALLED,
                shutdown_graceful_timeout=30.0,
            )


@app.periodic(cron="* * * * * */10")
@app.task(name="take_up", queueing_lock="take_up", pass_context=True)
async def _take_up(context: JobContext, timestamp: int) -> None:  # noqa: ARG001 - procrastinate's
    """Put the pieces of workers that died back into the queue."""
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED):
        await manager.retry_job(job)
