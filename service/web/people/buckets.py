"""How often a person may act: a bucket of tokens for each, which fills again while they rest."""

import math
import time
from collections.abc import Callable, Hashable
from typing import Final

from cachetools import TTLCache

_MOST_KEPT: Final = 10_000


class Buckets:
    """Each bucket holds `most` tokens, and one more comes every so many seconds."""

    def __init__(self, most: int, seconds: float, timer: Callable[[], float] = time.monotonic) -> None:
        self._most, self._seconds, self._timer = most, seconds, timer
        # One that has filled again is as good as new.
        self._left: TTLCache[Hashable, tuple[float, float]] = TTLCache(_MOST_KEPT, most * seconds, timer)

    def take(self, key: Hashable) -> int:
        """Take a token; 0, or in how many whole seconds there will be one."""
        now = self._timer()
        left, at = self._left.get(key, (float(self._most), now))
        left = min(self._most, left + (now - at) / self._seconds)
        if left < 1:
            return math.ceil((1 - left) * self._seconds)
        self._left[key] = (left - 1, now)
        return 0
