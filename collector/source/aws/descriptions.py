"""botocore's own descriptions of the services, cut down to what a reader needs, and loaded once for the whole process.

A client has a method for each operation that is described, so our clients have none that writes. They are also built
in half the time and kept in half the memory: most of a description are operations nobody here calls, and their manuals.
"""

from __future__ import annotations

import gzip
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botocore.loaders import JSONFileLoader, Loader

from collector import canonical

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

READS = ("Describe", "Get", "Head", "List", "Lookup")
"""How the names of operations begin that read."""
WRITES_ITS_OWN = frozenset({"GenerateCredentialReport"})
"""AWS writes its own report anew."""
SIGN_IN = frozenset({"signin", "sso", "sso-oidc", "sts"})
"""Services through which botocore gets credentials: described whole."""

_PLAIN: dict[str, Callable[[bytes], bytes]] = {".json": bytes, ".json.gz": gzip.decompress}
"""What makes a file's content plain JSON, by the ending of its name."""


@cache
def loader() -> Any:  # noqa: ANN401 - botocore ships no types
    """The one loader: a run opens its connections twice, to plan and to collect, and each for many accounts."""
    return Loader(file_loader=Descriptions())


class Descriptions(JSONFileLoader):  # type: ignore[misc]  # botocore ships no types
    """Reads the files of descriptions."""

    def load_file(self, file_path: str) -> Any:  # noqa: ANN401 - any JSON
        """The description in `…/SERVICE/VERSION/KIND`, whatever its ending; None when there is none."""
        for ending, plain in _PLAIN.items():
            file = Path(file_path + ending)
            if file.is_file():
                described = canonical.decode(plain(file.read_bytes()))
                *_, service, _, kind = Path(file_path).parts
                return _without_manual(
                    _reading(described) if kind == "service-2" and service not in SIGN_IN else described
                )
        return None


def _reading(service: dict[str, Any]) -> dict[str, Any]:
    """The service with the operations that read, and the shapes these are made of."""
    operations = {
        name: operation
        for name, operation in service["operations"].items()
        if name.startswith(READS) or name in WRITES_ITS_OWN
    }
    shapes: dict[str, Any] = service["shapes"]
    wanted = [shape for operation in operations.values() for shape in _shapes_of(operation)]
    kept: dict[str, Any] = {}
    while wanted:
        name = wanted.pop()
        if name not in kept:
            kept[name] = shapes[name]
            wanted += _shapes_of(shapes[name])
    return service | {"operations": operations, "shapes": kept}


def _shapes_of(part: Mapping[str, Any]) -> Iterator[str]:
    """The names of the shapes that an operation or a shape refers to."""
    named = [part[role] for role in ("input", "output", "member", "key", "value") if role in part]
    for reference in (*named, *part.get("errors", ()), *part.get("members", {}).values()):
        yield reference["shape"]


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
