"""A placement that is moved by hand: tried, its price seen, and kept with a reason."""

from __future__ import annotations

from playwright.sync_api import Page, expect


def taken_out(page: Page, candidate: str) -> None:
    """Try a plan without somebody: every rule is checked at once, and the price is told."""
    page.get_by_label("Kandidat").select_option(candidate)
    page.get_by_role("button", name="Vis mulighetene").click()
    page.get_by_label("Ta kandidaten ut av planen").check()
    page.get_by_role("button", name="Prøv denne plassen").click()
    expect(page.get_by_text("Alle regler holdes")).to_be_visible()
    expect(page.get_by_role("row", name="Flest mulig får plass")).to_contain_text("dårligere")


def kept(page: Page, reason: str) -> None:
    """Keep the plan that was tried: without a reason it is not taken."""
    save, why = page.get_by_role("button", name="Lagre planen"), page.get_by_label("Begrunnelse")
    save.click()
    expect(why).to_be_focused()
    why.fill(reason)
    save.click()
    page.wait_for_url("**/plans/*?done=moved")
