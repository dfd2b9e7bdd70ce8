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

READS = ("BatchGet", "Describe", "Get", "Head", "List", "Lookup")
"""How the names of operations begin that read."""
QUERIES = frozenset({"SelectResourceConfig"})
"""Read too, by other names. Not every Select is one of these: S3's reads what is in an object."""
WRITES_ITS_OWN = frozenset({"GenerateCredentialReport"})
"""AWS writes its own report anew."""
SIGN_IN = frozenset({"signin", "sso", "sso-oidc", "sts"})
"""Services through which botocore gets credentials: described whole."""

PAGED_BESIDES = {
    "wafv2": {
        "ListWebACLs": {
            "input_token": "NextMarker",
            "output_token": "NextMarker",
            "limit_key": "Limit",
            "result_key": "WebACLs",
        }
    }
}
"""Lists that go on over pages, as their manual says, and that botocore has no paging for."""

_PLAIN: dict[str, Callable[[bytes], bytes]] = {".json": bytes, ".json.gz": gzip.decompress}
"""What makes a file's content plain JSON, by the ending of its name."""


@cache
def loader() -> Descriptions:
    """The one loader: a run opens its connections twice, to plan and to collect, and each for many accounts."""
    return Descriptions(file_loader=_Files())


class Descriptions(Loader):  # type: ignore[misc]  # botocore ships no types
    """botocore's loader, which puts a description together from several files and keeps it; cut down once it is."""

    def __init__(self, **given: Any) -> None:  # noqa: ANN401 - botocore's own
        super().__init__(**given)
        self._cut: set[str] = set()

    def load_service_model(self, service_name: str, type_name: str, api_version: str | None = None) -> Any:  # noqa: ANN401
        """One kind of description of a service."""
        described = super().load_service_model(service_name, type_name, api_version)
        if type_name == "service-2" and service_name not in SIGN_IN | self._cut:
            self._cut.add(service_name)
            _leave_what_reads(described)
        if type_name == "paginators-1" and service_name in PAGED_BESIDES:
            return {**described, "pagination": described["pagination"] | PAGED_BESIDES[service_name]}
        return described


class _Files(JSONFileLoader):  # type: ignore[misc]  # botocore ships no types
    def load_file(self, file_path: str) -> Any:  # noqa: ANN401 - any JSON
        """The description in the file of this name, whatever its ending; None when there is none."""
        for ending, plain in _PLAIN.items():
            file = Path(file_path + ending)
            if file.is_file():
                return _without_manual(canonical.decode(plain(file.read_bytes())))
        return None


def _leave_what_reads(service: dict[str, Any]) -> None:
    """Take out, in place, every operation that does not read, and the shapes that only these are made of."""
    operations = {
        name: operation
        for name, operation in service["operations"].items()
        if name.startswith(READS) or name in QUERIES | WRITES_ITS_OWN
    }
    shapes: dict[str, Any] = {}
    wanted = [shape for operation in operations.values() for shape in _shapes_of(operation)]
    while wanted:
        name = wanted.pop()
        if name not in shapes:
            shapes[name] = service["shapes"][name]
            wanted += _shapes_of(shapes[name])
    service |= {"operations": operations, "shapes": shapes}


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
