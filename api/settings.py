"""The environment, read here and nowhere else."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from api.schedule import Schedule


def wants_tracebacks() -> bool:
    """Tell whether ``ROTATIONS_DEBUG=1`` asks for tracebacks beside incident ids."""
    return os.environ.get("ROTATIONS_DEBUG") == "1"


_POSTGRESQL = frozenset({"postgres", "postgresql", "postgresql+psycopg"})


class Settings(BaseSettings):
    """How the service runs: ``ROTATIONS_…`` in the environment, and ``DATABASE_URL``.

    Attributes
    ----------
    database_url
        ``postgresql://…``; None = an SQLite file in `data_dir`. It may hold a password.
    data_dir
        Folder of the embedded database and the local signing key.
    issuers
        TOML file of the token issuers that are trusted beside the local key.
    local_tokens
        Whether tokens signed with the local key are accepted.
    solve_seconds
        Longest search of one plan, in seconds; also what a plan gets that asks for no limit.
    solve_mebibytes
        Memory of the process that solves, in MiB.
    lease_seconds
        A worker that has not been seen for so long has lost its work.
    attempts
        How often a plan is begun before it is given up.
    body_mebibytes, import_mebibytes
        Largest body of a request, and of an imported round, in MiB.
    requests_per_minute
        Requests of one subject in a minute; those without a valid token count by address.
    base_url
        Where people reach the service, for links in feeds; None = as the request says.
    sign_in_issuer
        Whose people sign in to the pages by OpenID Connect: one of the issuers in `issuers`; None =
        by local links alone.
    sign_in_client
        What that issuer calls this service; given together with `sign_in_issuer`.
    sign_in_secret
        The client's secret; None = a client without one.
    sign_in_scopes
        What is asked of that issuer, parted by blanks; ``openid`` is among it.
    session_hours, session_idle_minutes
        How long somebody stays signed in, and how long without coming back.
    https
        Whether people reach the service by https alone: then browsers are told to insist on it.
    proxies
        Addresses, parted by commas, of the proxies in front, which say where a caller is; None =
        callers come by themselves.
    log_key
        Makes the pseudonyms of callers in logs, the same on every replica; None = each process
        makes its own.
    smtp_url
        Mail server, as ``smtp://user:password@host:port``, spoken to under TLS (STARTTLS) unless it
        is on this machine; None = e-mail waits.
    mail_from
        Role's address that e-mail comes from; given together with `smtp_url`.
    loopback_webhooks
        Whether webhooks may lead to this machine, for trying them out; never to a private network.
    batch
        When every locked round is planned, in Norway, as ``01-15,04-15 02:30``; None = when asked.
    telemetry_endpoint
        Where traces and metrics go by OTLP/HTTP, from OTEL_EXPORTER_OTLP_ENDPOINT; None = nowhere.
    """

    model_config = SettingsConfigDict(
        env_prefix="ROTATIONS_", extra="ignore", hide_input_in_errors=True
    )

    database_url: str | None = Field(default=None, validation_alias="DATABASE_URL", repr=False)
    data_dir: Path = Path("var")
    issuers: Path | None = None
    local_tokens: bool = True
    solve_seconds: float = Field(default=300.0, gt=0, le=86_400)
    solve_mebibytes: int = Field(default=4096, ge=512)
    lease_seconds: float = Field(default=20.0, ge=1, le=50)
    attempts: int = Field(default=3, ge=1, le=10)
    body_mebibytes: int = Field(default=4, ge=1, le=64)
    import_mebibytes: int = Field(default=32, ge=1, le=64)
    requests_per_minute: int = Field(default=1200, ge=1)
    base_url: str | None = None
    sign_in_issuer: str | None = None
    sign_in_client: str | None = None
    sign_in_secret: SecretStr | None = None
    sign_in_scopes: str = "openid"
    session_hours: int = Field(default=10, ge=1, le=24)
    session_idle_minutes: int = Field(default=60, ge=5, le=1440)
    https: bool = False
    proxies: str | None = None
    log_key: SecretStr | None = None
    smtp_url: SecretStr | None = None
    mail_from: str | None = None
    loopback_webhooks: bool = False
    batch: str | None = None
    telemetry_endpoint: str | None = Field(
        default=None, validation_alias="OTEL_EXPORTER_OTLP_ENDPOINT"
    )

    @field_validator("database_url")
    @classmethod
    def _by_psycopg(cls, text: str | None) -> str | None:
        """Take the addresses that PostgreSQL's own programs know as well."""
        if not text:
            return None
        from sqlalchemy.engine import make_url  # most commands need no database
        from sqlalchemy.exc import ArgumentError

        try:
            url = make_url(text)
        except ArgumentError:
            raise ValueError("no address of a database") from None
        if url.drivername in _POSTGRESQL:
            url = url.set(drivername="postgresql+psycopg")
        elif url.drivername != "sqlite":
            raise ValueError("no database that is known")
        return url.render_as_string(hide_password=False)

    @field_validator("smtp_url")
    @classmethod
    def _of_mail_server(cls, secret: SecretStr | None) -> SecretStr | None:
        """Take what names a server, and nothing that would be left out."""
        if secret is None or not secret.get_secret_value():
            return None
        try:
            parts = urlsplit(secret.get_secret_value())
            known = parts.scheme == "smtp" and bool(parts.hostname) and parts.port != 0
        except ValueError:
            known = False
        if not known or parts.path.strip("/") or parts.query or parts.fragment:
            raise ValueError("no address of a mail server")
        return secret

    @model_validator(mode="after")
    def _sent_by_somebody(self) -> Self:
        if (self.smtp_url is None) != (self.mail_from is None):
            raise ValueError("ROTATIONS_SMTP_URL and ROTATIONS_MAIL_FROM are given together")
        return self

    @model_validator(mode="after")
    def _known_to_the_issuer(self) -> Self:
        if (self.sign_in_issuer is None) != (self.sign_in_client is None):
            raise ValueError("ROTATIONS_SIGN_IN_ISSUER and ROTATIONS_SIGN_IN_CLIENT go together")
        if self.sign_in_issuer is not None and self.base_url is None:
            raise ValueError("ROTATIONS_SIGN_IN_ISSUER needs ROTATIONS_BASE_URL to come back to")
        return self

    @field_validator("batch")
    @classmethod
    def _scheduled(cls, text: str | None) -> str | None:
        """Take days and a time, or nothing."""
        if not text:
            return None
        Schedule.read(text)
        return text
