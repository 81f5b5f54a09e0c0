"""The program as a process of its own: signals, pipes, streams, the last resort."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from importlib.resources import files
from pathlib import Path

import pytest

SAMPLE = Path(str(files("data"))) / "samples" / "finnmark" / "round.json"
MAIN = [sys.executable, "-c", "from api.cli import main; main()"]

SLOW = """
import sys, time
import api.shell.runs as runs
planned = runs.plan_round
def slow(round_, limits, watch, crew):
    print("solving", file=sys.stderr, flush=True)
    while not watch.stop.requested or STUBBORN:
        time.sleep(0.02)
    from scheduler.watch import Limits
    return planned(round_, Limits(seconds=0), watch, crew)
runs.plan_round = slow
from api.cli import main
main()
"""


AMID = """
import os, signal, time
from dataclasses import replace
import api.shell.runs as runs
planned = runs.plan_round
def amid(round_, limits, watch, crew):
    def interrupted(progress):
        watch.on_progress(progress)
        if not watch.stop.requested:
            os.kill(os.getpid(), signal.NUMBER)
        while not watch.stop.requested:
            time.sleep(0.01)
    return planned(round_, limits, replace(watch, on_progress=interrupted), crew)
runs.plan_round = amid
from api.cli import main
main()
"""


def start(code: str, *words: object) -> subprocess.Popen[str]:
    """Start the program with a planner that works until it is stopped, and wait until it does."""
    process = subprocess.Popen(
        [sys.executable, "-c", code, *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    assert process.stderr is not None
    assert process.stderr.readline() == "solving\n"
    return process


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_keeps_the_best_plan(tmp_path: Path, number: int) -> None:
    words = ("solve", SAMPLE, "--out", tmp_path / "out", "--json")
    process = start(SLOW.replace("STUBBORN", "False"), *words)
    process.send_signal(number)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert json.loads(out)["rounds"][0]["status"] == "feasible"
    assert (tmp_path / "out" / "plan.json").is_file()


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_a_signal_amid_the_solver_keeps_the_best_plan(tmp_path: Path, name: str) -> None:
    """CP-SAT's own handler for SIGINT ended the process with ``bad_function_call``."""
    words = ("solve", str(SAMPLE), "--out", str(tmp_path / "out"), "--json")
    ended = subprocess.run(
        [sys.executable, "-c", AMID.replace("NUMBER", name), *words],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout)["rounds"][0]["status"] == "feasible"
    assert (tmp_path / "out" / "plan.json").is_file()


def test_the_second_signal_gives_up_and_writes_nothing(tmp_path: Path) -> None:
    process = start(SLOW.replace("STUBBORN", "True"), "solve", SAMPLE, "--out", tmp_path / "out")
    process.send_signal(signal.SIGINT)
    time.sleep(0.3)
    assert process.poll() is None
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in said
    assert len(said.strip().splitlines()) == 1
    assert not (tmp_path / "out").exists()


def test_a_stop_leaves_the_rest_of_a_batch_out(tmp_path: Path) -> None:
    words = ("solve", SAMPLE, SAMPLE, "--out", tmp_path / "out", "--json")
    process = start(SLOW.replace("STUBBORN", "False"), *words)
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    answer = json.loads(out)
    assert [r["status"] for r in answer["rounds"]] == ["feasible", "interrupted"]
    assert {p.name for p in (tmp_path / "out").iterdir()} == {"round"}


def test_an_unexpected_fault_is_one_block_with_an_incident() -> None:
    code = """
import api.shell.checks
def boom(*_): raise ZeroDivisionError("secret figures")
api.shell.checks.checked_round = boom
from api.cli import main
main()
"""
    for debug, traces in (("", False), ("1", True)):
        ended = subprocess.run(
            [sys.executable, "-c", code, "check", str(SAMPLE)],
            capture_output=True,
            text=True,
            check=False,
            env=os.environ | {"ROTATIONS_DEBUG": debug},
        )
        assert ended.returncode == 70
        assert ("Traceback" in ended.stderr) is traces
        assert ("secret" in ended.stderr) is traces
        assert ended.stdout == ""


