// Makes the calls that come in, one JSON object a line, with @woocommerce/woocommerce-rest-api; answers each with a line.
"use strict";

const { createRequire } = require("node:module");
const path = require("node:path");
const readline = require("node:readline");

const [folder, options] = process.argv.slice(2);
const installed = createRequire(path.join(folder, "package.json"));
const WooCommerceRestApi = installed("@woocommerce/woocommerce-rest-api").default;
const client = new WooCommerceRestApi(JSON.parse(options));

const answered = ({ status, headers, data }) => ({ status, headers, data });

async function made({ method, endpoint, data, params }) {
  try {
    return answered(await (data === undefined ? client[method](endpoint, params) : client[method](endpoint, data, params)));
  } catch (error) {
    return error.response ? answered(error.response) : { error: String(error) };
  }
}

(async () => {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    process.stdout.write(JSON.stringify(await made(JSON.parse(line))) + "\n");
  }
})();
