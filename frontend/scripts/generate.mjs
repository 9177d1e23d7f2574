// What the site takes from the API's document: `npm run generate` writes it, and with --check
// nothing is written, but what is stale makes it fail.
import { readFile, writeFile } from "node:fs/promises";
import openapiTS, { astToString } from "openapi-typescript";
import { parse } from "yaml";

const DOCUMENT = new URL("../../terraform/openapi.yaml", import.meta.url);
const HEAD = "// Generated from terraform/openapi.yaml by `npm run generate`: do not edit.\n";
// Bodies and parameters whose limits forms and filters need.
const BODIES = ["FeedbackSubmission", "ContactRequest", "NewTask", "TaskChanges"];
const KEPT = ["type", "format", "minLength", "maxLength", "pattern", "minimum", "maximum"];
const KEPT_TOO = ["minItems", "maxItems", "uniqueItems", "nullable", "default", "enum"];

const text = await readFile(DOCUMENT, "utf8");
const document = parse(text);

/** @param {any} node */
function resolved(node) {
  if (!node?.$ref) return node;
  const path = node.$ref.replace("#/", "").split("/");
  return resolved(
    path.reduce((/** @type {any} */ at, /** @type {string} */ key) => at[key], document),
  );
}

/**
 * What the API cuts off the edges of a text: the characters with which its pattern starts.
 * @param {string} pattern
 */
function edgeOf(pattern) {
  // Not `[^…]*`, which names what may be anywhere.
  return /^\^\[(?!\^)([^\]]*)\]\*/.exec(pattern)?.[1];
}

/** @param {any} node @returns {any} */
function limitsOf(node) {
  const schema = resolved(node);
  const limits = Object.fromEntries(
    [...KEPT, ...KEPT_TOO]
      .filter((key) => schema[key] !== undefined)
      .map((key) => [key, schema[key]]),
  );
  const edge = schema.pattern && edgeOf(schema.pattern);
  if (edge) limits["edge"] = edge;
  // OpenAPI has no word for it; src/api/validate.test.ts notices when the sentence changes.
  if (schema.format === "email" && /before the @ in ASCII/i.test(schema.description ?? ""))
    limits["asciiLocal"] = true;
  if (schema.items) limits["items"] = limitsOf(schema.items);
  return limits;
}

/** @param {string} name */
function bodyLimits(name) {
  const schema = document.components.schemas[name];
  const fields = Object.entries(schema.properties).map(([field, node]) => [field, limitsOf(node)]);
  return { required: schema.required ?? [], fields: Object.fromEntries(fields) };
}

async function schemaSource() {
  return HEAD + "\n" + astToString(await openapiTS(new URL(DOCUMENT)));
}

/** @param {unknown} value */
const json = (value) => JSON.stringify(value, null, 2) + "\n";
const limits = (/** @type {string} */ name) =>
  new URL(`../src/api/limits/${name}.json`, import.meta.url);

// One file per body, so that a page loads the limits of its own form only.
const files = [
  { url: new URL("../src/api/schema.ts", import.meta.url), source: await schemaSource() },
  ...BODIES.map((name) => ({ url: limits(name), source: json(bodyLimits(name)) })),
];

let stale = 0;
for (const { url, source } of files) {
  const name = url.pathname.split("/").slice(-3).join("/");
  const written = await readFile(url, "utf8").catch(() => "");
  if (written === source) continue;
  if (process.argv.includes("--check")) {
    console.error(`${name} is stale: terraform/openapi.yaml has changed. Run: npm run generate`);
    stale = 1;
  } else {
    await writeFile(url, source);
    console.log(`${name}: written`);
  }
}
process.exitCode = stale;
