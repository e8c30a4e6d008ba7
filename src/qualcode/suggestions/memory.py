"""What was learned in earlier runs, by all that it rests on: nothing is learned again that nothing changed in."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from ..files import replacing
from .learning import VERSION, Learned, Task, learn

if TYPE_CHECKING:
    import numpy as np

_PARTS = ("probability", "held_out", "suggested", "threshold")


class Memory:
    """A file of arrays (numpy's own format: no code is stored or run) by the digest of what they were learned from."""

    def __init__(self, path: Path) -> None:
        import numpy as np

        self._path, self._changed = path, False
        self._known: dict[str, np.ndarray] = {}
        self._used: set[str] = set()
        if path.exists():
            with np.load(path, allow_pickle=False) as stored:
                self._known = {name: stored[name] for name in stored.files}

    def learn(self, task: Task, codes: Sequence[int], least: float, judge: bool = True) -> Learned:
        """As `learning.learn`, of which only what is not known yet is done."""
        import numpy as np

        keys = [self._key(task, code, least, judge) for code in codes]
        new = [at for at, key in enumerate(keys) if f"{key} threshold" not in self._known]
        if new:
            found = learn(task, [codes[at] for at in new], least, judge)
            for column, at in enumerate(new):
                for part in _PARTS:
                    self._known[f"{keys[at]} {part}"] = getattr(found, part)[..., column]
            self._changed = True
        self._used.update(f"{key} {part}" for key in keys for part in _PARTS)
        stacked = (
            np.stack([self._known[f"{key} {part}"] for key in keys], axis=-1) if keys else np.zeros((len(task.talk), 0))
            for part in _PARTS
        )
        return Learned(*stacked)

    def save(self) -> None:
        """Keep what was used, and forget the rest."""
        import numpy as np

        if self._changed or self._used != self._known.keys():
            with replacing(self._path) as temporary:
                kept = {name: self._known[name] for name in sorted(self._used)}
                np.savez_compressed(temporary.with_suffix(".npz"), allow_pickle=False, **kept)

    @staticmethod
    def _key(task: Task, code: int, least: float, judge: bool) -> str:
        import numpy as np

        columns = [code, *task.parents[code]]
        found = sha256(f"{VERSION} {task.digest} {least} {judge}".encode())
        for part in (task.own[:, code], task.given[:, columns], task.known[:, code]):
            found.update(np.ascontiguousarray(part).tobytes())
        return found.hexdigest()[:24]
