"""Webhooks of organisations and municipalities, as they are sent and answered."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from api.schemas.fields import Answer, Instant, MunicipalityNumber, OrganisationNumber
from data.forms.fields import Form, Text, described

MAX_URL = 2_000


class WebhookForm(Form):
    """An address that an organisation, or a municipality, is told of what concerns it."""

    organisation: OrganisationNumber | None = described(
        "Organisation number, of a webhook of an organisation.", "983974880", default=None
    )
    municipality: MunicipalityNumber | None = described(
        "Number of the municipality, of a webhook of a municipality.", None, default=None
    )
    url: Annotated[Text, StringConstraints(max_length=MAX_URL)] = described(
        "Where notices are sent, by https to a public address; redirects are not followed.",
        "https://hooks.finnmarkssykehuset.example/rotations",
    )


class WebhookAnswer(Answer):
    """A webhook."""

    id: str = described("Id of the webhook.", "5f0c1e2d3b4a59687766554433221100")
    organisation: str | None = described("The organisation whose it is.", "983974880")
    municipality: str | None = described("The municipality whose it is.", None)
    url: str = described(
        "Where notices are sent.", "https://hooks.finnmarkssykehuset.example/rotations"
    )
    made_at: Instant = described("When it was registered.", "2026-11-02T09:00:00Z")


class NewWebhookAnswer(WebhookAnswer):
    """A webhook that was registered just now."""

    secret: str = Field(
        description="Signs what is sent, as Standard Webhooks says (v1, HMAC-SHA256). Shown once.",
        examples=["whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="],
    )
