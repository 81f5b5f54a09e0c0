"""The whole way over HTTP, with a real worker: asked for, watched, made, published, taken home."""

from __future__ import annotations

from pathlib import Path

from data.synthetic import generate
from tests.api.routes.planned import SAMPLE, ended, finnmark, locked
from tests.api.running import Site, awaited
from tests.api.served import ALTA, Served


def test_a_plan_made_for_the_service_is_the_one_of_the_command_line(
    worked: Served, tmp_path: Path
) -> None:
    round_ = locked(worked, finnmark())
    asked = worked.planner.post(round_.address)
    place = asked.headers["location"]
    Site(tmp_path).run("solve", str(SAMPLE), "--out", "out")
    assert ended(worked.planner, place) == "completed"
    for view, file in (
        ("document", "plan.json"),
        ("export.xlsx", "plan.xlsx"),
        ("export.csv", "plan.csv"),
        ("export.ics", "plan.ics"),
    ):
        answer = worked.planner.get(f"{place}/{view}")
        assert answer.content == (tmp_path / "out" / file).read_bytes(), view
    told = worked.planner.get(f"{place}/events").text
    kinds = [line.removeprefix("event: ") for line in told.splitlines() if "event: " in line]
    assert kinds[0] == "state"
    assert "progress" in kinds
    assert kinds[-1] == "end"
    tag = worked.planner.get(place).headers["etag"]
    approved = worked.as_("approver").post(f"{place}/approve", tag=tag)
    tag = approved.headers["etag"]
    assert worked.planner.post(f"{place}/publish", tag=tag).status_code == 200
    own = worked.coordinator(ALTA).get(f"{place}/outcomes").json()["items"]
    assert [item["candidate"] for item in own] == ["5601-c1", "5601-c2", "5601-c3"]


def test_a_long_search_is_stopped_and_its_best_plan_kept(worked: Served) -> None:
    round_ = locked(worked, generate("nord", 1))
    place = worked.planner.post(round_.address, json={"seconds": 120}).headers["location"]

    def progress() -> object:
        return worked.planner.get(place).json()["progress"]

    awaited(progress, 60)
    assert worked.planner.post(f"{place}/cancel").status_code == 202
    assert ended(worked.planner, place) == "completed"
    said = worked.planner.get(place).json()
    assert (said["status"], said["hash"] is not None) == ("feasible", True)
    assert worked.planner.get(f"{place}/verification").json()["verified"] is True
