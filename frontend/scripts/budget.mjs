// `npm run budget`: what the built site weighs, gzip, as JSON; fails over budget. Reads dist/, so
// build first. `firstView` is what the form of the feedback page needs; `feedback` adds what the
// same page loads afterwards, for its list.
import { readdir, readFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";

const DIST = new URL("../dist/", import.meta.url);
const FIRST_VIEW_MAX = 90_000;
const CHUNK_MAX = 200_000;

const names = (await readdir(new URL("assets/", DIST))).sort();
const sources = new Map();
for (const name of names) sources.set(name, await readFile(new URL(`assets/${name}`, DIST)));
const size = (/** @type {string} */ name) => gzipSync(sources.get(name), { level: 9 }).length;

const page = await readFile(new URL("index.html", DIST), "utf8");
const scripts = names.filter((name) => name.endsWith(".js"));

/** @param {string} text */
const staticImports = (text) =>
  [...text.matchAll(/(?:from|import)\s*["']\.\/([^"']+\.js)["']/g)].map(([, name]) => String(name));

/** The files and everything that they need before they run. @param {string[]} roots */
function closure(roots) {
  const seen = new Set();
  const open = [...roots];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (seen.has(name)) continue;
    seen.add(name);
    open.push(...staticImports(sources.get(name).toString()));
  }
  return seen;
}

/** @param {string} stem of a chunk, which is its module's name */
function chunk(stem) {
  const found = scripts.filter((name) => name.startsWith(`${stem}-`));
  if (found.length !== 1) throw new Error(`dist/assets has ${found.length} chunks ${stem}-*.js`);
  return String(found[0]);
}

const entries = [...page.matchAll(/(?:src|href)="\/assets\/([^"]+\.js)"/g)].map(([, n]) =>
  String(n),
);
const total = (/** @type {Iterable<string>} */ files) =>
  [...files].reduce((sum, name) => sum + size(name), 0);
const theme = gzipSync(await readFile(new URL("theme.js", DIST)), { level: 9 }).length;
const firstView = closure([...entries, chunk("FeedbackPage")]);
const feedback = closure([...firstView, chunk("FeedbackStream"), chunk("services")]);
const pages = Object.fromEntries(
  ["DashboardPage", "TasksPage", "ContactPage"].map((stem) => [
    stem,
    total(closure([...entries, chunk("services"), chunk(stem)])) + theme,
  ]),
);
const report = {
  unit: "bytes, gzip",
  budgets: { firstView: FIRST_VIEW_MAX, chunk: CHUNK_MAX },
  firstView: total(firstView) + theme,
  feedback: total(feedback) + theme,
  pages,
  styles: total(names.filter((name) => name.endsWith(".css"))),
  chunks: Object.fromEntries(scripts.map((name) => [name, size(name)])),
};
console.log(JSON.stringify(report, null, 2));

const heavy = Object.entries(report.chunks).filter(([, bytes]) => bytes > CHUNK_MAX);
if (report.firstView > FIRST_VIEW_MAX || heavy.length > 0) {
  console.error("over budget");
  process.exitCode = 1;
}
