"""Countries: names, codes, places."""

import pytest

from footfall.model import country
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


def test_a_text_that_is_not_a_country_has_no_code():
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


OFFICIAL_AND_OTHER_NAMES = """
Côte d'Ivoire=CI; Côte d’Ivoire=CI; cote divoire=CI
Cote d Ivoire=CI; COTE D'IVOIRE=CI; CO\u0302TE D\u02bcIVOIRE=CI
The Gambia=GM; Gambia (the)=GM; Gambia, The=GM; Tanzania, United Republic of=TZ; Tanzania=TZ
Korea, Republic of=KR; Korea (the Republic of)=KR; South Korea=KR; North Korea=KP
Korea, Democratic People's Republic of=KP; Korea (the Democratic People’s Republic of)=KP
Iran (Islamic Republic of)=IR; Iran, Islamic Republic of=IR; Bolivia (Plurinational State of)=BO
Czech Republic=CZ; Czechia=CZ; Turkey=TR; Türkiye=TR; Turkiye=TR; Swaziland=SZ; Eswatini=SZ
Burma=MM; Myanmar=MM; Cape Verde=CV; Cabo Verde=CV; Macedonia=MK; North Macedonia=MK
USA=US; U.S.A.=US; United States of America (the)=US; UK=GB; Great Britain=GB; Holland=NL
United Kingdom of Great Britain and Northern Ireland (the)=GB; Netherlands (Kingdom of the)=NL
Russia=RU; Russian Federation (the)=RU; Vietnam=VN; Viet Nam=VN; deu=DE; DEU=DE; 276=DE; 040=AT
Federal Republic of Germany=DE; People's Republic of China=CN; Taiwan (Province of China)=TW
Dominican Republic (the)=DO; Dominica=DM; Congo (the)=CG; Republic of the Congo=CG; Congo=CG
Congo (the Democratic Republic of the)=CD; DR Congo=CD; Venezuela (Bolivarian Republic of)=VE
Moldova (the Republic of)=MD; Micronesia (Federated States of)=FM; Laos=LA; Syria=SY
Lao People's Democratic Republic (the)=LA; Syrian Arab Republic (the)=SY; Palestine, State of=PS
Virgin Islands (British)=VG; Virgin Islands (U.S.)=VI; Falkland Islands (the) [Malvinas]=FK
Saint Helena, Ascension and Tristan da Cunha=SH; Saint Martin (French part)=MF; Reunion=RE
Sint Maarten (Dutch part)=SX; Bonaire, Sint Eustatius and Saba=BQ; Curacao=CW; Aland Islands=AX
Sao Tome & Principe=ST; St. Lucia=LC; St Kitts & Nevis=KN; East Timor=TL; Bosnia-Herzegovina=BA
Guinea Bissau=GW; Guinea=GN; Equatorial Guinea=GQ; Papua New Guinea=PG; Niger (the)=NE
Nigeria=NG; South Sudan=SS; Sudan (the)=SD; Samoa=WS; American Samoa=AS; AND=AD; Macau=MO
Argentine Republic (the)=AR; Gabonese Republic=GA; Italian Republic=IT; Kyrgyz Republic=KG
Lebanese Republic=LB; Portuguese Republic=PT; Rwandese Republic=RW; Togolese Republic=TG
Eastern Republic of Uruguay=UY; Co-operative Republic of Guyana=GY; Macao SAR=MO
Virgin Islands of the United States=VI; United States Virgin Islands=VI; Åland=AX
Hong Kong Special Administrative Region of China=HK; Côte d´Ivoire=CI; Cote d`Ivoire=CI
Taiwan (Republic of China)=TW; XKX=XK; Republic of Ireland=IE; Kingdom of Denmark=DK
Hashemite Kingdom of Jordan=JO
"""
NAMES = [pair.strip() for pair in OFFICIAL_AND_OTHER_NAMES.replace("\n", ";").split(";")]


@pytest.mark.parametrize("pair", [pair for pair in NAMES if pair])
def test_official_and_other_names_and_all_codes_are_understood(pair):
    name, _, code = pair.rpartition("=")
    assert country_code(name) == code


@pytest.mark.parametrize("text", ["Republic", "Republic of", "the", "ZZ", "ZZZ", "999", "(", "'"])
def test_words_that_name_no_country_have_no_code(text):
    assert country_code(text) is None


def test_no_name_means_two_countries():
    names = {}
    for row in country._ROWS:
        for name in (row[3], *row[4].split("|")):
            if name:
                assert names.setdefault(country._words(name), row[0]) == row[0], name
