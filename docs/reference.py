"""Pages that are made from the project: they say what there is, and cannot be behind."""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import typer

from storelab import coverage, pytest_plugin, testing
from storelab.cli import app
from storelab.emulators.kernel.documents import load_document
from storelab.scenarios.story import read, stories
from storelab.testing import Call, Clock, Deliveries, Faults, Journal, Laboratory, Service, World
from storelab.testing.connector import Connector
from storelab.testing.in_process import InProcess
from storelab.testing.playable import Playable

ROOT = Path(__file__).resolve().parent.parent
STORE = "woocommerce"
KINDS = (
    ("moves", "Moves", "What a person or the vendor does behind the API."),
    ("states", "States", "Named situations: setting one twice is harmless."),
    ("facts", "Facts", "What the vendor now believes."),
)
APIS = (("control", "The control API"), ("connector", "The driver API of a connector"))
CLASSES = (World, Service, Clock, Faults, Journal, Call, Deliveries, Laboratory, InProcess, Connector, Playable)


def pages(laboratory: Laboratory) -> Iterator[tuple[str, str]]:
    """Path and text of each."""
    covered = laboratory.client.call("GET", "/coverage")
    operations = {name: coverage.proven(rows, coverage.asked(name)) for name, rows in covered.items()}
    with laboratory.world() as world:
        for name in laboratory.client.vocabulary:
            yield f"backends/{'store' if name == STORE else name}.md", backend(name, world, operations[name])
    yield "coverage.md", what_is_proven(operations, laboratory.client.vocabulary)
    yield "decisions.md", decisions()
    yield "reference/cli.md", command_line()
    yield "reference/fixtures.md", fixtures()
    for name, title in APIS:
        yield f"reference/{name}.md", api(name, title)


# -- a backend


def backend(name: str, world: World, operations: Sequence[Mapping[str, Any]]) -> str:
    known, document = world.laboratory.client.vocabulary[name], load_document(name)
    service = world.service(name)
    package = importlib.import_module(f"storelab.emulators.{name}")
    addresses = [f"`{address}`" for address in document.get("x-vendor-addresses", ())]
    assumed = sum(bool(o["assumed"]) for o in operations)
    proven = sum(bool(o["proven"]) for o in operations)
    emulated = sum(bool(o["emulated"]) for o in operations)
    lines = [
        f"# {known['title']}",
        "",
        plain(document["info"].get("description") or inspect.getdoc(package) or ""),
        "",
        f"{emulated} of {len(operations)} operations are emulated, {proven} of them proven by a contract or a "
        f"recording, {assumed} assumed. [What that means](../coverage.md).",
        "",
        "## Reach it",
        "",
        f"`storelab up` has it at `/{name}`. A test has the fixture `{'woo' if name == STORE else name}`, and its keys "
        f"as attributes: {', '.join(f'`{key}`' for key in service.credentials)}.",
    ]
    if addresses:
        lines += ["", f"With the fixture `in_process`, {' and '.join(addresses)} lead to it too."]
    for section, title, about in KINDS:
        words = known[section]
        lines += ["", f"## {title}", "", about, "", *table(("", "in a test", "what it is"), spoken(service, words))]
    lines += ["", "## Operations", "", *table(("", "", "known from"), map(operation, operations))]
    told = [read(path) for path in stories(name)]
    if told:
        lines += ["", "## Stories", "", *(f"- `storelab run {s.name}`: {plain(s.title)}" for s in told)]
    return "\n".join([*lines, ""])


