"""Every finding that the pipeline can make is explained, and none by rote."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from harvests import advice
from harvests.advice import schema
from harvests.advice.rules import RULES
from harvests.pipeline import iso
from harvests.pipeline.errors import ReadError
from harvests.pipeline.validators import validate
from tests.conftest import CORPUS

PIPELINE = Path(iso.__file__).parent
RULE = re.compile(r"[a-z]+(-[a-z]+)*")
MAKERS = {"Finding": 0, "error_at": 1, "warning_at": 1, "_finding": 1}
FOLDERS = sorted(path for path in CORPUS.glob("iso/*") if path.is_dir())


def rules_in(path: Path) -> Iterator[str]:
    """The rule ids that a module hands to what makes findings."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            place = MAKERS.get(node.func.id, 99)
            for argument in node.args[place : place + 1]:
                if isinstance(argument, ast.Constant):
                    yield str(argument.value)


RULES_OF_THE_PIPELINE = {r for path in PIPELINE.rglob("*.py") for r in rules_in(path)}


def test_the_rules_of_the_pipeline_are_found():
    assert {"xsd", "xsd-more", "bbox-swapped", "encoding-invalid", "name-taken"} <= (
        RULES_OF_THE_PIPELINE
    )
    assert all(RULE.fullmatch(rule) for rule in RULES_OF_THE_PIPELINE)


@pytest.mark.parametrize("rule", sorted(RULES_OF_THE_PIPELINE - {"xsd"}))
def test_every_rule_has_advice(rule):
    assert rule in RULES
    assert advice.advice_on(rule, "") is RULES[rule]


def test_no_advice_is_left_over():
    assert set(RULES) <= RULES_OF_THE_PIPELINE


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_schema_errors_of_real_records_have_advice_of_their_own(folder):
    for path in folder.rglob("*.xml"):
        try:
            findings = validate(iso.read(path.read_bytes()))
        except ReadError:
            continue
        for finding in findings:
            if finding.rule == "xsd":
                said = advice.advice_on("xsd", finding.message)
                assert said is not schema.ANY, finding.message


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("gmd:contact contains bare text where only elements may stand.", "stray"),
        ("gco:characterString is not allowed here; expected x.", "spelling"),
        (
            "gco:CharacterString is not allowed here; expected gmd:MD_ProgressCode.",
            "codeListValue",
        ),
        ("gmd:MD_Keywords is not allowed here.", "its own parent"),
        ("gmd:DQ_Scope is incomplete; it needs gmd:level.", "nilReason"),
        ("gml:TimePeriod lacks the attribute gml:id.", "gml:id"),
        ('gco:Date says "June"; expected a date (YYYY, YYYY-MM).', "2024-05-17"),
        ("gco:Integer is empty; expected a whole number.", "without unit"),
        ("gml:LinearRing is bad in a new way.", "as the message says"),
    ],
    ids=lambda text: text[:40],
)
def test_the_fix_suits_the_message(message, expected):
    assert expected in advice.advice_on("xsd", message).fix


def test_a_rule_of_another_version_is_explained_in_general():
    assert advice.advice_on("from-the-future", "x") is advice.UNKNOWN


def test_advice_names_only_tools_that_it_knows():
    tools = {tool for said in RULES.values() for tool in said.places}
    assert tools == {"ERDDAP", "THREDDS (ncISO)", "GeoNetwork"}
