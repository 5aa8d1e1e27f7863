"""The one comment of a pull request: every stack in it, as far as GitHub's limit goes."""

import re
from dataclasses import replace
from typing import Final

import pytest
from hypothesis import given

from onramp.exits import Exit
from onramp.formats.comment import MARK, NOTHING, Part, comment_text
from onramp.formats.markdown import COMMENT_CHARS_MAX, stack_text
from onramp.report import Report
from policies.verdicts import Violation
from tests.onramp.formats.conftest import HOSTILE, PROPERTY, TAME, against, hostile, judged, violation
from tests.onramp.formats.test_markdown import Rendered

SERVICES: Final = 200


def part(report: Report, name: str = "prod") -> Part:
    return Part(stack=name, report=replace(report, stack=replace(report.stack, name=name)))


def refused(said: str, name: str = "prod") -> Part:
    return Part(stack=name, report=None, exit=Exit.BAD_INPUT, said=said)


def large(base: Report) -> Report:
    """As many services as anybody has, each with a dozen violations, one of them new."""
    services: dict[str | None, list[Violation]] = {
        f"service-{number:03}": [violation(each, f"{number}") for each in range(12)] for number in range(SERVICES)
    }
    report = judged(base, services)
    return against(report, *(found[0] for found in services.values()))


def test_one_stack_is_its_report_behind_the_mark(prod: Report) -> None:
    report = judged(prod, {"a": [violation(0, "a")]})
    assert comment_text([part(report)]) == MARK + stack_text(report, None)


def test_several_stacks_begin_with_an_overview(prod: Report) -> None:
    text = comment_text([part(judged(prod, {"a": []}), "dev"), part(judged(prod, {"a": [violation(0, "a")]}), "prod")])
    rows = [line for line in text.splitlines() if line.startswith(("| dev |", "| prod |"))]
    assert ["hold" in row for row in rows] == [True, False]
    assert text.index(rows[1]) < text.index("## Onramp: dev") < text.index("## Onramp: prod")


def test_a_stack_that_cannot_be_previewed_says_why(prod: Report) -> None:
    text = comment_text([refused("1 problem\n\nPulumi.dev.yaml:6  <b>: is not a key", "dev"), part(prod)])
    assert "It cannot be previewed" in text
    assert "Pulumi.dev.yaml:6  &lt;b&gt;: is not a key" in text
    assert "## Onramp: prod" in text


def test_no_stack_is_one_sentence() -> None:
    assert comment_text([]) == MARK + NOTHING


def test_the_reports_are_linked(prod: Report) -> None:
    assert comment_text([part(prod)], link="https://example.com/7").endswith("[All reports](https://example.com/7)\n")


@pytest.mark.parametrize("stacks", [1, 3])
def test_two_hundred_services_in_each_stack_fit(prod: Report, stacks: int) -> None:
    report = large(prod)
    text = comment_text([part(report, f"stack-{number}") for number in range(stacks)], link="https://example.com/7")
    assert COMMENT_CHARS_MAX * 0.9 < len(text) <= COMMENT_CHARS_MAX
    assert text.count("## Onramp: stack-") == stacks
    assert text.count("**Left out, because a comment has its limit:**") == stacks
    assert Rendered(text).tags.count("details []") == Rendered(text).tags.count("/details")
    assert text.endswith("[All reports](https://example.com/7)\n")


def test_a_small_stack_is_whole_beside_a_large_one(prod: Report) -> None:
    small = judged(prod, {"a": [violation(0, "a")]})
    text = comment_text([part(large(prod), "large"), part(small, "small")])
    assert COMMENT_CHARS_MAX * 0.9 < len(text) <= COMMENT_CHARS_MAX
    assert text.endswith(stack_text(part(small, "small").report or prod, None))


def test_where_there_are_more_stacks_than_fit_the_overview_has_them_and_the_rest_is_counted(prod: Report) -> None:
    report = judged(prod, {f"service-{number}": [violation(0, f"{number}")] for number in range(20)})
    text = comment_text([part(report, f"stack-{number}") for number in range(SERVICES)])
    assert len(text) <= COMMENT_CHARS_MAX
    assert len(re.findall(r"^\| stack-\d+ \|", text, re.MULTILINE)) == SERVICES
    left_out = re.search(r"(\d+) stacks\.", text)
    assert left_out
    assert int(left_out.group(1)) + text.count("## Onramp: ") == SERVICES


def test_a_reason_longer_than_a_comment_is_cut(prod: Report) -> None:
    text = comment_text([refused("line <1>\n" * COMMENT_CHARS_MAX), part(judged(prod, {"a": []}), "dev")])
    assert len(text) <= COMMENT_CHARS_MAX
    assert text.count("<pre>") == text.count("</pre>") == 1
    assert "## Onramp: dev" in text


@PROPERTY
@given(word=HOSTILE)
def test_no_name_and_no_reason_is_taken_for_markup(prod: Report, word: str) -> None:
    def shown(word: str) -> Rendered:
        return Rendered(comment_text([refused(f"it says {word}", word), part(hostile(prod, word), word)]))

    assert shown(word).tags == shown(TAME).tags
    assert shown(word).comments == shown(TAME).comments
