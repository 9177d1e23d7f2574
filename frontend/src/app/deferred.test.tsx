import { act, render, screen } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import { Suspense, type ComponentType } from "react";
import { MemoryRouter } from "react-router";
import { expect, test, vi } from "vitest";
import { ToastProvider } from "../ui/Toast";
import { App } from "./App";
import { deferred } from "./deferred";
import { preloadPage } from "./pages";

function Loaded() {
  return <input aria-label="Name" />;
}

/** A component whose code arrives when `arrive` is called. */
function onTheWay() {
  let resolve: (module: { default: ComponentType }) => void = () => undefined;
  const code = new Promise<{ default: ComponentType }>((given) => (resolve = given));
  const arrive = () =>
    act(async () => {
      resolve({ default: Loaded });
      await code;
    });
  return { load: vi.fn(() => code), arrive };
}

const shown = (Page: ComponentType) => (
  <Suspense fallback="Loading">
    <Page />
  </Suspense>
);

test("what was preloaded is there at once", async () => {
  const { load, arrive } = onTheWay();
  const Page = deferred(load);
  const preloaded = Page.preload();
  await arrive();
  await preloaded;
  render(shown(Page));
  expect(screen.getByRole("textbox", { name: "Name" })).toBeVisible();
  expect(load).toHaveBeenCalledOnce();
});

test("code that arrives after the page is shown takes the fallback's place, and stays", async () => {
  const { load, arrive } = onTheWay();
  const Page = deferred(load);
  const { rerender } = render(shown(Page));
  expect(screen.getByText("Loading")).toBeVisible();
  await arrive();
  await userEvent.type(screen.getByRole("textbox", { name: "Name" }), "Ada");
  await Page.preload();
  rerender(shown(Page));
  expect(screen.getByRole("textbox", { name: "Name" })).toHaveValue("Ada");
  expect(load).toHaveBeenCalledOnce();
});

test("a page that was preloaded needs no fallback; one that is not known neither", async () => {
  for (const [path, heading] of [
    ["/", "Feedback"],
    ["/nowhere", "Page not found"],
  ] as const) {
    await preloadPage(path);
    const { unmount } = render(
      <MemoryRouter initialEntries={[path]}>
        <ToastProvider>
          <App />
        </ToastProvider>
      </MemoryRouter>,
    );
    expect(screen.getByRole("heading", { level: 1, name: heading })).toBeVisible();
    expect(screen.queryByText("Loading the page")).not.toBeInTheDocument();
    unmount();
  }
});
