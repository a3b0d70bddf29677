"""Fuzzing: every operation of a service's document, from every named state, with all checks and the laws on.

schemathesis generates the requests from `openapi/<service>.yaml`. Each plan gets a world of its own, with a frozen
clock, webhooks held back and a seed, so that the same plan sends the same requests.
"""

from .plan import FRESH, OURS, PHASES, Finding, Outcome, Plan, plans
from .run import fuzz
from .target import Target, configured, credentials

__all__ = [
    "FRESH",
    "OURS",
    "PHASES",
    "Finding",
    "Outcome",
    "Plan",
    "Target",
    "configured",
    "credentials",
    "fuzz",
    "plans",
]
