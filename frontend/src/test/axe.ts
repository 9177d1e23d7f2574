import axe from "axe-core";
import { expect } from "vitest";

/** No rule of WCAG A and AA is broken, as far as it shows without layout: colours need a browser. */
export async function expectAccessible(container: Element): Promise<void> {
  const { violations } = await axe.run(container, {
    rules: { "color-contrast": { enabled: false } },
  });
  expect(violations.map(({ id, nodes }) => ({ id, nodes: nodes.map(({ html }) => html) }))).toEqual(
    [],
  );
}
