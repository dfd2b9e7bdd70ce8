"""Which scanning is on: Dependabot's alerts, code scanning's default set-up, and configurations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.doubles.github.paging import Page, cursor_page_of
from tests.doubles.github.routes import get
from tests.doubles.github.wire import Answer, absent, moment
from tests.doubles.github.world import WEB

if TYPE_CHECKING:
    from tests.doubles.github.wire import Request
    from tests.doubles.github.world import World

_PARTS = (
    "advanced_security", "dependency_graph", "dependabot_alerts", "dependabot_security_updates",
    "code_scanning_default_setup", "secret_scanning", "secret_scanning_push_protection",
)  # fmt: skip


@get("/repos/{owner}/{repo}/vulnerability-alerts", "administration:read")
def vulnerability_alerts(world: World, request: Request) -> Answer:
    """204 says on, 404 says off: the same 404 as of a repository that is not there."""
    if not world.repo(request).features.get("dependabot"):
        raise absent()
    return Answer(204, b"", ())


@get("/repos/{owner}/{repo}/code-scanning/default-setup", "administration:read", plan="code_scanning")
def default_setup(world: World, request: Request) -> dict[str, Any]:
    repo = world.repo(request)
    if not repo.features.get("code_scanning"):
        return {
            "state": "not-configured",
            "languages": [],
            "query_suite": "default",
            "updated_at": None,
            "schedule": None,
        }
    told = {"state": "configured", "languages": [(repo.language or "python").lower().replace("hcl", "actions")]}
    return told | {"query_suite": "default", "updated_at": moment(world.org.start), "schedule": "weekly"}


@get("/orgs/{org}/code-security/configurations", "organization_administration:read")
def configurations(world: World, request: Request) -> Page:
    at, url = moment(world.org.start), f"{request.base}/orgs/{world.org.login}/code-security/configurations/1"
    one = {
        "id": 1,
        "name": "Northwind",
        "target_type": "organization",
        "description": "All on",
        "enforcement": "enforced",
    }
    one |= dict.fromkeys(_PARTS, "enabled") | {"url": url, "created_at": at, "updated_at": at}
    one["html_url"] = f"{WEB}/organizations/{world.org.login}/settings/security_products/configurations/edit/1"
    return cursor_page_of(request, [one], key=lambda each: str(each["id"]))
