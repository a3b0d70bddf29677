"""Puts the documentation together and builds the site: what is written here, and the pages made from the project.

    python -m docs.build OUT      # strict: a broken link, to a page, a heading or a file of the project, is an error

OUT/pages gets the pages, OUT/site the site. Pages that nobody put into the navigation stand under "More".
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from docs import reference
from storelab.testing import Laboratory

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
NAVIGATION = {
    "Start": ("index.md", "tutorial.md"),
    "How to": (
        "developer.md",
        "pytest.md",
        "other-languages.md",
        "sandbox.md",
        "container.md",
        "console.md",
        "connectors.md",
        "ci.md",
        "qa.md",
        "stories.md",
        "vendor.md",
        "verify.md",
        "record-replay.md",
        "sync.md",
    ),
    "Backends": ("backends/",),
    "Reference": ("reference/",),
    "What holds": (
        "coverage.md",
        "faithfulness.md",
        "what-travels.md",
        "disclosure.md",
        "security.md",
        "benchmarks.md",
    ),
    "About": ("decisions.md", "contributing.md", "changelog.md"),
}
OF_THE_PROJECT = {  # pages that are kept elsewhere
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
    "scenarios/README.md": "stories.md",
}
LINK = re.compile(r"(?<!!)\[(?P<text>[^\]]*)\]\((?!https?:|#|mailto:)(?P<target>[^)\s#]+)(?P<anchor>#[^)\s]*)?\)")


def main() -> int:
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    out = Path(sys.argv[1]).resolve()
    pages = out / "pages"
    shutil.rmtree(pages, ignore_errors=True)
    with Laboratory() as laboratory:
        made = dict(reference.pages(laboratory))
    here = {path.relative_to(HERE).as_posix(): path for path in HERE.rglob("*.md")}
    there = {page: ROOT / name for name, page in OF_THE_PROJECT.items()}
    texts = {**{page: path.read_text("utf-8") for page, path in {**here, **there}.items()}, **made}
    places = {page: path.parent for page, path in there.items()}  # all others are where their page is
    wrong = [message for page, text in texts.items() for message in lay_out(page, text, places.get(page), pages)]
    for picture in HERE.rglob("*.png"):
        kept = pages / picture.relative_to(HERE)
        kept.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(picture, kept)
    for message in wrong:
        print(f"docs: {message}", file=sys.stderr)
    config = out / "zensical.toml"
    config.write_text(configured(texts), "utf-8")
    zensical = [sys.executable, "-m", "zensical", "build", "--strict", "--clean", "--config-file", str(config)]
    built = subprocess.run(zensical, cwd=out, check=False)  # noqa: S603 (our own command)
    return built.returncode or int(bool(wrong))


def lay_out(page: str, text: str, place: Path | None, pages: Path) -> list[str]:
    """Write a page to where the site wants it; the files of the project that its links lead to come along. Answers what
    is wrong with its links. `place` is the folder that they begin from, where that is not the page's own."""
    begin, broken = place or (HERE / page).parent, []

    def link(found: re.Match[str]) -> str:
        target = (begin / found["target"]).resolve()
        name = target.relative_to(ROOT).as_posix() if target.is_relative_to(ROOT) else ""
        if target.is_relative_to(HERE):
            led = target.relative_to(HERE).as_posix()
        elif name in OF_THE_PROJECT:
            led = OF_THE_PROJECT[name]
        elif name and target.is_file():
            led = f"files/{name}"
            (pages / led).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(target, pages / led)
        else:
            if not (name and target.is_dir()):  # a folder has no page: what it is called stays
                broken.append(f"{page}: {found['target']} is no file of the project")
            return found["text"]
        return f"[{found['text']}]({relative(led, page)}{found['anchor'] or ''})"

    path = pages / page
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(LINK.sub(link, text), "utf-8")
    return broken


def relative(target: str, page: str) -> str:
    """The way from one page to another, or to a file."""
    return "../" * (len(PurePosixPath(page).parts) - 1) + target


def configured(texts: Mapping[str, str]) -> str:
    """The generator's settings, with a navigation of what there is."""
    left = dict.fromkeys(sorted(texts))
    navigation = []
    for section, entries in NAVIGATION.items():
        there = [page for entry in entries for page in left if belongs(page, entry)]
        for page in there:
            del left[page]
        navigation.append((section, there))
    navigation.append(("More", list(left)))
    sections = [
        f"  {{ {json.dumps(section)} = [{', '.join(entry(texts[page], page) for page in there)}] }},"
        for section, there in navigation
        if there
    ]
    return "\n".join(
        [
            "[project]",
            'site_name = "storelab"',
            'site_description = "A laboratory for WooCommerce connectors"',
            'docs_dir = "pages"',
            'site_dir = "site"',
            "use_directory_urls = false",
            "nav = [",
            *sections,
            "]",
            "[project.theme]",
            "font = false",
            'features = ["navigation.sections", "content.code.copy", "search.highlight"]',
            "[[project.theme.palette]]",
            'media = "(prefers-color-scheme: light)"',
            'scheme = "default"',
            "[[project.theme.palette]]",
            'media = "(prefers-color-scheme: dark)"',
            'scheme = "slate"',
            "",
        ]
    )


def belongs(page: str, entry: str) -> bool:
    """Whether an entry of the navigation means this page: itself, or its folder."""
    return page == entry or (entry.endswith("/") and page.startswith(entry))


def entry(text: str, page: str) -> str:
    return f"{{ {json.dumps(title(text))} = {json.dumps(page)} }}"


def title(text: str) -> str:
    """The first heading."""
    found = re.search(r"^# (.+)$", text, re.M)
    return found[1].replace("`", "") if found else "Untitled"


if __name__ == "__main__":
    raise SystemExit(main())
