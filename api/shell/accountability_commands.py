"""Commands for what is kept of people: ``rotations audit | candidate | retain``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.failures import ExitCode, Misuse, shown
from api.shell.console import show_lines
from api.shell.surroundings import Folder, Spoken, served
from data.sentences import Language, sentence

if TYPE_CHECKING:
    from models.database import Database

accountability_commands = typer.Typer()
audit_commands = typer.Typer(
    name="audit", help="Who did and saw what.", no_args_is_help=True, add_completion=False
)
candidate_commands = typer.Typer(
    name="candidate", help="What is kept of one.", no_args_is_help=True, add_completion=False
)
accountability_commands.add_typer(audit_commands)
accountability_commands.add_typer(candidate_commands)

Candidate = Annotated[str, typer.Argument(help="Id of the candidate.")]
Municipality = Annotated[str, typer.Option(help="Number of her municipality.")]
_FATE = (("texts-go", True), ("texts-stay", False))
"""What is said of texts that name a candidate, and of those that may."""

Really = Annotated[bool, typer.Option("--really", help="Do it; else say what would be done.")]


@audit_commands.command(name="verify")
def verify_audit(
    head: Annotated[str | None, typer.Option(help="Hash of an entry, noted elsewhere.")] = None,
    number: Annotated[
        int | None, typer.Option(min=0, max=2**31 - 1, help="Number of that entry.")
    ] = None,
    data_dir: Folder = None,
    language: Spoken = "nb",
) -> None:
    """Follow the chain from the first entry; exit 1 where one was changed, left out or put in.

    So it does where an index does not lead to every entry, or a trigger that guards them is gone.

    What was cut off at the end shows beside a head noted elsewhere: --head and --number.
    """
    with _opened(language, data_dir) as database:
        from api.accountability.chain import Unknown, Unsound, verified
        from models.store.audit import Broken, Link

        if (head is None) != (number is None):
            raise Misuse("audit-head-half")
        noted = Link(number, head) if head is not None and number is not None else None
        try:
            last = verified(database, noted)
        except Broken as error:
            show_lines([_told(language, "broken", number=error.number)])
        except Unsound as error:
            show_lines([_told(language, f"unsound-{error.fault}")])
        except Unknown:
            show_lines([_told(language, "head-unknown", number=number)])
        else:
            show_lines([_told(language, "holds", entries=last.number)])
            return
        raise typer.Exit(ExitCode.BROKEN)


@audit_commands.command(name="head")
def show_head(data_dir: Folder = None, language: Spoken = "nb") -> None:
    """Print number and hash of the last entry: note them where nobody here can change them."""
    with _opened(language, data_dir) as database:
        from models.scope import EVERYTHING
        from models.store.audit import head

        with database.reading(EVERYTHING) as session:
            last = head(session)
        show_lines([f"{last.number} {last.hash}"])


@audit_commands.command()
def saw(
    candidate: Candidate,
    municipality: Annotated[
        str | None, typer.Option(help="Hers, where her id does not begin with it.")
    ] = None,
    data_dir: Folder = None,
    language: Spoken = "nb",
) -> None:
    """List who read or changed what about a candidate, by her id or as one of all.

    That you asked is entered too.
    """
    with _opened(language, data_dir) as database:
        from api.accountability.chain import seen
        from api.clock import utc_now

        show_lines(list(seen(database, candidate, municipality, utc_now())))


@candidate_commands.command()
def export(
    candidate: Candidate,
    municipality: Municipality,
    out: Annotated[Path, typer.Option(help="File, for its owner's eyes only.")],
    data_dir: Folder = None,
    language: Spoken = "nb",
) -> None:
    """Write everything that is kept about a candidate, as JSON."""
    with _opened(language, data_dir) as database:
        import json

        from api.accountability.erasure import UnknownCandidate, Whose, exported
        from api.clock import utc_now
        from data.atomic import write_file

        if out.exists():
            raise Misuse("exists", place=shown(out))
        try:
            document = exported(database, Whose(municipality, candidate), utc_now())
        except UnknownCandidate:
            raise Misuse("candidate-unknown") from None
        text = json.dumps(document, ensure_ascii=False, indent=2, sort_keys=True)
        write_file(out, text.encode() + b"\n")
        show_lines([sentence(language, "console.written", {"place": shown(out)})])


@candidate_commands.command(name="erase")
def erase_candidate(
    candidate: Candidate,
    municipality: Municipality,
    reason: Annotated[str, typer.Option(help="Why; entered in the audit, so name nobody.")],
    also: Annotated[
        list[str] | None, typer.Option(help="Place of a text that names her otherwise.")
    ] = None,
    really: Really = False,
    data_dir: Folder = None,
    language: Spoken = "nb",
) -> None:
    """Erase name, texts, wishes and links of a candidate; her id stays where plans hang on it.

    Every free text of her rounds and her municipality is listed by its place, and whether it goes.
    """
    with _opened(language, data_dir) as database:
        from api.accountability import erasure
        from api.clock import utc_now

        whose = erasure.Whose(municipality, candidate)
        try:
            done = erasure.erase(database, whose, reason, utc_now(), really=really, also=also or ())
        except erasure.UnknownCandidate:
            raise Misuse("candidate-unknown") from None
        except erasure.PlacementUnderway:
            raise Misuse("candidate-underway") from None
        except erasure.NamesHer:
            raise Misuse("reason-names-her") from None
        except erasure.UnknownText:
            raise Misuse("text-unknown") from None
        show_lines([*_counted(language, done.rows, really), *_listed(language, done.texts)])


@accountability_commands.command(name="retain")
def retain_rows(
    policy: Annotated[str, typer.Option(help="TOML file, or: defaults.")],
    really: Really = False,
    data_dir: Folder = None,
    language: Spoken = "nb",
) -> None:
    """Forget what a policy keeps no longer: names of rounds long over, rows that have served."""
    with _opened(language, data_dir) as database:
        from api.accountability.retention import Policy, UnfitPolicy, retain
        from api.clock import utc_now

        try:
            chosen = Policy.read(policy)
        except UnfitPolicy as error:
            raise Misuse("policy-unfit", lines=error.fields) from None
        show_lines(_counted(language, retain(database, chosen, utc_now(), really=really), really))


def _counted(language: Language, counts: Mapping[str, int], really: bool) -> list[str]:
    """Return what was done, or would be, in rows by table."""
    title = _told(language, "done" if really else "would-be")
    return [title, *(f"  {table}: {count}" for table, count in counts.items())]


def _listed(language: Language, texts: Mapping[str, bool]) -> list[str]:
    """Return the texts that stand with a candidate, those that go before those that stay."""
    parts = [(key, [place for place, goes in texts.items() if goes is gone]) for key, gone in _FATE]
    return [
        line
        for key, places in parts
        if places
        for line in (_told(language, key), *(f"  {place}" for place in places))
    ]


def _told(language: Language, key: str, **figures: object) -> str:
    return sentence(language, f"accountability.{key}", figures)


@contextmanager
def _opened(language: Language, data_dir: Path | None) -> Iterator[Database]:
    with served(language, data_dir) as settings:
        from api.running.opening import open_database, prepare

        with closing(open_database(settings)) as database:
            prepare(database)
            yield database
