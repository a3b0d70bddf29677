"""What a user would pick instead. A peer is installed into the user's cache when it is first asked for; one that
cannot be installed is named as not measured, with the reason.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from .asking import Bodies, order, product, request, rest
from .contestants import Contestant, Unmeasured, answer_to, free_port
from .load import filled

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "storelab" / "peers"
RECORDS = 100
API = "/wp-json/wc/v3"


def _npm(package: str, file: str) -> Path:
    """A file of a package of npm's, which is installed if it is not there."""
    npm = shutil.which("npm")
    if npm is None:
        raise Unmeasured("there is no npm here")
    folder = CACHE / package.replace("/", "-").strip("@")
    found = folder / "node_modules" / file
    if not list(found.parent.glob(found.name)):
        folder.mkdir(parents=True, exist_ok=True)
        command = [npm, "install", "--silent", "--no-audit", "--no-fund", package]
        if subprocess.run(command, cwd=folder, check=False, capture_output=True).returncode:
            raise Unmeasured(f"npm cannot install {package}")
    if not (there := sorted(found.parent.glob(found.name))):
        raise Unmeasured(f"{package} came without {found.name}")
    return there[0]


def _pip(package: str, command: str) -> Path:
    folder = CACHE / "python"
    found = folder / "bin" / command
    if not found.exists():
        if not folder.exists():
            subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True, capture_output=True)
        install = [str(folder / "bin" / "pip"), "install", "--quiet", package]
        if subprocess.run(install, check=False, capture_output=True).returncode:
            raise Unmeasured(f"pip cannot install {package}")
    return found


def _java() -> str:
    java = shutil.which("java")
    if java is None:
        raise Unmeasured("there is no Java here")
    return java


def _shelf(bodies: Bodies) -> list[dict[str, Any]]:
    """As many products as storelab has; the first ten are the page."""
    more = ({**bodies.one, "id": 100_000 + n, "sku": f"P-{n}"} for n in range(RECORDS - len(bodies.page)))
    return [*bodies.page, *more]


# -- from npm


