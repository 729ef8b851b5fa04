"""The worker's pool of processes. One in which an operation has changed something for good is replaced by another."""

from typing import Any

from billiard.pool import EX_RECYCLE
from celery.concurrency import asynpool, prefork

from tasks_api.execution import process_state, stop_signals
from tasks_api.postgres import CLAIM, limit_connection

LOOK_AGAIN_SECONDS = (0.02, 0.1, 0.5)


class Child(asynpool.Worker):  # type: ignore[misc]
    """A process that runs one task after another."""

    def after_fork(self) -> None:
        """Before the first task."""
        super().after_fork()
        limit_connection(CLAIM)
        stop_signals.listen()
        process_state.remember()

    def _make_protected_receive(self, conn: Any) -> Any:
        """What waits for the next job. The last one's result is sent by then."""
        receive = super()._make_protected_receive(conn)

        def receive_unless_spoilt() -> Any:
            if process_state.is_spoilt():
                raise SystemExit(EX_RECYCLE)
            return receive()

        return receive_unless_spoilt


class ChildPool(asynpool.AsynPool):  # type: ignore[misc]
    """The children of one worker."""

    Worker = Child

    _quick_put: Any
    on_poll_start: Any

    def _create_write_handlers(self, hub: Any, **options: Any) -> None:
        """Celery's hook: how jobs come to children.

        Celery asks the kernel which child can be written to, in each turn of the loop, and writes in the next.
        """
        super()._create_write_handlers(hub, **options)
        queue_job, write_jobs, look = self._quick_put, hub.consolidate_callback, self.on_poll_start

        def hand_over(job: Any) -> None:
            """To a free child at once, if there is one."""
            queue_job(job)
            if free := self._all_inqueues - self._busy_workers - self._active_writes:
                write_jobs([free.pop()])

        def look_if_needed() -> None:
            """Only while a job waits for a child, or such a question is to be taken back."""
            if self.outbound_buffer or not hub.writers.keys().isdisjoint(self._all_inqueues):
                look()

        self._quick_put, self.on_poll_start = hand_over, look_if_needed

    def _event_process_exit(self, hub: Any, proc: Any) -> None:
        """A child is about to be gone: its files are closed before it can be waited for, so Celery may look too early.

        It would look again within five seconds, and tell nobody of the lost task until then.
        """
        super()._event_process_exit(hub, proc)
        for seconds in LOOK_AGAIN_SECONDS:
            hub.call_later(seconds, self.maintain_pool)


class TaskPool(prefork.TaskPool):  # type: ignore[misc]
    """Celery's usual pool, with children of ours."""

    Pool = ChildPool
