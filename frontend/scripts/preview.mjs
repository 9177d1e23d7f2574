// `npm run preview`: serves dist/ as the CDN does, with its policy, its caching and its fallback,
// and hands /api on to SITE_DEV_API (the api_base_url of a stack). PORT=4173.
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer, request as connect } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

const DIST = fileURLToPath(new URL("../dist/", import.meta.url));
const PORT = Number(process.env["PORT"] ?? 4173);
const API = process.env["SITE_DEV_API"];
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
  "connect-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; " +
  "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types site";
/** @type {Record<string, string>} */
const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json",
  ".webmanifest": "application/manifest+json",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".txt": "text/plain; charset=utf-8",
};

/** @param {string} path */
function cached(path) {
  if (path.startsWith("/assets/")) return "public, max-age=31536000, immutable";
  return path === "/index.html" || path === "/config.json" ? "no-store" : "no-cache";
}

/** @param {import("node:http").IncomingMessage} asked @param {import("node:http").ServerResponse} given */
function toApi(asked, given) {
  if (API === undefined) return given.writeHead(502).end();
  const target = new URL(API.replace(/\/$/, "") + String(asked.url).replace(/^\/api/, ""));
  const headers = { ...asked.headers, host: target.host };
  const call = connect(target, { method: asked.method ?? "GET", headers }, (answer) => {
    given.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(given);
  });
  call.on("error", () => given.writeHead(502).end());
  return asked.pipe(call);
}

createServer((asked, given) => {
  const path = new URL(String(asked.url), "http://site").pathname;
  if (path.startsWith("/api/")) {
    toApi(asked, given);
    return;
  }
  const wanted = extname(path) === "" ? "/index.html" : path;
  const file = join(DIST, normalize(wanted));
  stat(file)
    .then(() => {
      given.writeHead(200, {
        "Content-Type": TYPES[extname(file)] ?? "application/octet-stream",
        "Cache-Control": cached(wanted),
        "Content-Security-Policy": POLICY,
        "X-Content-Type-Options": "nosniff",
      });
      createReadStream(file).pipe(given);
    })
    .catch(() => given.writeHead(404, { "Content-Type": "text/plain" }).end("Not found\n"));
}).listen(PORT, "127.0.0.1", () => console.log(`http://127.0.0.1:${PORT}`));
