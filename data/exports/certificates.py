"""A certificate as files: the programs, an index for machines, the plan, and a guide.

Candidates go by id. The guide stands in every language, since nobody knows who will check;
its texts lie in ``data/exports/templates``.
"""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from data.atomic import write_files
from data.documents import write_document, write_plan
from data.exports.mps import Programs
from data.exports.report import environment
from data.sentences import LANGUAGES, Language
from data.wording import tier_name
from scheduler.certificate import Certificate, Program, certificate
from scheduler.options import Option
from scheduler.plans import Plan
from scheduler.rounds import Round

FORMAT = "rotations/certificate@1"

GUIDES: Mapping[Language, str] = {
    "nb": "LESMEG.md",
    "nn": "LESMEG-nn.md",
    "se": "LOGAMU.md",
    "en": "README.md",
}

Files = dict[str, bytes]


def export_certificate(round_: Round, plan: Plan, folder: Path) -> list[Path]:
    """Write what others need to check a plan into a folder, all or none; return the paths.

    Parameters
    ----------
    round_, plan
        A round and its plan, verified, with status `optimal`.
    folder
        Made where it does not exist. Files of the same name are replaced, others left alone.

    Raises
    ------
    ValueError
        For a plan of another round, or one that is not claimed to be the only best one.
    OSError
        Where the folder cannot be written; it is then as it was before.
    """
    contents = certificate_files(round_, plan)
    write_files(folder, contents)
    return [folder / name for name in contents]


def certificate_files(round_: Round, plan: Plan) -> Files:
    """Return the content of a certificate's files by name; ValueError as `export_certificate`."""
    found = certificate(round_, plan)
    written = Programs(found)
    files: Files = {}
    for number, program in enumerate(found.programs, start=1):
        title = _title(number, program)
        lines = written.text(program, title, _remarks(program, plan))
        content = "".join(f"{line}\n" for line in lines).encode()
        files[f"{title}.mps.gz"] = gzip.compress(content, 6, mtime=0)
    programs = [_record(*each) for each in zip(files.items(), found.programs, strict=True)]
    files["plan.json"] = write_plan(plan)
    document = {
        "format": FORMAT,
        "round": plan.round_id,
        "round_hash": plan.round_hash,
        "plan_hash": plan.hash,
        "plan": {"file": "plan.json", "sha256": _digest(files["plan.json"])},
        "lottery_counter": plan.lottery_counter,
        "programs": programs,
        "variables": _variables(found, written),
    }
    files["certificate.json"] = write_document(document)
    return files | {GUIDES[each]: _guide(each, document) for each in LANGUAGES}


def _title(number: int, program: Program) -> str:
    level = "" if program.level.level is None else f"-{program.level.level}"
    return f"{number:02}-{program.level.tier}{level}"


def _remarks(program: Program, plan: Plan) -> tuple[str, ...]:
    return (
        f"plan {plan.hash}",
        f"round {plan.round_hash}",
        f"minimum claimed: {program.minimum}",
    )


def _record(file: tuple[str, bytes], program: Program) -> dict[str, Any]:
    """Return what the index says of a program."""
    name, content = file
    return {
        "file": name,
        "sha256": _digest(content),
        "tier": program.level.tier,
        "level": program.level.level,
        "sense": "maximise" if program.level.maximise else "minimise",
        "value": program.claim,
        "constant": program.level.constant,
        "sign": program.sign,
        "minimum": program.minimum,
    }


def _variables(found: Certificate, written: Programs) -> list[dict[str, Any]]:
    """Return what each variable stands for; an option with all that is known of it."""
    records: list[dict[str, Any]] = []
    for i, name in found.variables.items():
        record: dict[str, Any] = {"name": written.variables[i], "kind": name.kind}
        if i < len(found.options):
            record |= _option(found.options[i])
        else:
            record["about"] = list(name.about)
        records.append(record)
    return records


def _option(option: Option) -> dict[str, Any]:
    """Return what an option gives: a seat, or the seats of a stay in parts."""
    seats = [
        {"window": p.window, "unit": p.unit, "start": str(p.start), "end": str(p.end)}
        for p in option.parts
    ]
    if len(seats) == 1:
        return {"candidate": option.candidate, **seats[0], "class": option.wish_class}
    parts = [seat | {"months": p.months} for seat, p in zip(seats, option.parts, strict=True)]
    return {"candidate": option.candidate, "parts": parts, "class": option.wish_class}


def _guide(language: Language, document: Mapping[str, Any]) -> bytes:
    """Return the guide; it is no page, so nothing in it is escaped."""
    template = environment().overlay(autoescape=False).get_template(f"certificate-{language}.md")
    rows = [
        program | {"name": tier_name(language, program["tier"], program["level"])}
        for program in document["programs"]
    ]
    return template.render(language=language, document=document, programs=rows).encode()


def _digest(content: bytes) -> str:
    return sha256(content).hexdigest()
