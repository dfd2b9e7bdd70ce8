from __future__ import annotations

import importlib

_MODULES = (
    "apps", "organisation", "teams", "repositories", "access", "branches", "rulesets", "pulls", "commits", "checks",
    "actions", "deployments", "alerts", "features", "grants", "issues", "contents", "audit",
)  # fmt: skip


def load_routes() -> None:
    """Import every module here, each of which declares its routes, and the one of GraphQL."""
    for name in _MODULES:
        importlib.import_module(f"tests.doubles.github.rest.{name}")
    importlib.import_module("tests.doubles.github.graphql.route")