def test_a_fault_before_any_command_has_its_code_too() -> None:
    code = "import api.cli as c\ndef boom(): raise RuntimeError\nc.app = boom\nc.main()"
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 70
    assert "Traceback" not in ended.stderr


def test_a_closed_pipe_is_no_traceback() -> None:
    read, write = os.pipe()
    os.close(read)
    ended = subprocess.run(
        [*MAIN, "check", str(SAMPLE)], stdout=write, stderr=subprocess.PIPE, text=True, check=False
    )
    os.close(write)
    assert ended.returncode == 74
    assert "Traceback" not in ended.stderr
    assert "Exception ignored" not in ended.stderr
    assert len(ended.stderr.strip().splitlines()) == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_device_is_no_traceback() -> None:
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(
            [*MAIN, "check", str(SAMPLE)],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert ended.returncode == 74
    assert "Traceback" not in ended.stderr


def test_a_stream_without_sami_letters_is_no_fault(tmp_path: Path) -> None:
    ended = subprocess.run(
        [*MAIN, "solve", str(SAMPLE), "--out", str(tmp_path / "out")],
        capture_output=True,
        check=False,
        env=os.environ | {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"},
    )
    assert ended.returncode == 0
    assert b"Pieti" in ended.stdout


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="needs users")
def test_a_folder_that_may_not_be_written_is_one_block(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    tmp_path.chmod(0o500)
    ended = subprocess.run(
        [*MAIN, "solve", str(SAMPLE), "--out", str(tmp_path / "out")],
        capture_output=True,
        text=True,
        check=False,
    )
    tmp_path.chmod(0o700)
    assert ended.returncode == 74
    assert "Traceback" not in ended.stderr


FOR_OTHERS = {
    "pandas": "who analyses tables",
    "numpy.ma": "what NumPy asks of masked arrays",
    "multiprocessing": "large rounds",
    "rich.live": "terminals",
    "data.sheets.folders": "CSV files",
    "data.forms.layout": "sheets",
    "data.forms.plans": "who reads plans",
    "api.shell.service_commands": "other commands",
}
"""What loading takes long, together longer than a small round to plan, and whom it is for."""


def test_a_plan_is_made_and_written_without_what_others_need(tmp_path: Path) -> None:
    code = """
import sys
from typer.testing import CliRunner
from api.cli import app
solved = CliRunner().invoke(app, ["solve", sys.argv[1], "--out", sys.argv[2]])
assert solved.exit_code == 0
print(*sys.modules)
"""
    command = [sys.executable, "-c", code, str(SAMPLE), str(tmp_path / "out")]
    ended = subprocess.run(command, capture_output=True, text=True, check=True)
    loaded = set(ended.stdout.split())
    assert {"ortools", "data.exports.calendars"} <= loaded
    assert not loaded & FOR_OTHERS.keys()


def test_help_imports_neither_solver_nor_frames() -> None:
    """So that help is quick, and a small round is planned within seconds."""
    code = """
import sys
from typer.testing import CliRunner
from api.cli import app
assert CliRunner().invoke(app, ["--help"]).exit_code == 0
print(sorted({"ortools", "pandas", "pydantic", "jinja2", "xlsxwriter"} & sys.modules.keys()))
"""
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout == "[]\n"


LASTING = """
import gc
usual = gc.get_threshold()
from api.running import serving, worker
def lasts(*_):
    print(gc.get_threshold() == usual, flush=True)
serving._Server.run = worker.Worker.work = lasts
from api.__main__ import main
print(gc.get_threshold() == usual)
serving.create_app = lambda *_: print(gc.get_threshold() == usual)
main()
"""


@pytest.mark.parametrize(
    ("words", "while_it_loads"),
    [(["serve", "--no-worker", "--port", "0"], ["False"]), (["worker"], [])],
)
def test_what_goes_on_for_long_seeks_garbage_as_usual(
    tmp_path: Path, words: list[str], while_it_loads: list[str]
) -> None:
    said = subprocess.run(
        [sys.executable, "-c", LASTING, *words, "--data-dir", str(tmp_path)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )
    told = [line for line in said.stdout.splitlines() if line in ("True", "False")]
    assert told == ["True", *while_it_loads, "True"]
