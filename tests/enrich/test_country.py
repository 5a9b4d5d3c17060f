"""Countries: names, codes, places."""

import pytest

from footfall.model.country import COUNTRY_CODES, country_code, country_name, country_place


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("US", "United States"),
        ("GB", "United Kingdom"),
        ("KR", "South Korea"),
        ("CZ", "Czechia"),
        ("TR", "Turkey"),
        ("CI", "Ivory Coast"),
        ("XK", "Kosovo"),
    ],
)
def test_names_are_those_that_people_use(code, name):
    assert country_name(code) == name
    assert country_code(name.upper()) == code
    assert country_code(code.lower()) == code


@pytest.mark.parametrize(
    ("name", "code"),
    [("UK", "GB"), ("USA", "US"), ("Czech Republic", "CZ"), ("Türkiye", "TR"), ("Holland", "NL")],
)
def test_other_names_are_understood(name, code):
    assert country_code(name) == code


def test_what_is_no_country_has_no_code():
    assert country_code("Atlantis") is None
    assert country_code("") is None
    assert country_name("ZZ") == "ZZ"
    assert country_place("ZZ") is None


def test_every_country_has_a_name_of_its_own_and_a_place_on_earth():
    assert len(COUNTRY_CODES) == 250
    for code in COUNTRY_CODES:
        assert country_code(country_name(code)) == code
        latitude, longitude = country_place(code)
        assert -90 <= latitude <= 90
        assert -180 <= longitude <= 180


def test_places_are_in_the_country():
    latitude, longitude = country_place("FR")
    assert 43 < latitude < 50
    assert -2 < longitude < 7
