"""Contracts by way of a Pact broker, ours or another: what a pipeline runs.

The broker's address is --broker or PACT_BROKER_BASE_URL. What opens it is read from the environment only
(PACT_BROKER_TOKEN, or PACT_BROKER_USERNAME and PACT_BROKER_PASSWORD): everybody on a machine can see an argument.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from storelab.emulators.kernel.errors import LabError

from . import commit, show
from .proofs import At, laboratory
from .reach import Json

if TYPE_CHECKING:
    from storelab.contracts.brokered import Due
    from storelab.contracts.client import Account, Ran
    from storelab.contracts.kit import Verdict

At_broker = Annotated[str, typer.Option("--broker", help="Address of the broker (or PACT_BROKER_BASE_URL).")]
Number = Annotated[str, typer.Option("--version", help="Of the application; the commit when left out.")]
Branch = Annotated[str, typer.Option("--branch", help="Of the version; from the CI or git when left out.")]
Application = Annotated[str, typer.Argument(help="A consumer or a provider, as the contracts name it.")]


def add_to(group: typer.Typer) -> None:
    group.command("publish", epilog="Example: storelab contracts publish --version 1.4.0 --branch main")(publish)
    group.command(
        "verify",
        epilog="Examples: storelab contracts verify keycrm --version 2.1; "
        "storelab contracts verify keycrm --provider-url https://api.example --publish",
    )(verify)
    group.command(
        "can-i-deploy", epilog="Example: storelab contracts can-i-deploy sync --version 1.4.0 --to production"
    )(can_i_deploy)
    group.command(
        "record-deployment", epilog="Example: storelab contracts record-deployment sync --version 1.4.0 --to production"
    )(record_deployment)
    group.command(
        "record-release", epilog="Example: storelab contracts record-release plugin --version 1.4.0 --to production"
    )(record_release)


def publish(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="Pact files and folders; storelab's own contracts when left out.")
    ] = None,
    version: Number = "",
    branch: Branch = "",
    tag: Annotated[list[str] | None, typer.Option(help="A tag for the version; may be repeated.")] = None,
    merge: Annotated[bool, typer.Option("--merge", help="Add to what this version has published already.")] = False,
    broker: At_broker = "",
    json_: Json = False,
) -> None:
    """Publish contracts, as those of one version of their consumers."""
    from storelab.contracts import client
    from storelab.contracts.pactfiles import PACTS

    there = client.account(broker)
    places = list(paths or [PACTS])
    files = [str(file) for path in places for file in (sorted(path.glob("*.json")) if path.is_dir() else [path])]
    missing = [file for file in files if not Path(file).is_file()]
    if missing or not files:
        said = missing[0] if missing else f"in {', '.join(map(str, places))}"
        raise LabError(f"there is no pact file {said}: name pact files, or folders with *.json in them")
    options = ["--consumer-app-version", _version(version), *_option("--branch", branch or commit.branch())]
    options += [*_option("--build-url", commit.build_url()), *(["--merge"] if merge else [])]
    for name in tag or ():
        options += ["--tag", name]
    ran = client.ran(there, "publish", *files, *options)
    if json_:
        show.as_json({"published": ran.code == 0, "said": ran.said})
    elif ran.code == 0:
        show.say(ran.output.strip())
    _done(ran)


def verify(
    providers: Annotated[
        list[str] | None, typer.Argument(help="All that the sandbox emulates when left out.", metavar="[PROVIDER]...")
    ] = None,
    version: Number = "",
    branch: Branch = "",
    selector: Annotated[
        list[str] | None,
        typer.Option(help='JSON, such as {"branch": "main"}; main branches, environments, same branch when left out.'),
    ] = None,
    pending: Annotated[bool, typer.Option(help="What nobody has kept yet may fail without breaking the build.")] = True,
    wip_since: Annotated[str, typer.Option(help="Also work in progress that began after this date (2026-01-31).")] = "",
    publish: Annotated[bool, typer.Option("--publish", help="Tell the broker what came of it.")] = False,
    provider_url: Annotated[str, typer.Option(help="Verify the provider at this address, no emulator.")] = "",
    state_url: Annotated[str, typer.Option(help="With --provider-url: where it takes states.")] = "",
    given: Annotated[
        list[str] | None,
        typer.Option(help="NAME=VALUE for the contracts; KEYCRM_API_KEY in the environment is api_key."),
    ] = None,
    broker: At_broker = "",
    url: At = "",
    json_: Json = False,
) -> None:
    """Verify what a broker says is due, and publish the results with --publish."""
    from storelab.contracts import brokered, client, kit

    there = brokered.Broker(client.account(broker))
    ours = brokered.Version(_version(version), branch or commit.branch(), commit.build_url())
    chosen = [_selector(each) for each in selector or ()] or brokered.RECOMMENDED
    if provider_url and len(providers or ()) != 1:
        raise LabError("with --provider-url name the one provider that is there")
    told: list[tuple[Due, list[Verdict]]] = []
    with _verifier(provider_url, state_url, given or [], url) as (names, verified):
        for provider in providers or names:
            for due in there.due(provider, branch=ours.branch, selectors=chosen, pending=pending, wip_since=wip_since):
                found = verified(due)
                told.append((due, found))
                if publish:
                    there.tell(due, ours, found)
    if not told:
        raise LabError(f"the broker has no contract to verify with {', '.join(providers or names)}")
    held = all(due.pending or all(v.verdict == kit.KEPT for v in found) for due, found in told)
    if json_:
        show.as_json(
            {"held": held, "version": ours.number, "published": publish, "contracts": [_told(*one) for one in told]}
        )
    else:
        _show(told, ours.number if publish else "")
    raise SystemExit(0 if held else 1)


@contextmanager
def _verifier(
    provider_url: str, state_url: str, given: list[str], url: str
) -> Iterator[tuple[list[str], Callable[[Due], list[Verdict]]]]:
    """Which providers there are, and what verifies one contract: the emulators, or the provider at an address."""
    from storelab.contracts import kit
    from storelab.verify import run

    with tempfile.TemporaryDirectory(prefix="storelab-due-") as folder:
        file = Path(folder) / "pact.json"

        def kept(due: Due) -> Path:
            own = {name: value for name, value in due.pact.items() if not name.startswith("_") and name != "createdAt"}
            file.write_text(json.dumps(own))
            return file

        if provider_url:

            def remote(due: Due) -> list[Verdict]:
                kept(due)
                name = due.pact["provider"]["name"]
                values = {**run.known_values(name), **run.given_values(given)}
                report = kit.verify_url(
                    provider_url, provider=name, states=state_url, given=values, folder=Path(folder)
                )
                return list(report.verdicts)

            yield [], remote
        else:
            with laboratory(url, sync=False) as lab:
                info = lab.info()
                yield ["woocommerce", *info["backends"]], lambda due: kit.verified_file(lab, kept(due))


def can_i_deploy(
    application: Application,
    to: Annotated[str, typer.Option(help="The environment.")],
    version: Number = "",
    wait: Annotated[int, typer.Option(min=0, help="Ask this often, 10 s apart, while a result is missing.")] = 0,
    broker: At_broker = "",
    json_: Json = False,
) -> None:
    """May this version be deployed: is every contract with what is in the environment kept?"""
    from storelab.contracts import client

    there, number = client.account(broker), _version(version)
    options = ["--pacticipant", application, "--version", number, "--to-environment", to, "--output", "json"]
    waiting = ["--retry-while-unknown", str(wait), "--retry-interval", "10"] if wait else []
    ran = client.ran(there, "can-i-deploy", *options, *waiting)
    answer = ran.json
    if not isinstance(answer, dict) or "summary" not in answer:
        raise LabError(f"the broker could not say: {ran.said or 'no answer'}")
    summary = answer["summary"]
    yes = summary.get("deployable") is True
    if json_:
        show.as_json(
            {"deployable": summary.get("deployable"), "reason": summary.get("reason"), "matrix": _rows(answer)}
        )
    else:
        rows = [tuple(row.values()) for row in _rows(answer)]
        if rows:
            show.table("Contracts", ("consumer", "version", "provider", "version", "verdict"), rows)
        show.say(f"{application} {number} may {'' if yes else 'not '}be deployed to {to}: {summary.get('reason')}")
    raise SystemExit(0 if yes else 1)


def _rows(answer: dict[str, Any]) -> list[dict[str, str]]:
    def number(side: dict[str, Any]) -> str:
        return (side.get("version") or {}).get("number") or "none"

    verdicts = {True: "kept", False: "broken", None: "unknown"}
    return [
        {
            "consumer": row["consumer"]["name"],
            "consumer_version": number(row["consumer"]),
            "provider": row["provider"]["name"],
            "provider_version": number(row["provider"]),
            "verdict": verdicts[(row.get("verificationResult") or {}).get("success")],
        }
        for row in answer.get("matrix", ())
    ]


def record_deployment(
    application: Application,
    to: Annotated[str, typer.Option(help="The environment.")],
    version: Number = "",
    instance: Annotated[str, typer.Option(help="Which of several that run there at once.")] = "",
    broker: At_broker = "",
    json_: Json = False,
) -> None:
    """This version is in the environment now, instead of the one before."""
    _record(
        "deployment", broker, json_, application, _version(version), to, *_option("--application-instance", instance)
    )


def record_release(
    application: Application,
    to: Annotated[str, typer.Option(help="The environment.")],
    version: Number = "",
    broker: At_broker = "",
    json_: Json = False,
) -> None:
    """This version is out in the environment, beside those before: what users install themselves, such as a plugin."""
    _record("release", broker, json_, application, _version(version), to)


def _record(what: str, broker: str, as_json: bool, application: str, number: str, to: str, *options: str) -> None:
    from storelab.contracts import client

    there: Account = client.account(broker)
    named = ["--pacticipant", application, "--version", number, "--environment", to]
    ran = client.ran(there, f"record-{what}", *named, *options)
    if ran.code == 0:
        told = {"recorded": what, "application": application, "version": number, "environment": to}
        show.as_json(told) if as_json else show.say(f"recorded: {application} {number} is in {to}")
    _done(ran)


def _done(ran: Ran) -> None:
    if ran.code:
        raise LabError(f"the broker did not take it: {ran.said}")


def _version(given: str) -> str:
    found = given or commit.number()
    if not found:
        raise LabError("which version? There is no git commit here: name it with --version")
    return found


def _option(name: str, value: str) -> list[str]:
    return [name, value] if value else []


def _selector(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise LabError(f'a selector is a JSON object such as {{"branch": "main"}}, not {text!r}')
    return found


def _told(due: Due, verdicts: list[Verdict]) -> dict[str, Any]:
    return {
        "consumer": due.consumer,
        "provider": due.pact["provider"]["name"],
        "pending": due.pending,
        "work_in_progress": due.wip,
        "notices": list(due.notices),
        "interactions": [verdict.as_json() for verdict in verdicts],
    }


def _show(told: list[tuple[Due, list[Verdict]]], published_as: str) -> None:
    rows, broken = [], []
    for due, verdicts in told:
        counts = [sum(v.verdict == kind for v in verdicts) for kind in ("kept", "broken", "skipped")]
        kind = "work in progress" if due.wip else "pending" if due.pending else ""
        held = "kept" if counts[0] == len(verdicts) else "broken"
        rows.append((due.consumer, due.pact["provider"]["name"], *counts, held, kind))
        broken += [v for v in verdicts if v.verdict == "broken"]
    show.table("Contracts that are due", ("consumer", "provider", "kept", "broken", "skipped", "verdict", ""), rows)
    for verdict in broken:
        why = "; ".join(f"{d.where}: {d.message}" for d in verdict.differences)
        show.say(f"broken: {verdict.consumer} with {verdict.provider}: {verdict.description}: {why}")
    if published_as:
        print(f"The broker has the results, as those of version {published_as}.", file=sys.stderr)
