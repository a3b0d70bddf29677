"""What a consumer says of an interaction: the request that it makes, or the message that it hears."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pact import Pact
from pact.interaction import HttpInteraction

JSON = "application/json"

Asks = Callable[..., HttpInteraction]
Given = Sequence[tuple[str, Mapping[str, Any]]]
EMPTY: Given = (("an empty account", {}),)


def asked(
    pact: Pact,
    test_name: str,
    what: str,
    method: str,
    path: Any,
    *query: tuple[str, Any],
    within: str = "",
    always: Given = (),
    given: Given = (),
    authorization: Any = None,
    headers: Mapping[str, Any] | None = None,
    body: Any = None,
) -> HttpInteraction:
    """The request half of an interaction. A path that begins with no slash is `within` another; paths, headers and
    values of the query may be matchers. What is `always` given comes before what is `given`."""
    interaction = pact.upon_receiving(what)
    for state, arguments in (*always, *given):
        interaction.given(state, dict(arguments))
    whole = path if not isinstance(path, str) or path.startswith("/") else f"{within}/{path}"
    interaction.test_name(test_name).with_request(method, whole)
    for name, value in (headers or {}).items():
        interaction.with_header(name, value)
    if authorization is not None:
        interaction.with_header("Authorization", authorization)
    for name, value in query:
        interaction.with_query_parameter(name, value)
    if body is not None:
        interaction.with_body(body, content_type=JSON)
    return interaction


def told(
    pact: Pact,
    test_name: str,
    what: str,
    body: Any,
    hand_over: Callable[[bytes], None],
    *,
    cause: Mapping[str, Any],
    given: Given,
    metadata: Mapping[str, str] | None = None,
) -> None:
    """Agree on a message that the provider sends after its `cause` ({"move": ..., "arguments": ...} or
    {"request": ...}), so that whoever verifies it can bring it about; and give its bytes to `hand_over`."""
    message = pact.upon_receiving(what, "Async")
    for state, arguments in given:
        message.given(state, dict(arguments))
    message.test_name(test_name).set_comment("cause", dict(cause))
    message.with_body(body, content_type=JSON).with_metadata({"contentType": JSON, **(metadata or {})})

    def handle(content: str | bytes | None, metadata: dict[str, object]) -> None:
        hand_over(content if isinstance(content, bytes) else str(content).encode())

    pact.verify(handle, "Async")


def move(name: str, **arguments: Any) -> dict[str, Any]:
    """A cause: what a person does at the provider's."""
    return {"move": name, "arguments": arguments}
