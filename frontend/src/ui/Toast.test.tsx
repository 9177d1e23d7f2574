import { screen, waitForElementToBeRemoved, within } from "@testing-library/react";
import { useState } from "react";
import { expect, test, vi } from "vitest";
import { renderPage } from "../test/render";
import { Dialog } from "./Dialog";
import { useToasts } from "./Toast";

function Deleter({ undo }: { undo: () => void }) {
  const { toast } = useToasts();
  return (
    <button
      type="button"
      onClick={() => toast({ message: "Deleted", action: { label: "Undo", run: undo } })}
    >
      Delete
    </button>
  );
}

test("a toast's action runs once and takes the toast away", async () => {
  const undo = vi.fn();
  const { user } = await renderPage(<Deleter undo={undo} />);
  await user.click(screen.getByRole("button", { name: "Delete" }));
  await user.click(screen.getByRole("button", { name: "Undo" }));
  expect(undo).toHaveBeenCalledOnce();
  expect(screen.queryByText("Deleted")).not.toBeInTheDocument();
});

test("over a dialog it stands in the dialog, where it can be reached", async () => {
  function WithDialog() {
    const [open, setOpen] = useState(false);
    return (
      <>
        <Deleter undo={() => undefined} />
        <button type="button" onClick={() => setOpen(true)}>
          Show
        </button>
        <Dialog open={open} title="Details" onClose={() => setOpen(false)}>
          Of a task
        </Dialog>
      </>
    );
  }
  const { user } = await renderPage(<WithDialog />);
  await user.click(screen.getByRole("button", { name: "Delete" }));
  expect(screen.getByText("Deleted").closest("dialog")).toBeNull();
  await user.click(screen.getByRole("button", { name: "Show" }));
  expect(within(screen.getByRole("dialog")).getByText("Deleted")).toBeVisible();
  await user.click(screen.getByRole("button", { name: "Close" }));
  expect(screen.getByText("Deleted").closest("dialog")).toBeNull();
});

test("a toast can be closed", async () => {
  const { user } = await renderPage(<Deleter undo={() => undefined} />);
  await user.click(screen.getByRole("button", { name: "Delete" }));
  const gone = waitForElementToBeRemoved(() => screen.getByText("Deleted"));
  await user.click(screen.getByRole("button", { name: "Close message" }));
  await gone;
});
