"""A provider's API as data: each operation that is read, how its list goes on, and what its answers must have."""

from __future__ import annotations

import re
from dataclasses import KW_ONLY, dataclass, field
from typing import TYPE_CHECKING, Any

from collector.errors import UndeclaredCallError
from collector.source.rest.dialect import Dialect
from collector.source.rest.queries import Queries, WritingError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from collector.source.rest.paging import Paging

_IN_PATH = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Proof:
    """What shows that a 404 means "there is none" and not "you may not look": an answer only who may look can get."""

    operation: str
    """Name of an operation whose path takes no other names than that of the call it proves."""
    at: str = ""
    """Where its answer must say `true`; empty: an answer is proof enough."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One call that reads, named as the provider documents it.

    `GET /orgs/{org}/members`, or `POST /graphql merged pull requests`: whatever stands behind the path tells apart
    several queries of one endpoint.
    """

    name: str
    _: KW_ONLY
    needs: str = ""
    """The provider's permission for it."""
    items: str | None = None
    """Where the list stands in the answer, as a JSON Pointer; "" is the whole answer. None: it answers no list."""
    key: str = "/id"
    """Where an item has its identity; "": the whole item is."""
    pages: Paging | None = None
    """How the list goes on; None when one answer is all there is."""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    """Sent every time: the page size, an API version."""
    query: Mapping[str, str] = field(default_factory=dict)
    """Of a POST: what stands in the address beside the body, such as an API version."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Sent with this operation beside those of every request."""
    first: bool = False
    """Whether the first page is all that is asked for, as it says how many items there are. Others are then no gap."""
    document: str = ""
    """The GraphQL query; parameters are then its variables."""
    omits_empty: bool = False
    """Whether an answer without items leaves out the list itself, as Google's do."""
    has: tuple[str, ...] = ()
    """What an answer that is no list must have, or it is not believed; and one that leaves out an empty list."""
    base: str = ""
    """Which of the provider's addresses it is at."""
    bucket: str = ""
    """Which quota it is counted against, as far as that is known before an answer says it."""
    absent: Proof | None = None
    """That a 404 means "there is none", once this proves that we may look. None: a 404 is a gap."""
    gone: bool = False
    """Whether a 410 means "it was deleted": unlike a 404, nobody is told so who may not look."""
    no_content: bool = False
    """Whether the answer is the status 204 alone: yes."""
    revalidate: bool = False
    """Whether an answer read before is asked for with If-None-Match: where that costs no quota."""

    @property
    def method(self) -> str:
        """GET or POST."""
        return self.name.split(" ")[0]

    @property
    def path(self) -> str:
        """With names in braces."""
        return self.name.split(" ")[1]

    @property
    def named(self) -> tuple[str, ...]:
        """The names in the path."""
        return tuple(_IN_PATH.findall(self.path))

    def body(self, parameters: Mapping[str, Any]) -> dict[str, Any] | None:
        """What is POSTed; None for a GET."""
        if self.method == "GET":
            return None
        return {"query": self.document, "variables": dict(parameters)} if self.document else dict(parameters)


class Api:
    """All operations of one provider."""

    def __init__(
        self, operations: Iterable[Operation], *, dialect: Dialect | None = None, queries: Queries | None = None
    ) -> None:
        """`queries` are the paths that may be POSTed to. ValueError for an operation that is declared wrongly."""
        self.dialect = dialect or Dialect()
        self.queries: Queries = queries or {}
        self._operations: dict[str, Operation] = {}
        for operation in operations:
            self._check(operation)
            self._operations[operation.name] = operation
        for operation in self._operations.values():
            self._check_proof(operation)

    def operation(self, name: str) -> Operation:
        """The operation of this name; UndeclaredCallError when there is none."""
        if name not in self._operations:
            raise UndeclaredCallError(f"{name} is not among the operations of this provider")
        return self._operations[name]

    @property
    def proofs(self) -> frozenset[str]:
        """Operations that prove what a 404 means: one answer of each serves every child of the same parent."""
        return frozenset(one.absent.operation for one in self._operations.values() if one.absent is not None)

    def reached(self, needs: Iterable[str]) -> frozenset[str]:
        """What an evidence type that declares these operations may call: these, and what proves their 404s."""
        named = frozenset(needs)
        proofs = (self.operation(name).absent for name in named)
        return named | {proof.operation for proof in proofs if proof is not None}

    def check_reads(self, operation: Operation, body: dict[str, Any] | None) -> None:
        """UndeclaredCallError for a request that could write."""
        if operation.method == "GET" and body is None:
            return
        check = self.queries.get(operation.path)
        if operation.method != "POST" or check is None:
            raise UndeclaredCallError(f"{operation.name} does not read")
        try:
            check(body)
        except WritingError as error:
            raise UndeclaredCallError(f"{operation.name}: {error}") from error

    def _check(self, operation: Operation) -> None:
        name = operation.name
        if len(name.split(" ")) < 2 or not operation.path.startswith("/"):  # noqa: PLR2004 - method and path
            raise ValueError(f"{name!r} is no operation: write method and path, as in 'GET /users'")
        if operation.method != "GET" and (operation.method != "POST" or operation.path not in self.queries):
            raise ValueError(f"{name} is neither GET nor POST to a declared query endpoint")
        if name in self._operations:
            raise ValueError(f"{name} is declared twice")
        if operation.pages is not None and operation.items is None:
            raise ValueError(f"{name} has pages, but does not say where its items are")

    def _check_proof(self, operation: Operation) -> None:
        if operation.absent is None:
            return
        proof = self._operations.get(operation.absent.operation)
        if proof is None or not set(proof.named) <= set(operation.named):
            raise ValueError(f"{operation.name}: what proves its 404 is not declared, or needs other names")
