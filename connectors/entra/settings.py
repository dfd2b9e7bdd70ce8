"""The `[entra]` table of the configuration."""

from __future__ import annotations

from dataclasses import dataclass

CLOUDS = {
    "commercial": ("login.microsoftonline.com", "https://graph.microsoft.com"),
    "us_government": ("login.microsoftonline.us", "https://graph.microsoft.us"),
    "us_government_dod": ("login.microsoftonline.us", "https://dod-graph.microsoft.us"),
    "china": ("login.chinacloudapi.cn", "https://microsoftgraph.chinacloudapi.cn"),
}
"""Microsoft's clouds: where tokens come from, and where Graph is."""
WAYS = ("client_secret", "certificate", "managed_identity", "workload_identity", "default", "token")


@dataclass(frozen=True, slots=True, kw_only=True)
class EntraSettings:
    """What may be set. Patterns are those of a shell, and are compared in lower case."""

    cloud: str = "commercial"
    """commercial, us_government, us_government_dod or china."""
    sign_in: str = "default"
    """client_secret, certificate, managed_identity, workload_identity, token; default: as Azure's own tools find it."""
    tenant_id: str = ""
    """The tenant; for a client secret and a certificate."""
    client_id: str = ""
    """The application; for a client secret and a certificate, or to choose among managed identities."""
    client_secret: str = "env:ENTRA_CLIENT_SECRET"  # noqa: S105 - says where the secret is
    """`env:NAME` or `file:PATH`."""
    certificate_file: str = ""
    """The application's certificate and private key, in one PEM file."""
    token: str = "env:ENTRA_TOKEN"  # noqa: S105 - says where the token is
    """A token that something else renews: `env:NAME` or `file:PATH`."""
    authority: str = ""
    """The host that gives tokens, in place of the cloud's own."""
    base_url: str = ""
    """Where Graph is, in place of the cloud's own, without its version."""
    service_accounts: tuple[str, ...] = ()
    """Patterns of the logins of users that are programs; Entra itself does not tell them apart."""
    break_glass: tuple[str, ...] = ()
    """Patterns of the logins of accounts kept for emergencies: each of their sign-ins is collected."""
    all_sign_ins: bool = False
    """Whether every sign-in is kept as a record, and not only those of break-glass accounts and old protocols."""
    timeout_seconds: int = 60
    attempts: int = 6
    """How often a call is sent at most, throttling and failures included."""
    reserve_percent: int = 20
    """How much of each quota is left to the tenant's other programs."""

    def __post_init__(self) -> None:
        if self.cloud not in CLOUDS:
            raise ValueError(f"cloud must be one of {', '.join(CLOUDS)}, not {self.cloud!r}")
        if self.sign_in not in WAYS:
            raise ValueError(f"sign_in must be one of {', '.join(WAYS)}, not {self.sign_in!r}")
        if self.sign_in in {"client_secret", "certificate"} and not (self.tenant_id and self.client_id):
            raise ValueError(f"sign_in by {self.sign_in} takes tenant_id and client_id")
        if self.sign_in == "certificate" and not self.certificate_file:
            raise ValueError("sign_in by certificate takes certificate_file")
        if not 0 <= self.reserve_percent <= 90:  # noqa: PLR2004 - the limits are this very check
            raise ValueError(f"reserve_percent must be from 0 to 90, not {self.reserve_percent}")

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
