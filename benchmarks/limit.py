"""The limit of what Python's web servers can do: products in a dict behind Starlette, with or without validation.

python -m benchmarks.limit PORT SHELF [--validate]

With `--validate` every body is held against the schemas of storelab's document, compiled, in both directions.
"""

from __future__ import annotations

import itertools
import json
import sys
from pathlib import Path
from typing import Any

import orjson
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from storelab.emulators.kernel.documents import load_document
from storelab.emulators.kernel.operations import Document, Operation

API = "/wp-json/wc/v3"
IDS = itertools.count(1_000_000)


def application(shelf: dict[str, Any], validate: bool) -> Starlette:
    document = Document(load_document("woocommerce"), None) if validate else None
    products = {shown["id"]: shown for shown in shelf["page"]}

    def operation(method: str, path: str) -> Operation | None:
        return document.match(method, API + path).operation if document else None

    listing, making, ordering = (
        operation("GET", "/products"),
        operation("POST", "/products"),
        operation("POST", "/orders"),
    )
    reading, changing = operation("GET", "/products/1"), operation("PUT", "/products/1")

    def answer(operation: Operation | None, body: Any, status: int = 200) -> Response:
        if operation is not None and (problems := operation.answer_problems(status, body)):
            raise ValueError(problems)
        return Response(orjson.dumps(body), status, media_type="application/json")

    async def sent(request: Request, operation: Operation | None) -> Any:
        body = orjson.loads(await request.body())
        if operation is not None and (problems := list(operation.problems_in("body", body))):
            raise ValueError(problems)
        return body

    async def listed(request: Request) -> Response:
        most = int(request.query_params.get("per_page", 10))
        return answer(listing, list(itertools.islice(products.values(), most)))

    async def read(request: Request) -> Response:
        return answer(reading, products[int(request.path_params["id"])])

    async def made(request: Request) -> Response:
        body = await sent(request, making)
        number = next(IDS)
        products[number] = {**shelf["page"][0], **body, "id": number}
        return answer(making, {**products[number], **ONLY_WHEN_EDITED}, 201)

    async def changed(request: Request) -> Response:
        number = int(request.path_params["id"])
        products[number] = {**products[number], **(await sent(request, changing))}
        return answer(changing, {**products[number], **ONLY_WHEN_EDITED})

    async def ordered(request: Request) -> Response:
        body = await sent(request, ordering)
        return answer(ordering, {**shelf["order"], "payment_method": body["payment_method"]}, 201)

    return Starlette(
        routes=[
            Route(f"{API}/products", listed, methods=["GET"]),
            Route(f"{API}/products", made, methods=["POST"]),
            Route(f"{API}/products/{{id}}", read, methods=["GET"]),
            Route(f"{API}/products/{{id}}", changed, methods=["PUT"]),
            Route(f"{API}/orders", ordered, methods=["POST"]),
        ]
    )


ONLY_WHEN_EDITED = {"permalink_template": "http://127.0.0.1/product/%pagename%/", "generated_slug": "mug"}


def main() -> None:
    app = application(json.loads(Path(sys.argv[2]).read_text()), "--validate" in sys.argv)
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="error", access_log=False)


if __name__ == "__main__":
    main()
