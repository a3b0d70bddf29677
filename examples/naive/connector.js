// A connector between WooCommerce and KeyCRM as one writes it in an afternoon: it works in the demo.
// It is naive on purpose; `storelab failures --connector URL` tells what it does not survive, and why.
// Node 18 or newer, nothing to install: node connector.js [PORT]
"use strict";

const http = require("node:http");

const connections = new Map();
let address = "";

// -- the two sides

async function store(connection, method, path, body) {
  const { url, consumer_key: key, consumer_secret: secret } = connection.store;
  const answer = await fetch(`${url}/wp-json/wc/v3${path}`, {
    method,
    headers: {
      Authorization: "Basic " + Buffer.from(`${key}:${secret}`).toString("base64"),
      "Content-Type": "application/json",
      "X-Forwarded-Proto": "https", // a sandbox without TLS takes this for the proxy that ends it
    },
    body: body && JSON.stringify(body),
  });
  return answer.json();
}

async function keycrm(connection, method, path, body) {
  const { url, api_key: key } = connection.credentials;
  const answer = await fetch(`${url}/v1${path}`, {
    method,
    headers: { Authorization: `Bearer ${key}`, "Content-Type": "application/json", Accept: "application/json" },
    body: body && JSON.stringify(body),
  });
  return answer.json();
}

// -- what it does

function connect(wanted) {
  const id = `naive${connections.size + 1}`;
  connections.set(id, { ...wanted, status: "active" });
  const hooks = { stock: `${address}/hooks/${id}/stock`, push: `${address}/hooks/${id}/push` };
  const made = { id, status: "active", hooks, todo: [] };
  made.todo.push({ service: "keycrm", move: "add webhook", args: { name: "Naive", url: hooks.stock } });
  if (wanted.store.handoff) {
    const asked = new URLSearchParams({
      app_name: "Naive",
      scope: "read_write",
      user_id: id,
      return_url: `${address}/`,
      callback_url: `${address}/hooks/${id}/keys`,
    });
    made.open = `${wanted.store.url}/wc-auth/v1/authorize?${asked}`;
  }
  return made;
}

async function stockChanged(connection, rows) {
  for (const row of rows) {
    const [product] = await store(connection, "GET", `/products?sku=${encodeURIComponent(row.sku)}`);
    if (product) {
      const stock = { manage_stock: true, stock_quantity: row.in_stock - row.in_reserve };
      await store(connection, "PUT", `/products/${product.id}`, stock);
    }
  }
}

async function push(connection) {
  const products = await store(connection, "GET", "/products");
  const stocks = products.map((product) => ({ sku: product.sku, quantity: product.stock_quantity || 0 }));
  await keycrm(connection, "PUT", "/offers/stocks", { warehouse_id: connection.settings.warehouse_id, stocks });
}

// -- the driver API

async function answer(method, path, body) {
  const [what, id, verb] = path.split("?")[0].split("/").slice(1);
  if (path === "/backends") return [200, [{ backend: "keycrm", buttons: ["push"] }]];
  if (what === "connections" && method === "POST" && !id) return [201, connect(body)];
  const connection = connections.get(id);
  if (!connection) return [404, { code: "unknown", message: `there is no ${path}` }];
  if (what === "hooks" && verb === "keys") {
    Object.assign(connection.store, body);
    return [200, {}];
  }
  if (what === "hooks" && verb === "stock") {
    await stockChanged(connection, body);
    return [200, {}];
  }
  if (verb === "push" || verb === "runs") {
    await push(connection);
    return [202, { status: "started" }];
  }
  if (verb === "tick") return [200, { did: [], next_at: null, idle: true }];
  if (method === "DELETE") connection.status = "disconnected";
  return [200, { id, status: connection.status }];
}

const server = http.createServer(async (request, response) => {
  const parts = [];
  for await (const part of request) parts.push(part);
  let status, said;
  try {
    const text = Buffer.concat(parts).toString();
    [status, said] = await answer(request.method, request.url, text ? JSON.parse(text) : undefined);
  } catch (broken) {
    [status, said] = [500, { code: "crashed", message: String(broken) }];
  }
  response.writeHead(status, { "Content-Type": "application/json" });
  response.end(JSON.stringify(said));
});

server.listen(Number(process.argv[2] || 9000), "127.0.0.1", () => {
  address = `http://127.0.0.1:${server.address().port}`;
  console.log(address);
});