def prism(bodies: Bodies, folder: Path) -> Contestant:
    command, port = _npm("@stoplight/prism-cli", ".bin/prism"), free_port()
    number = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}
    page = [{"name": "per_page", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 100}}]
    fields = {"name": {"type": "string"}, "regular_price": {"type": "string"}, "stock_quantity": {"type": "integer"}}
    product_schema = {"type": "object", "required": ["name"], "properties": fields}
    stock_schema = {"type": "object", "properties": {"stock_quantity": {"type": "integer"}}}
    order_schema = {"type": "object", "required": ["line_items"], "properties": {"line_items": {"type": "array"}}}

    def operation(name: str, status: str, example: Any, schema: Any = None, parameters: Any = ()) -> dict[str, Any]:
        content = {
            "application/json": {"schema": {"type": ["array", "object"][isinstance(example, dict)]}, "example": example}
        }
        described: dict[str, Any] = {
            "operationId": name,
            "parameters": list(parameters),
            "responses": {status: {"description": name, "content": content}},
        }
        if schema is not None:
            described["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
        return described

    document = {
        "openapi": "3.0.3",
        "info": {"title": "products", "version": "1"},
        "paths": {
            f"{API}/products": {
                "get": operation("list", "200", bodies.page, parameters=page),
                "post": operation("create", "201", bodies.one, product_schema),
            },
            f"{API}/products/{{id}}": {
                "get": operation("one", "200", bodies.one, parameters=[number]),
                "put": operation("stock", "200", bodies.one, stock_schema, [number]),
            },
            f"{API}/orders": {"post": operation("order", "201", bodies.order, order_schema)},
        },
    }
    file = folder / "openapi.json"
    file.write_text(json.dumps(document))
    run = [str(command), "mock", str(file), "-p", str(port), "-h", "127.0.0.1", "--verboseLevel", "error"]
    works = "fixed answers; validates requests"
    return Contestant("Prism, static", run, port, rest(API, bodies), works=works, environment=_PRODUCTION)


def mockoon(bodies: Bodies, folder: Path) -> Contestant:
    command, port = _npm("@mockoon/cli", ".bin/mockoon-cli"), free_port()

    def response(**more: Any) -> dict[str, Any]:
        plain = {
            "uuid": f"a{len(str(more))}",
            "body": "{}",
            "latency": 0,
            "statusCode": 200,
            "label": "",
            "headers": [],
        }
        fixed = {"bodyType": "DATABUCKET", "filePath": "", "sendFileAsBody": False, "rules": [], "rulesOperator": "OR"}
        ends = {"disableTemplating": False, "fallbackTo404": False, "default": True, "crudKey": "id", "callbacks": []}
        return {**plain, **fixed, **ends, **more}

    buckets = {"products": _shelf(bodies), "orders": []}
    environment = {
        "uuid": "00000000-0000-4000-8000-000000000001", "lastMigration": 33, "name": "shop", "endpointPrefix": "",
        "latency": 0, "port": port, "hostname": "127.0.0.1", "folders": [], "cors": False, "headers": [],
        "proxyMode": False, "proxyHost": "", "proxyRemovePrefix": False, "proxyReqHeaders": [], "proxyResHeaders": [],
        "tlsOptions": {
            "enabled": False, "type": "CERT", "pfxPath": "", "certPath": "", "keyPath": "", "caPath": "",
            "passphrase": "",
        },
        "data": [
            {"uuid": f"b{name}", "id": name, "name": name, "documentation": "", "value": json.dumps(rows)}
            for name, rows in buckets.items()
        ],
        "routes": [
            {
                "uuid": f"c{name}", "type": "crud", "documentation": "", "method": "", "endpoint": f"{API[1:]}/{name}",
                "responseMode": None, "streamingMode": None, "streamingInterval": 0,
                "responses": [response(databucketID=name)],
            }
            for name in buckets
        ],
        "rootChildren": [{"type": "route", "uuid": f"c{name}"} for name in buckets],
        "callbacks": [],
    }  # fmt: skip
    file = folder / "mockoon.json"
    file.write_text(json.dumps(environment))
    run = [str(command), "start", "--data", str(file), "--port", str(port), "--disable-log-to-file"]
    asked = rest(API, bodies, page="limit=10&page=1")
    return Contestant("Mockoon, CRUD", run, port, asked, works="keeps records", environment=_PRODUCTION)


def json_server(bodies: Bodies, folder: Path) -> Contestant:
    command, port = _npm("json-server@0.17.4", ".bin/json-server"), free_port()
    file = folder / "db.json"
    file.write_text(json.dumps({"products": _shelf(bodies), "orders": []}))
    run = [str(command), str(file), "--port", str(port), "--host", "127.0.0.1", "--quiet"]
    asked = rest("", bodies, page="_limit=10&_page=1")
    asked["stock"] = asked["stock"].replace(b"PUT", b"PATCH", 1)
    works = "keeps records, in a file"
    return Contestant("json-server 0.17", run, port, asked, works=works, environment=_PRODUCTION)


_PRODUCTION = {"NODE_ENV": "production"}

# -- on Java, out of packages of npm's


def wiremock(bodies: Bodies, folder: Path) -> Contestant:
    jar, port = _npm("wiremock", "wiremock/build/wiremock-standalone-*.jar"), free_port()
    mappings = folder / "wiremock" / "mappings"
    mappings.mkdir(parents=True)

    def stub(method: str, path: str, status: int, body: Any) -> dict[str, Any]:
        headers = {"Content-Type": "application/json"}
        answer = {"status": status, "body": json.dumps(body, separators=(",", ":")), "headers": headers}
        return {"request": {"method": method, "urlPathPattern": API + path}, "response": answer}

    stubs = [
        stub("GET", "/products", 200, bodies.page),
        stub("POST", "/products", 201, bodies.one),
        stub("GET", "/products/[0-9]+", 200, bodies.one),
        stub("PUT", "/products/[0-9]+", 200, bodies.one),
        stub("POST", "/orders", 201, bodies.order),
    ]
    (mappings / "all.json").write_text(json.dumps({"mappings": stubs}))
    run = [_java(), "-jar", str(jar), "--port", str(port), "--root-dir", str(mappings.parent), "--disable-banner"]
    return Contestant("WireMock", run, port, rest(API, bodies), works="fixed answers", warm_up=4)


def mockserver(bodies: Bodies, folder: Path) -> Contestant:
    jar, port = _npm("mockserver-node", "mockserver-node/mockserver-netty-*.jar"), free_port()

    def expectation(method: str, path: str, status: int, body: Any) -> dict[str, Any]:
        text = json.dumps(body, separators=(",", ":"))
        answer = {"statusCode": status, "body": {"type": "STRING", "string": text, "contentType": "application/json"}}
        return {"httpRequest": {"method": method, "path": API + path}, "httpResponse": answer}

    expectations = [
        expectation("GET", "/products", 200, bodies.page),
        expectation("POST", "/products", 201, bodies.one),
        expectation("GET", "/products/[0-9]+", 200, bodies.one),
        expectation("PUT", "/products/[0-9]+", 200, bodies.one),
        expectation("POST", "/orders", 201, bodies.order),
    ]
    file = folder / "expectations.json"
    file.write_text(json.dumps(expectations))
    run = [
        _java(),
        f"-Dmockserver.initializationJsonPath={file}",
        "-Dmockserver.logLevel=WARN",
        "-jar",
        str(jar),
        "-serverPort",
        str(port),
    ]
    return Contestant("MockServer", run, port, rest(API, bodies), works="fixed answers", warm_up=4, folder=folder)


# -- from PyPI


def moto(bodies: Bodies, folder: Path) -> Contestant:
    """Products as items of DynamoDB: the nearest it has."""
    command, port = _pip("moto[server,dynamodb]", "moto_server"), free_port()
    signed = "AWS4-HMAC-SHA256 Credential=x/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=x"

    def asked(operation: str, body: Any) -> bytes:
        headers = {
            "X-Amz-Target": f"DynamoDB_20120810.{operation}",
            "Content-Type": "application/x-amz-json-1.0",
            "Authorization": signed,
        }
        return request("POST", "/", body, headers)

    def item(number: str, value: Any) -> dict[str, Any]:
        return {"TableName": "products", "Item": {"id": {"S": number}, "body": {"S": json.dumps(value)}}}

    def prepare(contestant: Contestant) -> None:
        key = [{"AttributeName": "id", "KeyType": "HASH"}]
        kinds = [{"AttributeName": "id", "AttributeType": "S"}]
        table = {
            "TableName": "products",
            "KeySchema": key,
            "AttributeDefinitions": kinds,
            "BillingMode": "PAY_PER_REQUEST",
        }
        answer_to(port, filled(asked("CreateTable", table)))
        for shown in _shelf(bodies):
            answer_to(port, filled(asked("PutItem", item(str(shown["id"]), shown))))

    one = {"TableName": "products", "Key": {"id": {"S": str(bodies.one["id"])}}}
    update = {**one, "UpdateExpression": "SET stock = :q", "ExpressionAttributeValues": {":q": {"N": "12"}}}
    lines = order(bodies.page[0]["id"], bodies.page[1]["id"])
    requests = {
        "list": asked("Scan", {"TableName": "products", "Limit": 10}),
        "one": asked("GetItem", one),
        "create": asked("PutItem", item("n@n", product())),
        "stock": asked("UpdateItem", update),
        "order": asked("PutItem", item("o@n", lines)),
    }
    run = [str(command), "-H", "127.0.0.1", "-p", str(port)]
    first = request("GET", "/moto-api/data.json")
    return Contestant("moto, DynamoDB", run, port, requests, first, prepare, works="keeps records")


def localstripe(bodies: Bodies, folder: Path) -> Contestant:
    """Customers in the place of products: the nearest it has."""
    command, port = _pip("localstripe", "localstripe"), free_port()
    headers = {"Authorization": "Bearer sk_test_12345", "Content-Type": "application/x-www-form-urlencoded"}

    made = request("POST", "/v1/customers", b"name=Ana&email=ana%40example.com&description=A+customer+@n", headers)
    requests = {"list": request("GET", "/v1/customers?limit=10", headers=headers), "create": made}

    def prepare(contestant: Contestant) -> None:
        for _ in range(RECORDS):
            answer = answer_to(port, filled(made))
        found = re.search(rb'"id": *"(cus_\w+)"', answer)
        if found is None:
            raise Unmeasured(f"it makes no customers: {answer[:200]!r}")
        address = f"/v1/customers/{found[1].decode()}"
        requests["one"] = request("GET", address, headers=headers)
        requests["stock"] = request("POST", address, b"description=changed+@n", headers)

    run = [str(command), "--port", str(port), "--from-scratch"]
    return Contestant("localstripe", run, port, requests, prepare=prepare, works="keeps records", folder=folder)


def _limit(name: str, works: str, *more: str) -> Callable[[Bodies, Path], Contestant]:
    def contestant(bodies: Bodies, folder: Path) -> Contestant:
        file, port = folder / "shelf.json", free_port()
        file.write_text(json.dumps({"page": bodies.page, "order": bodies.order}))
        run = [sys.executable, "-m", "benchmarks.limit", str(port), str(file), *more]
        return Contestant(name, run, port, rest(API, bodies), works=works)

    return contestant


bare = _limit("Starlette, bare", "records in a dict")
validating = _limit("Starlette, validating", "records in a dict; validates both ways", "--validate")

EVERY: dict[str, Callable[[Bodies, Path], Contestant]] = {
    "prism": prism,
    "mockoon": mockoon,
    "wiremock": wiremock,
    "mockserver": mockserver,
    "json-server": json_server,
    "moto": moto,
    "localstripe": localstripe,
    "starlette": bare,
    "starlette-validating": validating,
}


def chosen(names: list[str], bodies: Bodies, folder: Path) -> Iterator[tuple[str, Contestant | Unmeasured]]:
    """Those that could be installed, and of the others the reason."""
    for name in names:
        try:
            yield name, EVERY[name](bodies, folder)
        except Unmeasured as why:
            yield name, why
