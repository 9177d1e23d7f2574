import { act, render, screen } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { setOnline } from "../test/network";
import { ToastProvider } from "../ui/Toast";
import { registerServiceWorker } from "./serviceWorker";
import { UpdateNotice } from "./UpdateNotice";

const HOUR_MS = 3_600_000;

/** workbox-window's side of the registration; the browser tests have a real one. */
const worker = vi.hoisted(() => {
  const heard = new Map<string, (event: object) => void>();
  return {
    script: {},
    heard,
    addEventListener: vi.fn(
      (type: string, call: (event: object) => void) => void heard.set(type, call),
    ),
    register: vi.fn(),
    update: vi.fn(),
    messageSkipWaiting: vi.fn(),
  };
});

vi.mock("workbox-window", () => ({
  Workbox: function (script: object) {
    worker.script = script;
    return worker;
  },
}));

const reload = vi.fn();

beforeEach(() => {
  vi.stubEnv("DEV", false);
  worker.heard.clear();
  worker.register.mockResolvedValue({});
  worker.update.mockResolvedValue(undefined);
  reload.mockClear();
  worker.messageSkipWaiting.mockClear();
  vi.stubGlobal("location", { reload });
  Object.defineProperty(navigator, "serviceWorker", { value: {}, configurable: true });
});

afterEach(() => {
  worker.update.mockReset();
  vi.unstubAllEnvs();
  Reflect.deleteProperty(navigator, "serviceWorker");
});

test("a new version waits for a click, and only its own start loads the page again", async () => {
  render(
    <ToastProvider>
      <UpdateNotice />
    </ToastProvider>,
  );
  await vi.waitFor(() => expect(worker.register).toHaveBeenCalled());
  expect(screen.queryByText("A new version of this site is there.")).not.toBeInTheDocument();

  act(() => worker.heard.get("waiting")?.({}));
  const button = await screen.findByRole("button", { name: "Reload" });
  expect(worker.messageSkipWaiting).not.toHaveBeenCalled();
  await userEvent.click(button);
  expect(worker.messageSkipWaiting).toHaveBeenCalledOnce();
  expect(reload).not.toHaveBeenCalled(); // the old one still answers
  worker.heard.get("controlling")?.({});
  expect(reload).toHaveBeenCalledOnce();
});

test("a version that another tab brought comes with one click", async () => {
  const offered = vi.fn<(bring: () => void) => void>();
  await registerServiceWorker(offered);
  worker.heard.get("waiting")?.({});
  worker.heard.get("controlling")?.({ isExternal: true });
  worker.heard.get("activated")?.({ isUpdate: true });
  expect(reload).not.toHaveBeenCalled(); // somebody may be writing here
  expect(offered).toHaveBeenCalledOnce();
  offered.mock.calls[0]?.[0]();
  expect(reload).toHaveBeenCalledOnce();
  expect(worker.messageSkipWaiting).not.toHaveBeenCalled();
});

test("a first visit, which no worker controls, hears of a new version and not of the first", async () => {
  const offered = vi.fn<(bring: () => void) => void>();
  await registerServiceWorker(offered);
  worker.heard.get("activated")?.({ isUpdate: false, isExternal: false });
  expect(offered).not.toHaveBeenCalled();
  worker.heard.get("activated")?.({ isUpdate: false, isExternal: true });
  offered.mock.calls[0]?.[0]();
  expect(reload).toHaveBeenCalledOnce();
});

test("a browser that refuses the registration shows nothing of it", async () => {
  worker.register.mockRejectedValue(new DOMException("refused", "SecurityError"));
  const { container } = render(
    <ToastProvider>
      <UpdateNotice />
    </ToastProvider>,
  );
  await vi.waitFor(() => expect(worker.register).toHaveBeenCalled());
  await act(async () => Promise.resolve());
  expect(container).not.toHaveTextContent(/\w/);
});

test("a tab that stays open asks every hour, and not without network", async () => {
  vi.useFakeTimers();
  await registerServiceWorker(() => undefined);
  await vi.advanceTimersByTimeAsync(HOUR_MS - 1);
  expect(worker.update).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  expect(worker.update).toHaveBeenCalledOnce();
  setOnline(false);
  await vi.advanceTimersByTimeAsync(3 * HOUR_MS);
  expect(worker.update).toHaveBeenCalledOnce();
});

test("where trusted types are demanded, the policy lets through its own script and no other", async () => {
  const made: { createScriptURL: (url: string) => string }[] = [];
  vi.stubGlobal("trustedTypes", {
    createPolicy: (_name: string, rules: { createScriptURL: (url: string) => string }) => {
      made.push(rules);
      return { createScriptURL: (url: string) => ({ trusted: rules.createScriptURL(url) }) };
    },
  });
  await registerServiceWorker(() => undefined);
  expect(worker.script).toEqual({ trusted: "/sw.js" });
  expect(() => made[0]?.createScriptURL("https://elsewhere.example/sw.js")).toThrow(TypeError);
});
