"""A client that a program of others makes from the service's document, and nothing else."""

from __future__ import annotations

import importlib
import inspect
import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType, UnionType
from typing import Any

GENERATOR = Path(sys.executable).with_name("openapi-python-client")

NOT_READ = "application/(atom\\+xml|zip|vnd.openxmlformats-officedocument.spreadsheetml.sheet)"
"""Kinds of files that the generator leaves to its user."""


@dataclass(frozen=True)
class Interface:
    """The generated package: a module of functions for each operation, by the operation's id."""

    package: ModuleType
    modules: dict[str, ModuleType]
    callers: list[Caller] = field(default_factory=list)

    def caller(self, url: str, token: str) -> Caller:
        """Return somebody who calls a service, until everybody is told to hang up."""
        caller = Caller(self, self.package.AuthenticatedClient(base_url=url, token=token))
        self.callers.append(caller)
        return caller

    def hang_up(self) -> None:
        """Close every connection."""
        while self.callers:
            self.callers.pop().client.get_httpx_client().close()

    def signature(self, operation: str) -> inspect.Signature:
        """Return the signature of an operation's function."""
        return inspect.signature(self.modules[operation].sync_detailed)

    def body(self, operation: str, values: dict[str, Any]) -> Any:
        """Return a body of the generated class."""
        wanted = self.signature(operation).parameters["body"].annotation
        choices = wanted.__args__ if isinstance(wanted, UnionType) else (wanted,)
        (form,) = (choice for choice in choices if hasattr(choice, "from_dict"))
        return form.from_dict(values)


@dataclass(frozen=True)
class Caller:
    """Somebody with a token, who calls operations by their ids."""

    interface: Interface
    client: Any

    def __call__(
        self, operation: str, *names: str, body: dict[str, Any] | None = None, **more: Any
    ) -> Any:
        """Call an operation; `more` are the other parameters of the generated function."""
        if body is not None:
            more["body"] = self.interface.body(operation, body)
        function = self.interface.modules[operation].sync_detailed
        return function(*names, client=self.client, **more)


def generated(document: dict[str, Any], folder: Path) -> tuple[Path, str]:
    """Generate the client in a folder; return where it is, and what the generator said."""
    described = folder / "openapi.json"
    described.write_text(json.dumps(document), encoding="utf-8")
    package = folder / "rotations_client"
    words = ["generate", "--path", described, "--output-path", package, "--meta", "none"]
    path = os.pathsep.join([str(GENERATOR.parent), os.environ["PATH"]])
    said = subprocess.run(
        [str(GENERATOR), *map(str, words)], cwd=folder, env=os.environ | {"PATH": path},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return package, said.stdout + said.stderr


def imported(package: Path) -> Interface:
    """Return the generated package, whose folder is on the path of modules."""
    modules = {
        file.stem: importlib.import_module(f"{package.name}.api.{file.parent.name}.{file.stem}")
        for file in package.glob("api/*/*.py")
        if file.stem != "__init__"
    }
    return Interface(importlib.import_module(package.name), modules)


def complaints(said: str) -> list[str]:
    """Return what the generator could not do, but for what is left to its user."""
    told = re.findall(
        r"^(?:Cannot|Could not|Unable|Unsupported|ERROR|Attempted).*$", said, re.MULTILINE
    )
    return [line for line in told if not re.search(NOT_READ, line)]
