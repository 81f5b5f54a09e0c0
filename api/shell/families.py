"""Commands by family: those that are not asked for are neither loaded nor built."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from typer import Typer
from typer.core import TyperGroup
from typer.main import get_group


class Families(TyperGroup):
    """The commands it was made of at once; once another one, or all, are asked for, the rest."""

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return the command of a name, None where there is none."""
        if cmd_name not in self.commands:
            self._complete()
        return super().get_command(ctx, cmd_name)

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names of all commands, as help shows them."""
        self._complete()
        return super().list_commands(ctx)

    def _complete(self) -> None:
        for family in _others():
            self.commands.update(get_group(family).commands)


def _others() -> Iterator[Typer]:
    from api.shell.accountability_commands import accountability_commands
    from api.shell.capacity_commands import capacity_commands
    from api.shell.keeping_commands import keeping_commands
    from api.shell.plan_commands import plan_commands
    from api.shell.scenario_commands import scenario_commands
    from api.shell.service_commands import service_commands

    yield from (service_commands, keeping_commands, accountability_commands)
    yield from (plan_commands, scenario_commands, capacity_commands)
