"""What a service that has begun says on standard output: where it is, and how to get in."""

from __future__ import annotations

import socket
from pathlib import Path
from shlex import quote

from sqlalchemy import make_url
from sqlmodel import Session, col, select

from api.failures import shown
from api.settings import Settings
from api.shell.console import say
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
    return lines


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
    registered = session.exec(select(Organisation).order_by(col(Organisation.number))).first()
    number = registered.number if registered else "NNNNNNNNN"
    return "serving-empty", [f"--role administrator --org {number}"]


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
