import { screen, waitFor, within } from "@testing-library/react";
import { expect, onTestFinished, test, vi } from "vitest";
import { setOnline } from "../test/network";
import { renderPage } from "../test/render";
import { stored, SUBMISSION } from "../test/samples";
import { on } from "../test/server";
import { OutboxPanel } from "./OutboxPanel";

/** A page whose person has written these offline. */
async function written(...messages: string[]) {
  setOnline(false);
  const page = await renderPage(
    <main tabIndex={-1}>
      <OutboxPanel kind="feedback" />
    </main>,
  );
  onTestFinished(async () => {
    for (const { key } of page.outbox.snapshot()) await page.outbox.remove(key);
  });
  for (const message of messages) {
    await page.outbox.submit("feedback", { ...SUBMISSION, message });
    await screen.findByText(message); // no two in the same millisecond
  }
  return {
    ...page,
    deleteOf: (message: string) =>
      within(screen.getByText(message).closest("li") as HTMLElement).getByRole("button", {
        name: "Delete",
      }),
  };
}

test("what was deleted can be had back, and is then sent once under its key", async () => {
  const { user, outbox, deleteOf } = await written("Mine");
  const before = outbox.snapshot();
  await user.click(deleteOf("Mine"));
  await waitFor(() => expect(outbox.snapshot()).toEqual([]));
  expect(await screen.findByText("Your feedback was deleted.")).toBeVisible();
  await user.click(screen.getByRole("button", { name: "Undo" }));
  await screen.findByText("Mine");
  expect(outbox.snapshot()).toEqual(before);
  await waitFor(() => expect(deleteOf("Mine")).toHaveFocus());
  expect(screen.queryByText("Your feedback was deleted.")).not.toBeInTheDocument();
  const keys: (string | null)[] = [];
  on("post", "/feedback", ({ request }) => {
    keys.push(request.headers.get("Idempotency-Key"));
    return { status: 201, body: stored(1) };
  });
  setOnline(true);
  expect(await screen.findByText("Sent")).toBeVisible();
  expect(keys).toEqual([before[0]?.key]);
  await user.click(screen.getByRole("button", { name: "Dismiss" }));
  await waitFor(() => expect(outbox.snapshot()).toEqual([]));
  expect(screen.queryByRole("button", { name: "Undo" })).not.toBeInTheDocument();
});

test("after deleting, the focus is at the next entry, at the last one, or in the page", async () => {
  const { user, deleteOf } = await written("first", "second", "third");
  await user.click(deleteOf("second"));
  await waitFor(() => expect(deleteOf("third")).toHaveFocus());
  await user.click(deleteOf("third"));
  await waitFor(() => expect(deleteOf("first")).toHaveFocus());
  await user.click(deleteOf("first"));
  await waitFor(() => expect(screen.getByRole("main")).toHaveFocus());
});

test("after an entry that was held is let go, the focus stays at it", async () => {
  const { user, outbox, deleteOf } = await written("Held", "other");
  const [held] = outbox.snapshot();
  await outbox.hold(String(held?.key));
  await user.click(await screen.findByRole("button", { name: "Send as it is" }));
  await waitFor(() =>
    expect(screen.queryByRole("button", { name: "Send as it is" })).not.toBeInTheDocument(),
  );
  expect(deleteOf("Held")).toHaveFocus();
});

test("of what a full database refuses it says that it goes with the page", async () => {
  await written("Kept");
  const full = vi.spyOn(IDBObjectStore.prototype, "put").mockImplementation(() => {
    throw new DOMException("The disk is full", "QuotaExceededError");
  });
  onTestFinished(() => full.mockRestore());
  const { outbox } = await written("Refused");
  expect(screen.getByText("Refused").closest("li")).toHaveTextContent(
    "It is kept as long as this page is open.",
  );
  for (const item of screen.getAllByText("Kept"))
    expect(item.closest("li")).not.toHaveTextContent("as long as this page is open");
  expect(outbox.snapshot()).toHaveLength(2);
});
