"""What Google says of rights: the policies of a bucket and of its project, and what each role in them gives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from google.api_core.exceptions import GoogleAPICallError
from google.auth.transport.requests import AuthorizedSession

from collector.archive.gcs_calls import POLICY, ROLES, credentials, watching_credentials
from collector.archive.patience import CONNECT_SECONDS, READ_SECONDS
from collector.errors import ArchiveError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from collector.archive.gcs_calls import GcsCalls

_MANAGER = "https://cloudresourcemanager.googleapis.com"
_STORAGE = "https://storage.googleapis.com"
_ROLES = "https://iam.googleapis.com"
_OK, _FORBIDDEN = 200, 403
_CONDITIONS = 3
"""The version of a policy that has its conditions; an older one is refused or lacks them."""


class RefusedError(ArchiveError):
    """Google answered, and not with what was asked."""

    def __init__(self, asked: str, status: int) -> None:
        super().__init__(f"{asked} was refused: {status}")
        self.status = status


def project_policy(calls: GcsCalls, project: int) -> Mapping[str, Any]:
    """The project's own policy; what is above it is not in it."""
    asked = f"GetIamPolicy of project {project}"
    base = calls.bucket.endpoint or _MANAGER
    # The library has no types.
    with AuthorizedSession(watching_credentials(calls.bucket)) as session:  # type: ignore[no-untyped-call]
        body = {"options": {"requestedPolicyVersion": _CONDITIONS}}
        return _policy(asked, _sent(calls, session, "POST", f"{base}/v1/projects/{project}:getIamPolicy", asked, body))


def bucket_policy(calls: GcsCalls) -> Mapping[str, Any]:
    """The bucket's own policy, with what its access list gives, which Google tells as bindings of legacy roles."""
    asked = f"GetIamPolicy of {calls.bucket}"
    name = quote(calls.bucket.name, safe="")
    url = f"{calls.bucket.endpoint or _STORAGE}/storage/v1/b/{name}/iam?optionsRequestedPolicyVersion={_CONDITIONS}"
    with AuthorizedSession(credentials(calls.bucket, POLICY)) as session:  # type: ignore[no-untyped-call]
        return _policy(asked, _sent(calls, session, "GET", url, asked))


def permissions_of(calls: GcsCalls, roles: Iterable[str]) -> dict[str, frozenset[str] | ArchiveError]:
    """What each role gives; or why that could not be read, for those of which it could not."""
    found: dict[str, frozenset[str] | ArchiveError] = {}
    base = calls.bucket.endpoint or _ROLES
    with AuthorizedSession(watching_credentials(calls.bucket, ROLES)) as session:  # type: ignore[no-untyped-call]
        for role in roles:
            asked = f"Get of {role}"
            try:
                answer = _sent(calls, session, "GET", f"{base}/v1/{quote(role)}", asked)
                found[role] = _included(asked, role, answer)
            except ArchiveError as error:
                found[role] = error
    return found


def denied(error: ArchiveError) -> bool:
    """Whether it was for a right that lacks."""
    by_library = isinstance(error.__cause__, GoogleAPICallError) and error.__cause__.code == _FORBIDDEN
    return by_library or (isinstance(error, RefusedError) and error.status == _FORBIDDEN)


def _sent(calls: GcsCalls, session: Any, verb: str, url: str, asked: str, body: Any = None) -> Any:  # noqa: ANN401 - JSON
    with calls.explained(asked):
        response = session.request(verb, url, json=body, timeout=(CONNECT_SECONDS, READ_SECONDS))
    if response.status_code != _OK:
        raise RefusedError(asked, response.status_code)
    try:
        return response.json()
    except ValueError as error:
        raise ArchiveError(f"{asked} was answered by something else") from error


def _policy(asked: str, answer: Any) -> Mapping[str, Any]:  # noqa: ANN401 - any JSON value
    """A policy always has its etag; what has none is no policy, and says nothing of anybody."""
    bindings = answer.get("bindings", []) if isinstance(answer, dict) and "etag" in answer else None
    if not isinstance(bindings, list) or not all(isinstance(one, dict) and one.get("role") for one in bindings):
        raise ArchiveError(f"{asked} was answered by something else")
    found: Mapping[str, Any] = answer
    return found


def _included(asked: str, role: str, answer: Any) -> frozenset[str]:  # noqa: ANN401 - any JSON value
    """A role that is deleted gives nothing; one that says not even its name is no answer."""
    if not isinstance(answer, dict) or answer.get("name") != role:
        raise ArchiveError(f"{asked} was answered by something else")
    return frozenset() if answer.get("deleted") else frozenset(map(str, answer.get("includedPermissions", ())))
