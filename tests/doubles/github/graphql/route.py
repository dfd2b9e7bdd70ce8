"""POST /graphql: the query is held against GitHub's own schema, weighed, and executed."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

from graphql import (
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    build_schema,
    execute_sync,
    get_named_type,
    is_abstract_type,
    is_scalar_type,
    parse,
    validate,
    visit,
)

from tests.doubles.github import limits
from tests.doubles.github.descriptions import NoDescriptionsError, graphql_schema
from tests.doubles.github.graphql import deployments, organisation, pulls, repository
from tests.doubles.github.graphql.cost import Weighing
from tests.doubles.github.graphql.registry import FIELDS, GENERIC, PERMISSIONS, Asked, Connection, connected, failing
from tests.doubles.github.routes import post
from tests.doubles.github.wire import Answer, RefusedError, shown

if TYPE_CHECKING:
    from graphql import DocumentNode, GraphQLResolveInfo

    from tests.doubles.github.wire import Request
    from tests.doubles.github.world import World

_DECLARED = (deployments, organisation, pulls, repository)  # imported for the fields they declare
_META = {"__typename", "__schema", "__type"}


@post("/graphql")
def graphql(world: World, request: Request) -> Answer:
    """Errors are told in a body of status 200, as GitHub does, beside whatever data there is."""
    if request.caller is None:
        raise RefusedError(401, "This endpoint requires you to be authenticated.")
    name = f"{request.caller.kind} {request.caller.name}"
    try:
        asked, document, variables, chosen = _read(world, request)
        bucket = world.limits.spend(name, "graphql", asked.cost)
    except GraphQLError as error:
        bucket = world.limits.bucket(name, "graphql")
        return shown({"errors": [_told(error)]}).having(*limits.headers(bucket, "graphql").items())
    except RefusedError as refused:
        spent = failing("RATE_LIMITED", str(refused))
        return shown({"errors": [_told(spent)]}).having(*refused.headers.items())
    made = execute_sync(
        schema(), document, context_value=asked, variable_values=variables, operation_name=chosen,
        field_resolver=_resolve, type_resolver=lambda value, _info, _kind: repository.type_of(value),
    )  # fmt: skip
    body: dict[str, Any] = {"data": made.data}
    if made.errors:
        body["errors"] = [_told(one) for one in made.errors]
    return shown(body).having(*limits.headers(bucket, "graphql").items())


@cache
def schema() -> GraphQLSchema:
    """GitHub's schema; its scalars are taken as they are given, which GitHub's own documentation calls strings."""
    try:
        made = build_schema(graphql_schema(), assume_valid=True, assume_valid_sdl=True)
    except NoDescriptionsError as error:
        raise RefusedError(503, f"the double has no GraphQL: {error}") from error
    return made


def _read(world: World, request: Request) -> tuple[Asked, DocumentNode, dict[str, Any], str | None]:
    try:
        given = json.loads(request.body)
        query, variables = given["query"], given.get("variables") or {}
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise RefusedError(400, "Problems parsing JSON") from error
    document = parse(query)
    if wrong := validate(schema(), document):
        raise wrong[0]
    for one in document.definitions:
        if isinstance(one, OperationDefinitionNode) and one.operation is not OperationType.QUERY:
            raise failing("FORBIDDEN", "the double only reads")
    _check_supported(document)
    weighed = Weighing(document, variables)
    return Asked(world, request, weighed.cost, weighed.nodes), document, variables, given.get("operationName")


def _check_supported(document: DocumentNode) -> None:
    """Refuse by name what the double does not hold, even where no item would come to be asked for it."""
    types = TypeInfo(schema())
    missing: set[str] = set()

    class Looking(Visitor):
        def enter_field(self, node: Any, *_: Any) -> None:
            parent, name = types.get_parent_type(), node.name.value
            if parent is None or name in _META:
                return
            generic = parent.name.endswith(("Connection", "Edge")) and name in GENERIC | {"node", "cursor"}
            if generic or parent.name == "PageInfo" or (parent.name, name) in FIELDS:
                return
            kinds = [one.name for one in schema().get_possible_types(parent)] if is_abstract_type(parent) else []
            if not kinds or not all((kind, name) in FIELDS for kind in kinds if kind in _HELD):
                missing.add(f"{parent.name}.{name}")

    visit(document, TypeInfoVisitor(types, Looking()))
    if missing:
        raise failing("DOUBLE_UNSUPPORTED", f"the double does not hold {', '.join(sorted(missing))}")


_HELD = {kind for kind, _ in FIELDS}


def _resolve(source: Any, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
    asked: Asked = info.context
    kind, name = info.parent_type.name, info.field_name
    needed = PERMISSIONS.get((kind, name))
    if needed and asked.request.caller and not asked.request.caller.may(needed):
        raise failing("FORBIDDEN", "Resource not accessible by integration")
    if isinstance(source, Connection) and name in GENERIC:
        return connected(source, name)
    if isinstance(source, dict):
        return source[name]
    return _scalar(info, FIELDS[kind, name](asked, source, arguments))


def _scalar(info: GraphQLResolveInfo[Any], value: Any) -> Any:
    if value is not None and is_scalar_type(get_named_type(info.return_type)) and hasattr(value, "strftime"):
        return f"{value:%Y-%m-%dT%H:%M:%SZ}"
    return value


def _told(error: GraphQLError) -> dict[str, Any]:
    told: dict[str, Any] = {**error.formatted}
    extensions = dict(told.pop("extensions", {}))
    kind = extensions.pop("type", None)
    if extensions:
        told["extensions"] = extensions
    return {"type": kind, **told} if kind else told
