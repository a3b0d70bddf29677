"""How pages of the documentation become a site: links, and where each page stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from docs import build


def laid(text: str, tmp_path: Path, page: str = "page.md") -> tuple[str, list[str]]:
    wrong = build.lay_out(page, text, None, tmp_path)
    return (tmp_path / page).read_text(), wrong


@pytest.mark.parametrize(
    ("link", "led"),
    [
        ("[a](pytest.md#without-a-port)", "[a](pytest.md#without-a-port)"),
        ("[a](../CHANGELOG.md)", "[a](changelog.md)"),
        ("[a](../openapi/keycrm.yaml)", "[a](files/openapi/keycrm.yaml)"),
        ("[a](https://example.com/x)", "[a](https://example.com/x)"),
        ("[folders](../scenarios/keycrm) have no page", "folders have no page"),
    ],
    ids=["page", "page that is kept elsewhere", "file", "elsewhere", "folder"],
)
def test_a_link_leads_to_where_things_are_in_the_site(link: str, led: str, tmp_path: Path) -> None:
    assert laid(link, tmp_path) == (led, [])


def test_a_file_that_is_linked_comes_along(tmp_path: Path) -> None:
    text, _ = laid("[a](../../openapi/keycrm.yaml)", tmp_path, "reference/page.md")

    assert text == "[a](../files/openapi/keycrm.yaml)"
    assert (tmp_path / "files" / "openapi" / "keycrm.yaml").is_file()


@pytest.mark.parametrize("target", ["../nothing.yaml", "../../outside", "../openapi/nothing.yaml"])
def test_a_link_that_leads_nowhere_is_told(target: str, tmp_path: Path) -> None:
    _, wrong = laid(f"[a]({target})", tmp_path)

    assert wrong == [f"page.md: {target} is no file of the project"]


def test_every_page_stands_in_the_navigation_once() -> None:
    pages = {"index.md": "# Home", "new.md": "# Something `new`", "backends/acme.md": "# Acme"}

    config = build.configured(pages)

    assert '{ "Start" = [{ "Home" = "index.md" }] }' in config
    assert '{ "Backends" = [{ "Acme" = "backends/acme.md" }] }' in config
    assert '{ "More" = [{ "Something new" = "new.md" }] }' in config
    assert all(config.count(f'"{page}"') == 1 for page in pages)