def spoken(service: Service, words: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    by_words = {word.words: word for word in service.words.values()}
    for name, described in words.items():
        usage = by_words[name].usage
        yield name, f"`{usage.replace(f'{STORE}.', 'woo.', 1)}`", plain(described["about"])


def operation(o: Mapping[str, Any]) -> tuple[str, ...]:
    if not o["emulated"]:
        known = "not emulated: 501"
    else:
        by = [f"{o['recorded']} recorded calls"] if o["recorded"] else []
        by += [f"{o['contracts']} interactions of contracts"] if o["contracts"] else []
        by += [f"assumed: {o['assumed']}"] if o["assumed"] else [o["source"]] if o["source"] else []
        known = plain("; ".join(by))
    return f"`{o['method']} {o['path']}`", f"`{o['operation']}`", known


# -- what is emulated, proven and assumed


def what_is_proven(operations: Mapping[str, Sequence[Mapping[str, Any]]], vocabulary: Mapping[str, Any]) -> str:
    counted = [coverage.counted(name, rows) for name, rows in operations.items()]
    rows = [
        (
            vocabulary[c.service]["title"] if c.service in vocabulary else "all",
            *map(str, (c.documented, c.emulated, c.proven, c.by_contract, c.by_recording, c.recorded_calls, c.assumed)),
        )
        for c in [*counted, coverage.total(counted)]
    ]
    head = ("", "documented", "emulated", "proven", "by contracts", "by recordings", "recorded calls", "assumed")
    return "\n".join(
        [
            "# What is emulated, proven and assumed",
            "",
            "Counted from the OpenAPI documents, the recordings and the contracts when this page was made. `storelab "
            "coverage` counts it again.",
            "",
            "- **documented**: operations of the vendor that are known of. Those that are not emulated answer 501 with "
            "`X-Storelab: not-emulated`, never as the vendor would.",
            "- **proven**: emulated, and held by the tests against recorded calls of the real service, or against a "
            "contract that a consumer's own code has written. A contract says what a consumer needs, not that the "
            "vendor does it.",
            "- **assumed**: nothing public says how it is; what stands there is a design of ours, and its reason is in "
            "the page of the backend. Do not take it for the vendor's word.",
            "",
            *table(head, rows),
            "",
            "Assumed, and therefore to be asked of the vendor first:",
            "",
            *assumptions(operations, vocabulary),
            "",
        ]
    )


def assumptions(operations: Mapping[str, Sequence[Mapping[str, Any]]], vocabulary: Mapping[str, Any]) -> Iterator[str]:
    for name, rows in operations.items():
        if assumed := [f"`{o['operation']}`" for o in rows if o["assumed"]]:
            yield f"- {vocabulary[name]['title']}: {', '.join(assumed)}"


def decisions() -> str:
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    section = re.search(r"^## Decisions\n(.*?)(?=^## |\Z)", text, re.M | re.S)
    assert section is not None, "CONTRIBUTING.md has a section of decisions"
    return f"# Decisions\n{section[1]}"


# -- the command line


def command_line() -> str:
    group: Any = typer.main.get_command(app)
    lines = [
        "# Command line",
        "",
        "Exit code 0: it held, 1: it did not, 2: it could not be run. `--json` is for machines.",
    ]
    for name, command in group.commands.items():
        lines += ["", f"## storelab {name}", "", *described(command)]
        for inner, more in getattr(command, "commands", {}).items():
            lines += ["", f"### storelab {name} {inner}", "", *described(more)]
    return "\n".join([*lines, ""])


def described(command: Any) -> Iterator[str]:
    yield plain(command.help or "")
    if command.epilog:
        yield ""
        said, _, examples = command.epilog.partition(": ")
        yield f"{said}: {'; '.join(f'`{example}`' for example in examples.split('; '))}"
    rows = []
    for parameter in command.params:
        names = "/".join([*parameter.opts, *parameter.secondary_opts])
        if parameter.param_type_name == "argument":
            names = (parameter.name or "").upper()
        default = "" if parameter.default in (None, "", False, ()) or callable(parameter.default) else parameter.default
        rows.append((f"`{names}`", plain(getattr(parameter, "help", "") or ""), f"`{default}`" if default else ""))
    if rows:
        yield ""
        yield from table(("", "", "default"), rows)


# -- fixtures


def fixtures() -> str:
    found = {
        getattr(value, "name", None) or name: inspect.getdoc(value) or ""
        for name, value in vars(pytest_plugin).items()
        if type(value).__name__ == "FixtureFunctionDefinition"
    }
    lines = [
        "# Fixtures",
        "",
        "There wherever storelab is installed beside pytest; how they are used is told in [the how-to](../pytest.md).",
        "",
        *table(("fixture", "what it is"), [(f"`{name}`", plain(about)) for name, about in found.items()]),
        "",
        "Markers: `@pytest.mark.storelab(seed=..., snapshot=...)` says how the world of a test begins, "
        "`@pytest.mark.storelab_story(*names)` which stories the fixture `story` is in turn.",
        "",
        "## Classes",
        "",
        "For annotations, and for tests without pytest.",
    ]
    for kind in CLASSES:
        home = testing.__name__ if hasattr(testing, kind.__name__) else kind.__module__
        lines += [
            "",
            f"### {kind.__name__}",
            "",
            f"`from {home} import {kind.__name__}`",
            "",
            plain(inspect.getdoc(kind) or ""),
            "",
            *members(kind),
        ]
    return "\n".join([*lines, ""])


def members(kind: type) -> Iterator[str]:
    rows = []
    for name, value in vars(kind).items():
        if name.startswith("_"):
            continue
        if inspect.isfunction(value):
            rows.append((f"`{name}{signature(value)}`", plain(inspect.getdoc(value) or "")))
        elif isinstance(value, property) or type(value).__name__ == "cached_property":
            rows.append((f"`{name}`", plain(inspect.getdoc(value) or "")))
    yield from table(("", ""), rows) if rows else ()


def signature(function: Callable[..., Any]) -> str:
    shown = str(inspect.signature(function)).partition(" -> ")[0]
    return re.sub(r"^\(self(, )?", "(", shown).replace("'", "")


# -- documents


def api(name: str, title: str) -> str:
    document = load_document(name)
    lines = [f"# {title}", "", plain(document["info"]["description"])]
    lines += ["", f"The document itself: [openapi/{name}.yaml](../../openapi/{name}.yaml).", ""]
    rows = []
    for path, item in document["paths"].items():
        for method in ("get", "post", "put", "patch", "delete"):
            if method in item:
                rows.append((f"`{method.upper()} {path}`", plain(item[method].get("summary", ""))))
    return "\n".join([*lines, *table(("", ""), rows), ""])


# -- Markdown


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield "| " + " | ".join(head) + " |"
    yield "|" + "---|" * len(head)
    for row in rows:
        yield "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in row) + " |"


def plain(text: str) -> str:
    """Text of the project in a page: paragraphs stay, and nothing in it is taken for HTML or for a link."""
    paragraphs = re.split(r"\n\s*\n", text.strip())
    return "\n\n".join(" ".join(p.split()).replace("<", "&lt;").replace("][", "]\\[") for p in paragraphs)
