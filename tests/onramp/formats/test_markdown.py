"""Markdown for the pull request: what is in it, how long it gets, and that no name is taken for markup."""

import re
from html.parser import HTMLParser

from hypothesis import given
from markdown_it import MarkdownIt

from onramp.formats.markdown import COMMENT_CHARS_MAX, escape, markdown_text
from onramp.report import Report
from policies.checklist import CHECKLIST
from tests.onramp.formats.conftest import HOSTILE, PROPERTY, TAME, against, hostile, judged, violation, waived

GROUPS = {item.group for item in CHECKLIST.values()}


class Rendered(HTMLParser):
    """The tags and the text of a comment as GitHub would render it."""

    def __init__(self, markdown: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.comments: list[str] = []
        self.text = ""
        self.feed(str(MarkdownIt("commonmark").enable("table").render(markdown)))
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(f"{tag} {[name for name, _ in attrs]}")

    def handle_endtag(self, tag: str) -> None:
        self.tags.append(f"/{tag}")

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_scorecard_comes_first_and_counts_every_verdict_that_was_asked_for(broken: Report) -> None:
    text = markdown_text(broken)
    assert text.startswith("<!-- onramp prod -->\n")
    assert text.index("| service |") < text.index("<details>")
    row = next(line for line in text.splitlines() if line.startswith("| news-api |"))
    counted = sum(int(number) for cell in row.split("|")[4:] for number in re.findall(r"\d+", cell))
    verdicts = broken.judgement.verdicts["news-api"].values()
    assert counted == sum(1 for found in verdicts if found.verdict != "not-applicable") < len(CHECKLIST)
    assert len(row.split("|")[4:-1]) == len(GROUPS)


def test_every_violation_is_folded_under_its_service_with_its_fix(broken: Report) -> None:
    shown = Rendered(markdown_text(broken))
    for found in broken.judgement.violations:
        assert found.message in shown.text
        assert found.fix in shown.text
    assert shown.tags.count("details []") == 2
    assert shown.tags.count("li []") == len(broken.judgement.violations)
    assert "Left out" not in shown.text


def test_the_worst_service_is_first(prod: Report) -> None:
    report = judged(
        prod, {"calm": [], "bad": [violation(0, "bad")], "worse": [violation(each, "worse") for each in (0, 1)]}
    )
    text = markdown_text(report)
    assert text.index("| worse |") < text.index("| bad |") < text.index("| calm |")
    assert text.index("<b>worse</b>") < text.index("<b>bad</b>")


def test_what_is_new_is_open_before_what_is_known(prod: Report) -> None:
    old, new = violation(0, "a"), violation(1, "b")
    text = markdown_text(against(judged(prod, {"a": [old], "b": [new]}), new))
    assert "1 new, 1 known, 1 gone since baseline.json" in text
    folded = text.index("<details>")
    assert text.index("### New") < text.index(new.message) < folded < text.index(old.message)
    assert text.count("<details>") == 1


def test_what_is_newly_waived_is_shown_with_what_is_new(prod: Report) -> None:
    before, lately = violation(0, "a"), violation(1, "a")
    report = judged(prod, {"a": []}, [waived(before, "as ever"), waived(lately, "the vendor is late")])
    text = markdown_text(against(report, newly_waived=[lately]))
    assert "2 waived (1 new)" in text
    shown = text[text.index("### New") : text.index("<details>")]
    for word in ("the vendor is late", "2027-01-31", lately.message):
        assert word in shown
    assert "as ever" in text[text.index("<details>") :]


def test_without_a_baseline_what_is_waived_is_folded(prod: Report) -> None:
    text = markdown_text(judged(prod, {"a": []}, [waived(violation(0, "a"))]))
    assert "### New" not in text
    assert "<b>waived</b>: 1 violation" in text


def test_a_stack_that_holds_is_short(prod: Report) -> None:
    text = markdown_text(judged(prod, {"api": []}))
    assert "The rules hold." in text
    assert "<details>" not in text


def test_two_hundred_services_fit_and_what_is_left_out_is_counted(prod: Report) -> None:
    services = {f"service-{number:03}-with-a-long-name": 12 for number in range(200)}
    report = judged(prod, {name: [violation(each, name) for each in range(count)] for name, count in services.items()})
    text = markdown_text(report)
    shown = Rendered(text)
    assert COMMENT_CHARS_MAX * 0.9 < len(text) <= COMMENT_CHARS_MAX
    assert shown.tags.count("tr []") == 1 + len(services)
    listed = shown.tags.count("li []")
    assert 0 < listed < 200 * 12
    left_out = re.search(r"Left out.*?(\d+) violations", shown.text)
    assert left_out
    assert int(left_out.group(1)) == 200 * 12 - listed
    assert shown.tags.count("details []") == shown.tags.count("/details")
    assert "rows of the scorecard" not in text


def test_where_not_even_the_scorecard_fits_it_is_cut_too(prod: Report) -> None:
    text = markdown_text(judged(prod, {f"s{number}-{'x' * 60}": [] for number in range(2000)}))
    assert len(text) <= COMMENT_CHARS_MAX
    rows = Rendered(text).tags.count("tr []") - 1
    assert f"{2000 - rows} rows of the scorecard" in text


def test_a_message_longer_than_a_comment_is_left_out_and_the_next_is_shown(prod: Report) -> None:
    report = judged(prod, {"a": [violation(0, "a", "x" * COMMENT_CHARS_MAX), violation(1, "a")]})
    text = markdown_text(report)
    assert len(text) <= COMMENT_CHARS_MAX
    assert "is tame and 1" in text
    assert "1 violation. All of it" in text


@PROPERTY
@given(word=HOSTILE)
def test_no_name_is_taken_for_markup(prod: Report, word: str) -> None:
    shown, tame = Rendered(markdown_text(hostile(prod, word))), Rendered(markdown_text(hostile(prod, TAME)))
    assert shown.tags == tame.tags
    assert shown.comments == tame.comments


@PROPERTY
@given(word=HOSTILE)
def test_a_name_is_shown_as_it_is_on_one_line(word: str) -> None:
    assert "\n" not in escape(word)
    told = Rendered(f"x {escape(word)} x").text.strip().replace("\u200b", "")
    visible = " ".join(word.split()).replace("\u200b", "").replace("\x00", "\ufffd")
    assert told == f"x {visible} x"


def test_nobody_is_called() -> None:
    assert "@e" not in escape("@everyone")
    assert "#1" not in escape("see #1")
