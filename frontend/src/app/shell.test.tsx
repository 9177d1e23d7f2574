import { render } from "@testing-library/react";
import { MemoryRouter } from "react-router";
import { expect, test } from "vitest";
import { ToastProvider } from "../ui/Toast";
import PAGE from "../../index.html?raw";
import { Layout } from "./Layout";

test("what index.html shows until the app stands is the app's own header", () => {
  const shell = new DOMParser().parseFromString(PAGE, "text/html");
  const { container } = render(
    <MemoryRouter>
      <ToastProvider>
        <Layout />
      </ToastProvider>
    </MemoryRouter>,
  );
  const brand = (root: ParentNode) =>
    root.querySelector(".site-header > .site-header-inner > .brand");
  const shown = brand(shell)?.cloneNode(true) as HTMLElement;
  expect(shown.textContent.trim()).toBe(brand(container)?.textContent);
  const paths = (root: ParentNode | null) =>
    [...(root?.querySelectorAll("path") ?? [])].map((path) => path.getAttribute("d"));
  expect(paths(shown)).toEqual(paths(brand(container)));
  expect(paths(shown)).toHaveLength(2);
});
