"""Who did what, as the audit's page says it: no code stands alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from api.accountability.chain import BACKUP, SAW
from api.accountability.erasure import ERASING, EXPORTED
from api.accountability.retention import BY as RETAINING
from api.pages.deciding.acting import Actors, operations
from api.pages.register import Register
from api.pages.rendering import text
from api.rights import RIGHTS
from data.sentences import LANGUAGES, Language
from models.store.work import ENDINGS, SERVICE

COMMANDS = {each.removeprefix("rotations ") for each in (BACKUP, SAW, EXPORTED, ERASING, RETAINING)}
OF_THE_SERVICE = {f"{ending}_{what}" for ending in ENDINGS.values() for what in ("plan", "study")}
ELSE = {"expire_offer", "batch", "sample", "token", "link", "serve"}
"""What else is entered by whoever is no caller of the interface."""


@dataclass(frozen=True)
class Reader:
    """A page's reader, as far as words for actors ask."""

    language: Language
    subject: str = "issuer|auditor"

    @property
    def principal(self) -> Reader:
        return self

    def text(self, key: str, **values: object) -> str:
        return text(self.language, key, **values)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_operation_is_told_in_words(language: Language) -> None:
    told: Any = operations(Reader(language))  # type: ignore[arg-type]
    assert told.keys() == {*RIGHTS} | COMMANDS | OF_THE_SERVICE | ELSE
    assert [code for code, words in told.items() if "_" in words or not words[0].isupper()] == []
    assert len({*told.values()}) == len(told)


def right(role: str, **named: str) -> dict[str, str | None]:
    absent = {"unit": None, "municipality": None}
    return {"role": role, "organisation": "983974880", **absent, **named}


@pytest.mark.parametrize(
    ("actor", "acting", "words", "mark"),
    [
        ("issuer|auditor", [right("auditor")], "Du", None),
        ("issuer|123456789", [right("planner")], "Planlegger, Foretaket", "…456789"),
        ("issuer|kari", [right("coordinator", municipality="5601")], "Koordinator, Alta", "…kari"),
        ("issuer|x", [right("candidate", municipality="9999")], "Kandidat, 9999", "…x"),
        ("issuer|x", [right("unit_leader", unit="u")], "Enhetsleder, Medisin, Sykehuset", "…x"),
        ("issuer|x", [], "En som har hatt en rettighet", "…x"),
        (SERVICE, [], "Arbeideren som lager planer", None),
        (EXPORTED, [], f"Kommandoen «{EXPORTED}»", None),
    ],
)
def test_whoever_did_it_has_a_role_or_a_name(
    actor: str, acting: list[Any], words: str, mark: str | None
) -> None:
    register = Register(
        {"u": {"name": "Medisin", "site": "s"}},
        {"s": {"name": "Sykehuset"}},
        {"983974880": {"name": "Foretaket"}},
    )
    said = Actors(Reader("nb"), register, {"5601": "Alta"})  # type: ignore[arg-type]
    found = said.of({"actor": actor, "acting": acting})
    assert (found.words, found.mark) == (words, mark)
