"""AWS Config's current state of resources, which moto keeps for answers that were prepared and nothing else."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from moto.config.models import config_backends

from tests.doubles.aws.refusals import RefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.doubles.aws.supplement.asked import Asked

RESOURCES = "config:resources"
_MOST = 100
_QUERY = re.compile(r"SELECT ([\w., ]+)")
# Limitations of advanced queries, in the Config Developer Guide; conditions are not asked for here.
_NEVER = re.compile(r"\b(FROM|AS|JOIN|DISTINCT|HAVING|ALL|WHERE|GROUP|ORDER)\b", re.IGNORECASE)


def select_resource_config(asked: Asked) -> Mapping[str, Any]:
    """The chosen properties of the region's resources, each a document; none where nothing was ever recorded."""
    query = _QUERY.fullmatch(asked.input["Expression"])
    if query is None or _NEVER.search(asked.input["Expression"]):
        raise RefusedError("InvalidExpressionException", "the double answers a plain SELECT of properties")
    if not 0 <= int(asked.input.get("Limit") or 0) <= _MOST:
        raise RefusedError("InvalidLimitException", f"Limit is at most {_MOST}")
    fields = [name.strip() for name in query[1].split(",")]
    recorders = config_backends[asked.call.account][asked.call.region].recorders
    items = asked.items(RESOURCES) if recorders else []
    results = [json.dumps({name: item[name] for name in fields if name in item}) for item in items]
    page = asked.page("Results", results, "NextToken", "Limit", _MOST)
    return {**page, "QueryInfo": {"SelectFields": [{"Name": name} for name in fields]}}
