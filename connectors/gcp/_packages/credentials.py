"""Google's credentials: what the file or the machine has, and perhaps the service account that it reads as.

google-auth does the signing in; what is here says which of its credentials. The scope is `cloud-platform`, since Cloud
Asset Inventory takes no narrower one: what the collector may do is limited by its role, and it sends nothing but reads.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from google.auth import aws, compute_engine, identity_pool, impersonated_credentials
from google.auth.credentials import DEFAULT_UNIVERSE_DOMAIN
from google.auth.exceptions import GoogleAuthError
from google.oauth2 import credentials as user
from google.oauth2 import service_account

from collector.errors import UsageError
from collector.source.rest.auth import google_file

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from google.auth.credentials import Credentials

    from connectors.gcp.settings import GcpSettings

SCOPES = (
    "https://www.googleapis.com/auth/cloud-platform",
    "https://www.googleapis.com/auth/userinfo.email",
)
# google-auth has no types here.
_MAKERS: dict[str, Any] = {
    "service_account": service_account.Credentials.from_service_account_info,
    "authorized_user": user.Credentials.from_authorized_user_info,
    "aws": aws.Credentials.from_info,
    "external_account": identity_pool.Credentials.from_info,
}
_of_the_machine: Callable[..., Credentials] = compute_engine.Credentials
_impersonated: Callable[..., Credentials] = impersonated_credentials.Credentials
_LEFT_BY_GCLOUD = ".config/gcloud/application_default_credentials.json"


def credentials(settings: GcpSettings, environment: Mapping[str, str]) -> Credentials:
    """The credentials to read with; UsageError when the settings name none that can be used."""
    place = settings.credentials_file or environment.get("GOOGLE_APPLICATION_CREDENTIALS", "") or _left(environment)
    info = google_file.read(place, "gcp")
    try:
        own = _own(info)
    except (ValueError, GoogleAuthError) as error:  # its text may quote the file
        raise UsageError(f"[gcp] {place} has no credentials for Google ({type(error).__name__})") from error
    if not settings.service_account:
        return own
    return _impersonated(own, settings.service_account, target_scopes=list(SCOPES))


def _own(info: Mapping[str, Any]) -> Credentials:
    kind = str(info.get("type") or "")
    if not kind:
        # The one universe that this connector's addresses are in; else google-auth would ask for it past our wire.
        return _of_the_machine(universe_domain=DEFAULT_UNIVERSE_DOMAIN, scopes=list(SCOPES))
    if kind == "external_account" and "aws" in str(info.get("subject_token_type")):
        kind = "aws"
    if kind not in _MAKERS:
        raise UsageError(f"[gcp] credentials_file: of the kind {kind!r}, which is not known here")
    # What a person signed in to with gcloud has the scopes that were asked for then.
    found: Credentials = _MAKERS[kind](info, **({} if kind == "authorized_user" else {"scopes": list(SCOPES)}))
    return found


def _left(environment: Mapping[str, str]) -> str:
    """What `gcloud auth application-default login` left in its usual place."""
    home = environment.get("CLOUDSDK_CONFIG", "")
    found = (
        Path(home) / "application_default_credentials.json"
        if home
        else Path(environment.get("HOME", "")) / _LEFT_BY_GCLOUD
    )
    return str(found) if (home or environment.get("HOME")) and found.is_file() else ""
