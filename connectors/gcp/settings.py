"""The `[gcp]` table of the configuration."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_ROOT = re.compile(r"organizations/\d+|folders/\d+|projects/[a-z][a-z0-9:.-]{4,61}[a-z0-9]")


@dataclass(frozen=True, slots=True, kw_only=True)
class GcpSettings:
    """What may be set; every default works for the identity that Google's own tools would find."""

    roots: tuple[str, ...] = ()
    """What to read: `organizations/NUMBER`, `folders/NUMBER` or `projects/ID`.

    Empty: every organisation that the identity sees, or where it sees none, every project.
    """
    credentials_file: str = ""
    """A service account's key, a workload identity federation configuration, or what gcloud leaves; all in JSON.

    Empty: the file that GOOGLE_APPLICATION_CREDENTIALS names, what `gcloud auth application-default login` left, or
    the identity of the machine in Google's cloud.
    """
    service_account: str = ""
    """A service account to read as: the identity above may then only impersonate it."""
    principal: str = ""
    """Who we are, for an identity of which Google tells no address: one that is federated without a service account."""
    quota_project: str = ""
    """The project whose quota is used, and in which the APIs of a whole organisation must be on."""
    excluded_projects: dict[str, str] = field(default_factory=dict)
    """Projects of which no single call is asked, by id, each with the reason."""
    environments: dict[str, str] = field(default_factory=dict)
    """The environment of a project, by id, where neither the resource nor the project has a label for it."""
    environment_label: str = "environment"
    data_class_label: str = "data_class"
    owner_label: str = "owner"
    base_url: str = ""
    """An address of your own below which each of Google's hosts is a path: `…/cloudasset.googleapis.com/v1/…`."""
    timeout_seconds: int = 60
    attempts: int = 6
    """How often a call is sent at most, throttling and failures included."""

    def __post_init__(self) -> None:
        for root in self.roots:
            if not _ROOT.fullmatch(root):
                raise ValueError(f"roots: {root!r} is neither organizations/NUMBER, folders/NUMBER nor projects/ID")
