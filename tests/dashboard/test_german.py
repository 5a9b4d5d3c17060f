"""The dashboard in German: names of countries, which the API has in English."""

import pytest
from dashboard.watched import SITE, Watched
from playwright.sync_api import expect

from footfall.serve.dashboard import Dashboard

pytestmark = pytest.mark.skipif(
    not Dashboard().is_built, reason="the dashboard is not built: make dashboard"
)


def test_countries_have_german_names_on_rows_and_in_filters(watched: Watched) -> None:
    page = watched.page
    page.add_init_script("localStorage.setItem('footfall.language', 'de')")
    watched.open(f"{SITE}?p=7d&t.places=country")
    page.locator("[data-panel=places]").get_by_role("link", name="Deutschland").click()
    chip = page.locator(".chip")
    expect(chip).to_contain_text("Deutschland")
    assert "f=country:Germany" in page.url
    chip.get_by_role("button").first.click()
    editor = page.get_by_role("dialog", name="Filter")
    editor.get_by_role("combobox", name="Werte").fill("Österr")
    editor.get_by_role("option", name="Österreich").click()
    expect(editor.locator(".token")).to_have_text(["Deutschland", "Österreich"])
    editor.get_by_role("button", name="Zeigen").click()
    expect(chip).to_contain_text("DeutschlandoderÖsterreich")
    assert "f=country:Germany|Austria" in page.url
