"""How the organisation is set, and which scanning is on in each repository."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.model import Cause
from collector.records import Scanner, Setting
from connectors.github import github

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.answer import Answer
    from collector.source.rest.source import RestSource

ORGANISATION = "GET /orgs/{org}"
ACTIONS = "GET /orgs/{org}/actions/permissions"
WORKFLOW = "GET /orgs/{org}/actions/permissions/workflow"
REPOSITORIES = "GET /orgs/{org}/repos"
REPOSITORY = "GET /repos/{owner}/{repo}"
DEPENDENCY_ALERTS = "GET /repos/{owner}/{repo}/vulnerability-alerts"
CODE_SETUP = "GET /repos/{owner}/{repo}/code-scanning/default-setup"
_NAMES = {
    ORGANISATION: (
        "two_factor_requirement_enabled",
        "default_repository_permission",
        "members_can_create_public_repositories",
    ),
    ACTIONS: ("enabled_repositories", "allowed_actions"),
    WORKFLOW: ("default_workflow_permissions", "can_approve_pull_request_reviews"),
}
_FEATURES = {
    "secrets": "secret_scanning",
    "secrets_push": "secret_scanning_push_protection",
    "dependency_updates": "dependabot_security_updates",
}


@github.evidence("github.org.settings", yields=Setting, needs=[ORGANISATION, ACTIONS, WORKFLOW])
def settings(source: RestSource) -> Iterator[Setting]:
    """Organisation security settings.

    One row for each setting, in GitHub's own names, and the plan. GitHub leaves settings out for those who are no
    owners: each that is missing is a gap, and never read as off. Newer versions alone tell `outsiders_invited_by`
    (members, administrators): where it is left out there is no row.
    """
    for operation, names in _NAMES.items():
        found = source.look(operation)
        for name in names if found.seen else ():
            if found.get(name) is None and not _settled_elsewhere(name, found):
                source.gap(Cause.DENIED, f"{operation} {name}", "the answer leaves it out, as for one who is no owner")
            else:
                yield Setting(key=name, seen=[found], name=name, value=_text(found.get(name)))
        if operation == ORGANISATION:
            yield from _where_told(found)


@github.evidence(
    "github.security_features",
    yields=Scanner,
    needs=[REPOSITORIES, REPOSITORY, DEPENDENCY_ALERTS, CODE_SETUP],
)
def security_features(source: RestSource) -> Iterator[Scanner]:
    """Scanning features per repository.

    For every repository that is not archived, whether it is scanned for secrets, pushes with secrets are blocked,
    dependencies are watched and updated, and code is scanned by GitHub's default setup. Where the default setup is
    off, a workflow of the repository may still scan: that is unknown here.

    "Dependencies are not watched" is a 404 at GitHub: it is believed once another call that the same permission opens
    was answered.
    """
    live = [one for one in source.list(REPOSITORIES) if not one["archived"]]
    for one, found in source.each(
        live, lambda one: source.get(REPOSITORY, owner=source.scope.unit_id, repo=one["name"])
    ):
        features = found.get("security_and_analysis")
        if features is None:
            source.gap(
                Cause.DENIED, f"{one['full_name']} security_and_analysis", "left out: it is shown to admins only"
            )
        for kind, name in _FEATURES.items():
            yield _scanner(one, found, kind, ((features or {}).get(name) or {}).get("status"))
    for one, watched in source.each(
        live, lambda one: source.look(DEPENDENCY_ALERTS, owner=source.scope.unit_id, repo=one["name"])
    ):
        state = watched.tell(lambda answer: "disabled" if answer.absent else "enabled")
        yield _scanner(one, watched, "dependencies", state)
    for one, setup in source.each(
        live, lambda one: source.look(CODE_SETUP, owner=source.scope.unit_id, repo=one["name"])
    ):
        on = setup.get("state") == "configured"
        because = None if on or not setup.seen else "The default setup is off; a workflow may scan all the same."
        yield _scanner(one, setup, "code", "enabled" if on else None, because)


def _where_told(found: Answer) -> Iterator[Setting]:
    anyone = found.get("members_can_invite_outside_collaborators")
    told = {
        "outsiders_invited_by": None if anyone is None else "members" if anyone else "administrators",
        "plan": (found.get("plan") or {}).get("name"),
    }
    for name, value in told.items():
        if value is not None:
            yield Setting(key=name, seen=[found], name=name, value=value)


def _settled_elsewhere(name: str, found: Answer) -> bool:
    """Where Actions are off altogether, GitHub does not say which of them are allowed."""
    return name == "allowed_actions" and found.get("enabled_repositories") == "none"


def _text(value: object) -> str | None:
    if value is None:
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)


def _scanner(repository: Answer, seen: Answer, kind: str, state: str | None, because: str | None = None) -> Scanner:
    return Scanner(
        key=f"{repository['full_name']} {kind}",
        seen=[repository, seen],
        asset_id=repository["full_name"],
        kind=kind,
        state=state,
        because=because,
    )
