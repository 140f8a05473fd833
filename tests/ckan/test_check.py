"""Whether CKAN lets us in, told apart from a CKAN that ignores us."""

import pytest
from django.core.management import CommandError, call_command

from harvests.ckan import check
from tests.ckan.stand_in import HTML, Answer

pytestmark = pytest.mark.django_db

VERDICTS = {
    "fine": ({}, True, "as the user “harvesting”, who may have “ocean-waf” harvested"),
    "ignored": ({"user_show": "nobody"}, False, "CKAN ignores the token"),
    "reader": (
        {"user_show": "reader", "harvest_job_list": "list-refused"},
        False,
        "“reader”, who may read, but not have the source “ocean-waf” harvested",
    ),
    "unknown": (
        {"harvest_source_show": "unknown-source"},
        False,
        "(as “harvesting”), but: CKAN has no harvest source “ocean-waf”",
    ),
    "deleted": ({"harvest_source_show": "source-deleted"}, False, "was deleted"),
    "no harvester": (
        {"harvest_source_show": "no-action"},
        False,
        "is harvest in its ckan.plugins?",
    ),
    "html": ({"status_show": Answer(200, HTML, "<p>")}, False, "in place of JSON"),
    "forbidden": ({"status_show": Answer(403, HTML, "<p>")}, False, "keeps us out"),
    "no api": ({"status_show": Answer(404, HTML, "<p>")}, False, "set CKAN_API to"),
}


@pytest.mark.parametrize("case", VERDICTS)
def test_each_outcome_has_a_sentence(case, ckan):
    answers, is_well, sentence = VERDICTS[case]
    ckan.says(**answers)
    verdict = check("ocean-waf")
    assert sentence in verdict.sentence
    assert verdict.is_well is is_well


def test_nothing_is_changed_by_it(ckan):
    check("ocean-waf")
    assert set(ckan.asked) == {
        *("status_show", "user_show", "harvest_source_show", "harvest_job_list"),
    }


@pytest.mark.parametrize(
    ("answer", "is_well"), [("create-invalid", True), ("create-refused", False)]
)
def test_without_a_source_it_asks_whether_we_might_make_one(ckan, answer, is_well):
    ckan.says(harvest_source_create=answer)
    assert check().is_well is is_well


def test_what_is_not_set_is_told_before_anybody_is_asked(ckan, settings):
    settings.CKAN_API_KEY = "ключ"
    assert "letters that no token has" in check().sentence
    settings.CKAN_API_KEY = ""
    ckan.says(user_show="nobody")
    assert "CKAN_API_KEY is not set" in check().sentence
    settings.CKAN_API = ""
    assert "No CKAN is set" in check().sentence


def test_the_command_checks_every_source_that_is_set(ckan, ocean, capsys):
    call_command("check_ckan")
    assert "may have “ocean-waf” harvested" in capsys.readouterr().out
    ckan.says(user_show="nobody")
    with pytest.raises(CommandError, match="ignores the token"):
        call_command("check_ckan", "https://ckan.example.org/harvest/else")
