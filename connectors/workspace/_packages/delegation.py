"""Google's credentials for acting in an administrator's name: by a key, or without one through signJwt.

google-auth does the signing in; what is here says which of its credentials, and never with more than one scope.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from google.auth import aws, compute_engine, identity_pool, impersonated_credentials
from google.auth.credentials import DEFAULT_UNIVERSE_DOMAIN
from google.auth.exceptions import GoogleAuthError
from google.oauth2 import service_account

from collector.errors import UsageError
from collector.source.rest.auth import google_file

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from google.auth.credentials import Credentials

    from connectors.workspace.settings import WorkspaceSettings

_SIGNING = "https://www.googleapis.com/auth/iam"
"""What the source of a keyless delegation asks for: to have a claim signed."""
# google-auth has no types here.
_service_account: Callable[..., Any] = service_account.Credentials.from_service_account_info
_of_aws: Callable[..., Credentials] = aws.Credentials.from_info
_of_a_pool: Callable[..., Credentials] = identity_pool.Credentials.from_info
_of_the_machine: Callable[..., Credentials] = compute_engine.Credentials
_impersonated: Callable[..., Credentials] = impersonated_credentials.Credentials


def delegation(settings: WorkspaceSettings, environment: Mapping[str, str]) -> Callable[[str], Credentials]:
    """What makes credentials of one scope in the administrator's name; UsageError when the settings name none."""
    place = settings.credentials_file or environment.get("GOOGLE_APPLICATION_CREDENTIALS", "")
    info = google_file.read(place, "gws")
    by_key = info.get("type") == "service_account" and not settings.service_account
    if not by_key and not settings.service_account:
        raise UsageError("[gws] service_account: without a key, name the service account that has the delegation")
    try:
        if by_key:
            held = _service_account(info)
            return lambda scope: held.with_scopes([scope]).with_subject(settings.subject)
        source = _source(info)
    except (ValueError, GoogleAuthError) as error:  # its text may quote the file
        raise UsageError(f"[gws] {place} has no credentials for Google ({type(error).__name__})") from error
    return lambda scope: _impersonated(
        source, settings.service_account, target_scopes=[scope], subject=settings.subject
    )


def _source(info: Mapping[str, Any]) -> Credentials:
    """Who has the claim signed: another service account, a workload of another cloud, or this machine."""
    found: Credentials
    match info.get("type"):
        case "service_account":
            found = _service_account(info, scopes=[_SIGNING])
        case "external_account" if "aws" in str(info.get("subject_token_type")):
            found = _of_aws(info, scopes=[_SIGNING])
        case "external_account":
            found = _of_a_pool(info, scopes=[_SIGNING])
        case None:
            # Delegation exists in this universe alone; else google-auth would ask for it past our wire.
            found = _of_the_machine(universe_domain=DEFAULT_UNIVERSE_DOMAIN)
        case kind:
            raise UsageError(f"[gws] credentials_file: of the kind {kind!r}, which cannot act for an administrator")
    return found
