// `npm run icons`: the PNGs of public/icons from the mark. Committed, because a picture is not
// built again for every release; --check says when one is stale.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { Resvg } from "@resvg/resvg-js";

const BACKGROUND = "#12575b";
const MARK =
  '<path fill="#fff" d="M6 4h20a4 4 0 0 1 4 4v12a4 4 0 0 1-4 4H14l-8 6v-6a4 4 0 0 1-4-4V8a4 4 0 0 1 4-4z"/>' +
  `<path fill="${BACKGROUND}" d="M16 6.8l2.2 4.5 5 .7-3.6 3.5.8 5-4.4-2.4-4.4 2.4.8-5L8.8 12l5-.7z"/>`;
const PUBLIC = new URL("../public/", import.meta.url);

/**
 * @param {number} scale of the mark: what is masked to a circle must lie within 40 % of the middle
 * @param {number} radius of the corners
 */
function svg(scale, radius) {
  const offset = (32 - 32 * scale) / 2;
  return (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">' +
    `<rect width="32" height="32" rx="${radius}" fill="${BACKGROUND}"/>` +
    `<g transform="translate(${offset} ${offset}) scale(${scale})">${MARK}</g></svg>\n`
  );
}

/** @param {string} source @param {number} width */
const png = (source, width) =>
  new Resvg(source, { fitTo: { mode: "width", value: width } }).render().asPng();

const rounded = svg(0.62, 7);
const full = svg(0.54, 0);
/** @type {Record<string, string | Buffer>} */
const files = {
  "favicon.svg": rounded,
  "icons/icon.svg": rounded,
  "icons/icon-192.png": png(rounded, 192),
  "icons/icon-512.png": png(rounded, 512),
  "icons/maskable-512.png": png(full, 512),
  "icons/apple-touch-icon.png": png(full, 180),
};

await mkdir(new URL("icons/", PUBLIC), { recursive: true });
for (const [name, content] of Object.entries(files)) {
  const url = new URL(name, PUBLIC);
  const written = await readFile(url).catch(() => Buffer.alloc(0));
  if (written.equals(Buffer.from(content))) continue;
  if (process.argv.includes("--check")) {
    console.error(`public/${name} is stale: run npm run icons`);
    process.exitCode = 1;
  } else {
    await writeFile(url, content);
    console.log(`public/${name}: written`);
  }
}
