"""The page: complete, on its own, linked in itself, and with everything in it escaped."""

from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given

from onramp.formats.html import html_text
from onramp.report import Report
from policies.catalog import CATALOG
from policies.checklist import CHECKLIST
from tests.onramp.formats.conftest import HOSTILE, PROPERTY, TAME, against, hostile, judged, violation, waived


class Page(HTMLParser):
    """A page, taken apart: tags with the names of their attributes, attributes by name, and text by tag."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.values: dict[str, list[str]] = {}
        self.texts: dict[str, list[str]] = {}
        self._open = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(f"{tag} {[name for name, _ in attrs]}")
        self._open = tag
        for name, value in attrs:
            self.values.setdefault(name, []).append(value or "")

    def handle_data(self, data: str) -> None:
        self.texts.setdefault(self._open, []).append(data)


@pytest.fixture
def page(broken: Report) -> Page:
    return Page(html_text(broken))


def test_the_matrix_has_every_service_and_item(page: Page, broken: Report) -> None:
    services = list(broken.judgement.verdicts)
    assert page.values["data-matrix"] == page.values["data-service"] == services
    assert len(page.values["data-verdict"]) == len(services) * len(CHECKLIST)
    assert [found.verdict for items in broken.judgement.verdicts.values() for found in items.values()] == page.values[
        "data-verdict"
    ]


def test_nothing_is_fetched_from_elsewhere(page: Page, broken: Report) -> None:
    assert "src" not in page.values
    assert not [tag for tag in page.tags if tag.startswith(("link ", "img ", "iframe ", "object "))]
    assert "url(" not in html_text(broken)
    assert "default-src 'none'" in page.values["content"][-1]


def test_every_link_within_the_page_leads_somewhere(page: Page) -> None:
    ids = page.values["id"]
    assert len(set(ids)) == len(ids)
    assert {link[1:] for link in page.values["href"] if link.startswith("#")} <= set(ids)
    assert {label for each in page.values["aria-labelledby"] for label in each.split()} <= set(ids)


def test_the_rules_of_every_item_are_linked(page: Page) -> None:
    assert {meta.url for meta in CATALOG if meta.item} <= set(page.values["href"])


def test_every_violation_has_its_fix_and_its_place(broken: Report) -> None:
    text = html_text(broken)
    for found in broken.judgement.violations:
        assert found.message in text
    assert text.count("<article") == len(broken.judgement.violations)
    assert "Pulumi.prod.yaml:" in text


def test_a_verdict_is_told_in_words_as_well_as_by_sign_and_colour(page: Page, broken: Report) -> None:
    for service, items in broken.judgement.verdicts.items():
        for item, found in items.items():
            assert f"{service} {item} {found.verdict}" in page.values["aria-label"]


def test_what_is_waived_has_a_section_with_who_agreed_and_until_when(prod: Report) -> None:
    report = judged(prod, {"a": [violation(0, "a")]}, [waived(violation(1, "a"), "the vendor is late")])
    page = Page(html_text(report))
    assert page.values["data-kind"] == ["fail", "waived"]
    assert "waived" in page.values["id"]
    text = html_text(report)
    assert "until 2027-01-31" in text
    assert "the vendor is late" in text


def test_what_is_new_comes_first_has_a_badge_and_can_be_filtered(prod: Report) -> None:
    old, new = violation(0, "a"), violation(1, "a")
    page = Page(html_text(against(judged(prod, {"a": [old, new]}, [waived(violation(2, "a"))]), new)))
    assert page.values["data-age"] == ["new", "known", "known"]
    assert page.values["class"].count("badge") == 1
    assert "age" in page.values["name"]


def test_without_a_baseline_nothing_speaks_of_new_and_known(broken: Report) -> None:
    page = Page(html_text(broken))
    assert set(page.values["data-age"]) == {""}
    assert "age" not in page.values["name"]
    assert "badge" not in page.values["class"]


def test_an_address_that_is_not_one_of_the_web_is_no_link(prod: Report) -> None:
    found = replace(violation(0, "a"), url="javascript:alert(1)")
    assert "javascript:alert(1)" not in Page(html_text(judged(prod, {"a": [found]}))).values["href"]


@PROPERTY
@given(word=HOSTILE)
def test_no_name_is_taken_for_markup(prod: Report, word: str) -> None:
    page, tame = Page(html_text(hostile(prod, word))), Page(html_text(hostile(prod, TAME)))
    assert page.tags == tame.tags
    assert page.values["id"] == tame.values["id"]
    assert page.texts["script"] == tame.texts["script"]
