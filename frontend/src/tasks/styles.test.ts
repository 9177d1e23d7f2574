import { expect, it } from "vitest";

// Read from the disk: an imported style is empty in tests, and the site's types know no Node.
const NODE = "node:fs";
const { readFileSync } = (await import(/* @vite-ignore */ NODE)) as {
  readFileSync: (path: string, encoding: "utf8") => string;
};
const styles = readFileSync("src/tasks/tasks.css", "utf8");

it("breaks words of a task in the table of a conflict, but no name of a field", () => {
  document.head.innerHTML = `<style>${styles}</style>`;
  document.body.innerHTML = `<section class="conflict"><table><tbody>
    <tr><th scope="row">Description</th><td>Donaudampfschifffahrt</td></tr>
  </tbody></table></section>`;
  const wrapOf = (cell: string) =>
    getComputedStyle(document.querySelector(cell) ?? document.body).getPropertyValue(
      "overflow-wrap",
    );
  expect(wrapOf("td")).toBe("anywhere");
  expect(wrapOf("th")).toBe("normal");
});
