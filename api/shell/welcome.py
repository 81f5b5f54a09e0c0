"""What a service that has begun says on standard output: where it is, and how to get in."""

from __future__ import annotations

import socket
from pathlib import Path
from shlex import quote

from sqlalchemy import make_url
from sqlmodel import Session, col, select

from api.failures import shown
from api.pages.links import MINUTES
from api.rights import ADMINISTRATOR, PLANNER
from api.settings import Settings
from api.shell.console import say
from api.shell.local_tokens import standing_link
from api.web.service import Service
from data.sentences import Language
from models.scope import EVERYTHING
from models.tables import Municipality, Organisation


def welcome(service: Service, listener: socket.socket, language: Language) -> list[str]:
    """Return the lines; what stands at the end can be run as it stands."""
    address = shown(_address(listener))
    lines = [
        say(language, "serving-at", place=address),
        say(language, "serving-data", place=shown(_data(service.settings))),
    ]
    if service.settings.local_tokens:
        with service.database.reading(EVERYTHING) as session:
            key, commands = _ways_in(session)
        folder = _folder(service.settings.data_dir)
        lines.append(say(language, key))
        lines += [f"    rotations token {command}{folder}" for command in commands]
        lines += _link(service, address, language)
    return lines


def _link(service: Service, address: str, language: Language) -> list[str]:
    """Return how whoever reads this signs in to the pages, where nobody else could."""
    settings = service.settings
    if settings.sign_in_issuer is not None:
        return []
    with service.database.reading(EVERYTHING) as session:
        first = _first(session)
    if first is None:
        return []
    path = standing_link(service.database, *first, service.clock())
    site = (settings.base_url or address).rstrip("/")
    return [say(language, "serving-link", minutes=MINUTES), f"    {site}{path}"]


def _first(session: Session) -> tuple[str, str] | None:
    """Return role and organisation of who comes first; None where nothing is registered."""
    municipality = session.exec(select(Municipality).order_by(col(Municipality.number))).first()
    if municipality is not None:
        return PLANNER, municipality.organisation
    registered = session.exec(select(Organisation).order_by(col(Organisation.number))).first()
    return (ADMINISTRATOR, registered.number) if registered else None


def _ways_in(session: Session) -> tuple[str, list[str]]:
    """Return what to say, and the options that make tokens for what is registered."""
    kept = select(Municipality).order_by(col(Municipality.number))
    municipality = session.exec(kept).first()
    if municipality is not None:
        organisation = f"--org {municipality.organisation}"
        return "serving-in", [
            f"--role planner {organisation}",
            f"--role coordinator {organisation} --municipality {municipality.number}",
        ]
    first = _first(session)
    return "serving-empty", [f"--role administrator --org {first[1] if first else 'NNNNNNNNN'}"]


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _data(settings: Settings) -> str:
    """Return where the data is, and no password of it."""
    if settings.database_url is None:
        return str(settings.data_dir)
    url = make_url(settings.database_url)
    return f"{url.get_backend_name()}, {url.database or ''} @ {url.host or ''}"


def _folder(folder: Path) -> str:
    return (
        ""
        if folder == Settings.model_fields["data_dir"].default
        else f" --data-dir {quote(str(folder))}"
    )
