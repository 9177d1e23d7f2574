import { render, screen, waitFor } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import { lazy } from "react";
import { MemoryRouter, Route, Routes } from "react-router";
import { expect, test, vi } from "vitest";
import { ApiError, NetworkError } from "../api/errors";
import { setOnline } from "../test/network";
import { errorWords, Page } from "../ui";
import { ToastProvider } from "../ui/Toast";
import { readConfig } from "./config";
import { Layout } from "./Layout";
import { reloadOnceForLostChunks } from "./lostChunks";

const CONFIG = { apiBaseUrl: "/api", environment: "local", suffix: "local", version: "1" };
const Broken = lazy(() => Promise.reject(new Error("the chunk is gone")));

function open(at: string) {
  render(
    <MemoryRouter initialEntries={[at]}>
      <ToastProvider>
        <Routes>
          <Route element={<Layout />}>
            <Route index element={<Page title="First">1</Page>} />
            <Route path="contact" element={<Page title="Second">2</Page>} />
            <Route path="tasks" element={<Broken />} />
          </Route>
        </Routes>
      </ToastProvider>
    </MemoryRouter>,
  );
  return userEvent.setup({ delay: null });
}

test("a link leads to the page's heading, and names the page", async () => {
  const user = open("/");
  await user.click(screen.getByRole("link", { name: "Contact" }));
  expect(screen.getByRole("heading", { name: "Second" })).toHaveFocus();
  expect(document.title).toBe("Second · Customer platform");
  expect(screen.getByRole("link", { name: "Contact" })).toHaveAttribute("aria-current", "page");
});

test("a page that cannot be loaded leaves the navigation standing", async () => {
  vi.spyOn(console, "error").mockReturnValue(undefined); // React reports it
  const user = open("/tasks");
  expect(await screen.findByRole("alert")).toHaveTextContent("Something went wrong on this page");
  await user.click(screen.getByRole("link", { name: "Feedback" }));
  expect(screen.getByRole("heading", { name: "First" })).toBeVisible();
});

test("the theme is remembered", async () => {
  const user = open("/");
  await user.click(screen.getByRole("button", { name: "Use the dark theme" }));
  expect(document.documentElement).toHaveAttribute("data-theme", "dark");
  expect(localStorage.getItem("theme")).toBe("dark");
  expect(await screen.findByRole("button", { name: "Use the light theme" })).toBeVisible();
  delete document.documentElement.dataset["theme"];
});

test("without network every page says so", async () => {
  open("/");
  setOnline(false);
  expect(await screen.findByText(/^You are offline/)).toBeVisible();
  setOnline(true);
  await waitFor(() => expect(screen.queryByText(/^You are offline/)).not.toBeInTheDocument());
});

test("settings of the last start serve without network", async () => {
  const lost = () => Promise.reject(new TypeError("no network"));
  await expect(readConfig(lost())).rejects.toBeInstanceOf(NetworkError);
  await expect(readConfig(Promise.resolve(Response.json(CONFIG)))).resolves.toEqual(CONFIG);
  await expect(readConfig(lost())).resolves.toEqual(CONFIG);
});

test("what a hotel puts in the settings' place does not shut out who was here before", async () => {
  const portal = () => Promise.resolve(new Response("<html>Please log in</html>"));
  await expect(readConfig(portal())).rejects.toThrow();
  await readConfig(Promise.resolve(Response.json(CONFIG)));
  await expect(readConfig(portal())).resolves.toEqual(CONFIG);
});

test("settings without an address of the API are none", async () => {
  await expect(readConfig(Promise.resolve(Response.json({})))).rejects.toThrow("apiBaseUrl");
});

test("a lost chunk loads the page again once, and never without network", () => {
  const reload = vi.fn();
  reloadOnceForLostChunks(reload);
  setOnline(false);
  window.dispatchEvent(new Event("vite:preloadError"));
  expect(reload).not.toHaveBeenCalled();
  setOnline(true);
  window.dispatchEvent(new Event("vite:preloadError"));
  window.dispatchEvent(new Event("vite:preloadError"));
  expect(reload).toHaveBeenCalledOnce();
});

test.each([
  [new ApiError(429, "TooManyRequests", "", [], "r", 1), "Please try again in 1 second."],
  [new ApiError(503, "ServiceUnavailable", "", [], "r", 600), "Please try again in 10 minutes."],
  [new ApiError(503, "ServiceUnavailable", ""), "Please try again in a moment."],
  [
    new ApiError(404, "NotFound", "There is no feedback with this id"),
    "There is no feedback with this id.",
  ],
  [new ApiError(404, "NotFound", "No . or .. segment."), "No . or .. segment."],
  [new ApiError(500, "InternalError", "", [], "r"), /write to us and quote the reference\.$/],
  [new ApiError(500, "Unknown", ""), /write to us\.$/],
  [new ApiError(504, "Timeout", ""), /nothing is done twice/],
  [new NetworkError(), /check your connection/],
  [new Error("a bug"), /load it again/],
])("%s is put into words", (error, words) => {
  expect(errorWords(error).advice).toMatch(words);
});
