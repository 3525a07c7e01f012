"""What became of the calls that were asked about."""
from __future__ import annotations

import threading
from dataclasses import dataclass

__all__ = ["Counts"]


@dataclass(frozen=True, slots=True)
class Counts:
    """How many calls, since the client was made; in a forked process, since the fork.

    Attributes:
        answered: got the worker's answer in time.
        defaulted: got the default of the caller, because no answer came in time.
        late: answers that came after their caller had stopped waiting; such a call is defaulted too.
    """

    answered: int = 0
    defaulted: int = 0
    late: int = 0


class Counter:
    """Counts, from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts = {"answered": 0, "defaulted": 0, "late": 0}

    def count(self, what: str) -> None:
        with self._lock:
            self._counts[what] += 1

    def count_late(self) -> None:
        self.count("late")

    def read(self) -> Counts:
        with self._lock:
            return Counts(**self._counts)
