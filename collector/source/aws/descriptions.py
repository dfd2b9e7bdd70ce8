"""botocore's own descriptions of the services, loaded once for the whole process, and without their manuals.

Built anew for each session, and with every page of documentation, they would be most of the collector's memory.
"""

from __future__ import annotations

import gzip
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botocore.loaders import JSONFileLoader, Loader

from collector import canonical

if TYPE_CHECKING:
    from collections.abc import Callable


_PLAIN: dict[str, Callable[[bytes], bytes]] = {".json": bytes, ".json.gz": gzip.decompress}
"""What makes a file's content plain JSON, by the ending of its name."""


@cache
def loader() -> Any:  # noqa: ANN401 - botocore ships no types
    """The one loader: a run opens its connections twice, to plan and to collect, and each for many accounts."""
    return Loader(file_loader=Descriptions())


class Descriptions(JSONFileLoader):  # type: ignore[misc]  # botocore ships no types
    """Reads the files of descriptions."""

    def load_file(self, file_path: str) -> Any:  # noqa: ANN401 - any JSON
        """The description in the file of this name, whatever its ending; None when there is none."""
        for ending, plain in _PLAIN.items():
            file = Path(file_path + ending)
            if file.is_file():
                return _without_manual(canonical.decode(plain(file.read_bytes())))
        return None


def _without_manual(part: Any) -> Any:  # noqa: ANN401 - any JSON
    """The same, in place. A member of a structure may be called `documentation` too; it is never a text."""
    match part:
        case dict():
            if isinstance(part.get("documentation"), str):
                part["documentation"] = ""
            for below in part.values():
                _without_manual(below)
        case list():
            for below in part:
                _without_manual(below)
    return part
