"""The `[entra]` table of the configuration."""

from __future__ import annotations

from dataclasses import dataclass

from collector.source.rest.auth.microsoft import MicrosoftSettings

CLOUDS = {
    "commercial": ("login.microsoftonline.com", "https://graph.microsoft.com"),
    "us_government": ("login.microsoftonline.us", "https://graph.microsoft.us"),
    "us_government_dod": ("login.microsoftonline.us", "https://dod-graph.microsoft.us"),
    "china": ("login.chinacloudapi.cn", "https://microsoftgraph.chinacloudapi.cn"),
}
"""Microsoft's clouds: where tokens come from, and where Graph is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntraSettings(MicrosoftSettings):
    """What may be set. Patterns are those of a shell, and are compared in lower case."""

    cloud: str = "commercial"
    """commercial, us_government, us_government_dod or china."""
    client_secret: str = "env:ENTRA_CLIENT_SECRET"  # noqa: S105 - says where the secret is
    """`env:NAME` or `file:PATH`."""
    token: str = "env:ENTRA_TOKEN"  # noqa: S105 - says where the token is
    """A token that something else renews: `env:NAME` or `file:PATH`."""
    base_url: str = ""
    """Where Graph is, in place of the cloud's own, without its version."""
    service_accounts: tuple[str, ...] = ()
    """Patterns of the logins of users that are programs; Entra itself does not tell them apart."""
    break_glass: tuple[str, ...] = ()
    """Patterns of the logins of accounts kept for emergencies: each of their sign-ins is collected."""
    all_sign_ins: bool = False
    """Whether every sign-in is kept as a record, and not only those of break-glass accounts and old protocols."""

    def __post_init__(self) -> None:
        MicrosoftSettings.__post_init__(self)
        if self.cloud not in CLOUDS:
            raise ValueError(f"cloud must be one of {', '.join(CLOUDS)}, not {self.cloud!r}")

    @property
    def login_host(self) -> str:
        """The host that gives tokens."""
        return self.authority or CLOUDS[self.cloud][0]

    @property
    def graph(self) -> str:
        """The address of Graph, without its version: also the audience of tokens."""
        return (self.base_url or CLOUDS[self.cloud][1]).rstrip("/")

    @property
    def audience(self) -> str:
        """What tokens are asked for: Graph of this cloud, wherever it is reached."""
        return f"{CLOUDS[self.cloud][1]}/.default"
