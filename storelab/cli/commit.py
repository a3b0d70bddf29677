"""Which version this is: the commit and the branch, from the CI's variables or from git."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping

COMMITS = ("GITHUB_SHA", "CI_COMMIT_SHA", "BUILDKITE_COMMIT", "CIRCLE_SHA1", "BITBUCKET_COMMIT", "GIT_COMMIT")
BRANCHES = (
    "GITHUB_HEAD_REF", "GITHUB_REF_NAME", "CI_COMMIT_REF_NAME", "BUILDKITE_BRANCH", "CIRCLE_BRANCH", "BITBUCKET_BRANCH",
    "GIT_BRANCH",
)  # fmt: skip


def number(environment: Mapping[str, str] = os.environ) -> str:
    """The commit; "" when there is none to be found."""
    return _first(COMMITS, environment) or _git("rev-parse", "HEAD")


def branch(environment: Mapping[str, str] = os.environ) -> str:
    """ "" also when nothing but a commit is checked out."""
    found = _first(BRANCHES, environment) or _git("rev-parse", "--abbrev-ref", "HEAD")
    return "" if found == "HEAD" else found


def build_url(environment: Mapping[str, str] = os.environ) -> str:
    if "GITHUB_RUN_ID" in environment:
        server, name = environment.get("GITHUB_SERVER_URL", ""), environment.get("GITHUB_REPOSITORY", "")
        return f"{server}/{name}/actions/runs/{environment['GITHUB_RUN_ID']}"
    return _first(("CI_JOB_URL", "BUILDKITE_BUILD_URL", "CIRCLE_BUILD_URL", "BUILD_URL"), environment)


def _first(names: tuple[str, ...], environment: Mapping[str, str]) -> str:
    return next((environment[name] for name in names if environment.get(name)), "")


def _git(*arguments: str) -> str:
    git = shutil.which("git")
    if git is None:
        return ""
    run = subprocess.run([git, *arguments], capture_output=True, text=True, timeout=20, check=False)  # noqa: S603
    return run.stdout.strip() if run.returncode == 0 else ""
