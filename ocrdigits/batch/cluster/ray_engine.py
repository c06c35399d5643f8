"""Parts in, what became of each out: Ray Data hands them to the machines of a cluster."""

from __future__ import annotations

import json
import logging
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from typing import Any

from ocrdigits.batch.cluster.part_reader import ClusterJob, PartReader
from ocrdigits.batch.cluster.parts import Part
from ocrdigits.batch.cluster.place import fact_of
from ocrdigits.errors import MissingExtraError, OcrDigitsError
from ocrdigits.names import printable_name

_POLL_S = 0.1


def read_on_ray(
    job: ClusterJob, parts: Sequence[Part], jobs: int | None, check: Callable[[], None]
) -> Iterator[dict[str, Any]]:
    """Read parts with Ray Data: one row a part, actors that read them, a core for each.

    It is asked in a thread of its own, so that the job can be stopped meanwhile.

    Args:
        job: What all parts have in common.
        parts: What to read.
        jobs: Parts read side by side; None for all cores of the cluster.
        check: Called often; may raise to stop.

    Yields:
        What `PartReader` says of each part, as they are done.

    Raises:
        MissingExtraError: If Ray is not installed.
        OcrDigitsError: If there is no cluster, or it gives up.
    """
    if not parts:
        return
    with _ray() as ray:
        cores = int(ray.cluster_resources().get("CPU", 1))
        pool = ray.data.ActorPoolStrategy(
            min_size=1,
            max_size=max(1, min(jobs or cores, len(parts))),
            initial_size=max(1, min(jobs or cores, cores, len(parts))),
            max_tasks_in_flight_per_actor=1,  # a slow part keeps no other waiting
        )
        items = [{"part": part.to_json()} for part in parts]
        rows = ray.data.from_items(items, override_num_blocks=len(items)).map(
            PartReader, fn_constructor_args=(job,), compute=pool, num_cpus=1
        )
        heard: SimpleQueue[dict[str, Any] | BaseException | None] = SimpleQueue()
        threading.Thread(target=_listen, args=(rows, heard), daemon=True).start()
        while True:
            check()
            try:
                word = heard.get(timeout=_POLL_S)
            except Empty:
                continue
            if word is None:
                return
            if isinstance(word, BaseException):
                last = (str(word).strip() or type(word).__name__).splitlines()[-1]
                fact = printable_name(last[:200])
                raise OcrDigitsError(f"the cluster gave up ({fact}); see Ray's own logs") from word
            yield word


def _listen(rows: Any, heard: SimpleQueue[Any]) -> None:  # noqa: ANN401 - a Ray Dataset
    try:
        for row in rows.iter_rows():
            heard.put(json.loads(row["done"]))
        heard.put(None)
    except BaseException as error:  # whatever it is, the job says it
        heard.put(error)


@contextmanager
def _ray() -> Iterator[Any]:
    """Ray, connected to the cluster that `RAY_ADDRESS` names, else to one of this machine."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing is sent anywhere
    try:
        import ray
        import ray.data
    except ImportError as error:
        raise MissingExtraError("--engine ray", "cluster") from error
    is_ours = not ray.is_initialized()
    if is_ours:
        try:
            ray.init(include_dashboard=False, log_to_driver=False, logging_level=logging.ERROR)
        except Exception as error:  # Ray raises of many kinds
            raise OcrDigitsError(f"no cluster ({fact_of(error)}); check RAY_ADDRESS") from error
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = context.print_on_execution_start = False
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    try:
        yield ray
    finally:
        if is_ours:
            ray.shutdown()
