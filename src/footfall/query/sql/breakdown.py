"""Lists by session facts: all of them in one pass over the sessions and one over the payments.

GROUPING SETS counts each list and the whole report; `mask` says which list a row belongs to.
"""

from collections.abc import Sequence

from footfall.model.country import COUNTRY_CODES, country_name
from footfall.model.dimension import Dimension
from footfall.model.question import Question
from footfall.query.sql.covered import Covered, Span
from footfall.query.sql.mark import UNMARKED_IN_LISTS, is_new_in_list
from footfall.query.sql.money import money_part
from footfall.query.sql.overview import session_measures
from footfall.query.sql.pagination import (
    CODES,
    LISTED,
    OUTSIDE,
    REPORT,
    Selection,
    page_of_lists,
)
from footfall.query.sql.statement import Part, Statement, Values, stack

_COUNTED = ("visitors", "sessions", "views")


def counted(
    question: Question, covered: Covered, values: Values, measures: Sequence[str]
) -> dict[str, str]:
    """The measures of sessions in every list and further `measures`, over rows of sessions."""
    return session_measures(question, covered, values, (*_COUNTED, *measures))


def facts_statement(
    question: Question,
    dimensions: Sequence[Dimension],
    reach: Span | None,
    selection: Selection,
) -> Statement:
    """Lists of `dimensions` (of session facts, no two with the same keys), numbered in their
    order, and the whole report. Columns as page_of_lists has them. If `unmarked` is selected, all
    visitors are counted by marks, which all of these lists must have."""
    values = Values()
    covered = Covered(question, values, reach)
    columns = list(dict.fromkeys(key for each in dimensions for key in each.keys))
    mask = f"grouping({', '.join(columns)})" if columns else "toUInt64(0)"
    sets = ", ".join(f"({', '.join(each.keys)})" for each in dimensions)
    group_by = f"GROUP BY GROUPING SETS ({sets}, ())" if columns else ""
    keys = {"mask": mask, **{column: column for column in columns}}
    money = money_part(question, covered, columns, keys=keys, group_by=group_by)
    source = f"FROM sessions FINAL\nWHERE {covered.sessions()}"
    of_sessions = counted(question, covered, values, selection.of_report)
    if "unmarked" in of_sessions:
        # each list adds up the visitors of all lists: the engine does sums faster than countIf
        of_lists = [
            f"{mask} = {_mask(each, columns)}, sum({is_new_in_list(question, values, each.keys)})"
            for each in dimensions
        ]
        of_sessions["unmarked"] = UNMARKED_IN_LISTS
        of_sessions["visitors"] = _multi_if(of_lists, of_sessions["visitors"])
    sessions = Part(source, keys, of_sessions, group_by)
    stacked = stack(tuple(keys), selection.measures, (sessions, money))
    named = _named(dimensions, columns, selection.measures, values)
    rows = f"{named}\nFROM (\n{stacked}\n)"
    return values.statement(page_of_lists(rows, question, values, selection))


def _named(
    dimensions: Sequence[Dimension], columns: list[str], measures: Sequence[str], values: Values
) -> str:
    """list, role, value and codes from mask and columns."""
    masks = [_mask(each, columns) for each in dimensions]
    numbers, roles, shown = [], [], []
    for number, (dimension, mask) in enumerate(zip(dimensions, masks, strict=True)):
        numbers.append(f"mask = {mask}, {number}")
        has_value = f"{dimension.column} != ''"
        is_listed = "1" if dimension.missing else has_value
        roles.append(f"mask = {mask}, if({is_listed}, {LISTED}, {OUTSIDE})")
        shown.append(f"mask = {mask}, {_label(dimension, values)}")
    codes = []
    for code in CODES:
        having = [m for each, m in zip(dimensions, masks, strict=True) if _shows(each, code)]
        is_shown = f"mask IN ({', '.join(map(str, having))})"
        codes.append(
            f"if({is_shown}, toString({code}), '') AS {code}_" if having else f"'' AS {code}_"
        )
    return (
        "SELECT\n"
        f"    {_multi_if(numbers, '0')} AS list,\n"
        f"    {_multi_if(roles, str(REPORT))} AS role,\n"
        f"    {_multi_if(shown, chr(39) * 2)} AS value,\n"
        f"    {', '.join(codes)},\n"
        f"    {', '.join(measures)}"
    )


def _mask(dimension: Dimension, columns: list[str]) -> int:
    """The value of grouping(columns) in the dimension's list: a bit for each column left out."""
    bits = ["0" if column in dimension.keys else "1" for column in columns]
    return int("".join(bits), 2)


def _shows(dimension: Dimension, code: str) -> bool:
    return code in dimension.within or code == dimension.column == "country"


def _label(dimension: Dimension, values: Values) -> str:
    column = f"toString({dimension.column})"
    if dimension.name == "country":
        codes = values.bind("Array(String)", list(COUNTRY_CODES))
        names = values.bind("Array(String)", [country_name(code) for code in COUNTRY_CODES])
        column = f"transform({column}, {codes}, {names}, {column})"
    if dimension.missing is None:
        return column
    missing = values.bind("String", dimension.missing)
    return f"if({dimension.column} = '', {missing}, {column})"


def _multi_if(branches: list[str], otherwise: str) -> str:
    return f"multiIf({', '.join(branches)}, {otherwise})" if branches else otherwise
