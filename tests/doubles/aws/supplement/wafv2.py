"""WAF: web ACLs in pages, and the resources that one guards, which moto lacks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.wafv2.models import wafv2_backends

from tests.doubles.aws.refusals import RefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.doubles.aws.supplement.asked import Asked

_MOST = 100
_KINDS = {"APPLICATION_LOAD_BALANCER": ":loadbalancer/app/", "API_GATEWAY": ":/restapis/"}
_GLOBAL = ("CLOUDFRONT", "us-east-1")


def list_web_acls(asked: Asked) -> Mapping[str, Any]:
    """The ACLs of a scope by name; a page with any has a marker behind it, also the last one, as at AWS."""
    size = int(asked.input.get("Limit") or _MOST)
    if not 1 <= size <= _MOST:
        raise RefusedError("WAFInvalidParameterException", "Limit must be between 1 and 100")
    if asked.input["Scope"] == _GLOBAL[0] and asked.call.region != _GLOBAL[1]:
        raise RefusedError("WAFInvalidParameterException", "The scope is not valid in this region")
    marker = asked.input.get("NextMarker") or ""
    known = sorted(_acls(asked, asked.input["Scope"]), key=lambda acl: str(acl.name))
    page = [acl.to_short_dict() for acl in known if acl.name > marker][:size]
    listed = [{name: value for name, value in acl.items() if value is not None} for acl in page]
    return {"WebACLs": listed, **({"NextMarker": page[-1]["Name"]} if page else {})}


def list_resources_for_web_acl(asked: Asked) -> Mapping[str, Any]:
    """What one ACL is before, of one kind of resource: load balancers unless another is asked for."""
    kind = asked.input.get("ResourceType") or "APPLICATION_LOAD_BALANCER"
    for acl in _acls(asked, "REGIONAL"):
        if acl.arn == asked.input["WebACLArn"]:
            return {"ResourceArns": [arn for arn in acl.associated_resources if _KINDS.get(kind, "none") in arn]}
    raise RefusedError("WAFNonexistentItemException", "WAF couldn't perform the operation: no such resource")


def _acls(asked: Asked, scope: str) -> list[Any]:
    region = "global" if scope == _GLOBAL[0] else asked.call.region
    return list(wafv2_backends[asked.call.account][region].wacls.values())
