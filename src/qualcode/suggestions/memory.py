"""What was learned in earlier runs, by all that it rests on: nothing is learned again that nothing changed in."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cached_property
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from ..files import replacing
from ..language import load_embedder
from ..text import digest
from .features import Talk, views
from .learning import Learned, Task, learn

if TYPE_CHECKING:
    import numpy as np

_PARTS = ("probability", "held_out", "suggested", "threshold")


@contextmanager
def _one_thread() -> Iterator[None]:
    """Steps run side by side, and sums depend on the number of threads. Libraries are limited once they are there."""
    import sklearn.linear_model  # noqa: F401
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1):
        yield


class Memory:
    """A file of arrays (numpy's own format: no code is stored or run) by the digest of what they were learned from."""

    def __init__(self, path: Path) -> None:
        import numpy as np

        self._path, self._changed = path, False
        self._known: dict[str, np.ndarray] = {}
        self._used: set[str] = set()
        # What cannot be read, or only by running code, is as if it were not there: it is learned again.
        broken = (OSError, TypeError, ValueError, EOFError, zlib.error, zipfile.BadZipFile)
        with suppress(*broken), np.load(path, allow_pickle=False) as stored:
            self._known = {name: stored[name] for name in stored.files}

    def views(self, talk: Talk) -> list[np.ndarray]:
        """As `features.views`: they change only with what is said."""
        names = self._names(talk)
        if any(name not in self._known for name in names):
            with _one_thread():
                self._known |= dict(zip(names, views(talk), strict=True))
            self._changed = True
        return [self._known[name] for name in names]

    def encoded(self, model: str, texts: Sequence[str]) -> np.ndarray:
        """Vectors of texts (texts, d) by a model of `language.load_embedder`, which is loaded where one is new."""
        import numpy as np

        names = [f"{model} {digest(text)}" for text in texts]
        new = {name: text for name, text in zip(names, texts, strict=True) if name not in self._known}
        if new:
            vectors = load_embedder(model).encode(list(new.values()))
            self._known |= dict(zip(new, vectors, strict=True))
            self._changed = True
        self._used.update(names)
        return np.stack([self._known[name] for name in names]) if names else np.zeros((0, 0), np.float32)

    def learn(
        self, task: Task, codes: Sequence[int], least: float, judge: bool = True, predict: bool = True
    ) -> Learned:
        """As `learning.learn`, of which only what is not known yet is done."""
        import numpy as np

        if not codes:
            return learn(task, codes, least, judge, predict)
        keys = [self._key(task, code, f"{least} {judge} {predict}") for code in codes]
        new = [at for at, key in enumerate(keys) if any(f"{key} {part}" not in self._known for part in _PARTS)]
        self._used.update(self._names(task.talk))
        if new:
            with _one_thread():
                found = learn(task, [codes[at] for at in new], least, judge, predict)
            for column, at in enumerate(new):
                for part in _PARTS:
                    self._known[f"{keys[at]} {part}"] = getattr(found, part)[..., column]
            self._changed = True
        self._used.update(f"{key} {part}" for key in keys for part in _PARTS)
        return Learned(*(np.stack([self._known[f"{key} {part}"] for key in keys], axis=-1) for part in _PARTS))

    def save(self) -> None:
        """Keep what was used, and forget the rest."""
        import numpy as np

        if self._changed or not self._known.keys() <= self._used:
            with replacing(self._path) as temporary:
                kept = {name: self._known[name] for name in sorted(self._used & self._known.keys())}
                np.savez(temporary.with_suffix(".npz"), allow_pickle=False, **kept)

    @cached_property
    def _version(self) -> str:
        """Of what learns: another version may learn, or round, otherwise."""
        code = [Path(__file__).with_name(name).read_text(encoding="utf-8") for name in ("features.py", "learning.py")]
        return f"{digest(*code)} {version('numpy')} {version('scikit-learn')}"

    def _names(self, talk: Talk) -> list[str]:
        """What the views of a talk are kept under."""
        return [f"{self._version} {talk.digest} {name}" for name in ("alone", "around")]

    def _key(self, task: Task, code: int, asked: str) -> str:
        import numpy as np

        columns = [code, *task.parents[code]]
        found = sha256(f"{self._version} {task.talk.digest} {asked}".encode())
        for part in (task.held_out, task.own[:, code], task.given[:, columns], task.known[:, code]):
            found.update(np.ascontiguousarray(part).tobytes())
        return found.hexdigest()[:24]
