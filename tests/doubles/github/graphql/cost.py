"""What a query costs and how many nodes it may touch, by GitHub's published arithmetic, before anything is read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    IntValueNode,
    VariableNode,
)

from tests.doubles.github.graphql.registry import failing

if TYPE_CHECKING:
    from graphql import DocumentNode, SelectionSetNode

_MOST_NODES = 500_000
_PAGE = 100


class Weighing:
    """Adds up one document: a request for each connection of each parent, a node for each item."""

    def __init__(self, document: DocumentNode, variables: dict[str, Any]) -> None:
        self._variables = variables
        parts = document.definitions
        self._fragments = {one.name.value: one for one in parts if isinstance(one, FragmentDefinitionNode)}
        self.requests = self.nodes = 0
        for one in parts:
            selection = getattr(one, "selection_set", None)
            if selection and not isinstance(one, FragmentDefinitionNode):
                self._add(selection, 1)
        if self.nodes > _MOST_NODES:
            message = (
                f"This query requests up to {self.nodes:,} possible nodes, more than the limit of {_MOST_NODES:,}."
            )
            raise failing("MAX_NODE_LIMIT_EXCEEDED", message)

    @property
    def cost(self) -> int:
        """Points; one at least."""
        return max(1, round(self.requests / _PAGE))

    def _add(self, selection: SelectionSetNode, parents: int) -> None:
        for one in selection.selections:
            if isinstance(one, FragmentSpreadNode):
                self._add(self._fragments[one.name.value].selection_set, parents)
            elif isinstance(one, InlineFragmentNode):
                self._add(one.selection_set, parents)
            elif isinstance(one, FieldNode) and one.selection_set:
                self._add_field(one, one.selection_set, parents)

    def _add_field(self, one: FieldNode, selection: SelectionSetNode, parents: int) -> None:
        size = self._size(one)
        names = {each.name.value for each in selection.selections if isinstance(each, FieldNode)}
        if size is None and names & {"nodes", "edges"}:
            name = one.name.value
            message = f"You must provide a `first` or `last` value to properly paginate the `{name}` connection."
            raise failing("MISSING_PAGINATION_BOUNDARIES", message)
        if size is not None:
            if not 0 < size <= _PAGE:
                message = (
                    f"Requesting {size} records on `{one.name.value}` exceeds the `first` limit of {_PAGE} records."
                )
                raise failing("EXCESSIVE_PAGINATION", message)
            self.requests += parents
            self.nodes += parents * size
        self._add(selection, parents * (size or 1))

    def _size(self, one: FieldNode) -> int | None:
        for argument in one.arguments or ():
            if argument.name.value in {"first", "last"}:
                if isinstance(argument.value, IntValueNode):
                    return int(argument.value.value)
                if isinstance(argument.value, VariableNode):
                    given = self._variables.get(argument.value.name.value)
                    if given is not None:
                        return int(given)
        return None
