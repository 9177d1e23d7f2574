import { fireEvent, render, screen } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import { useState } from "react";
import { beforeEach, expect, test, vi } from "vitest";
import { expectAccessible } from "../test/axe";
import { Dialog } from "./Dialog";

const ASKED = "Close without saving?";
const gone = vi.fn();
beforeEach(() => gone.mockClear());

function Form(props: { hasText?: boolean; saving?: boolean }) {
  const [open, setOpen] = useState(true);
  return (
    <Dialog
      open={open}
      title="New task"
      onClose={() => {
        setOpen(false);
        gone();
      }}
      {...props}
    >
      <input aria-label="Title" />
    </Dialog>
  );
}

const dialog = () => screen.getByRole<HTMLDialogElement>("dialog");

/** What the browser does when it is to close: it asks with an event, and closes unless refused. */
function goBack(): Promise<void> {
  if (fireEvent(dialog(), new Event("cancel", { cancelable: true }))) dialog().close();
  return Promise.resolve();
}

function pressEscape(): Promise<void> {
  return fireEvent.keyDown(dialog(), { key: "Escape" }) ? goBack() : Promise.resolve();
}

const close = () => screen.getByRole("button", { name: "Close" });
const title = () => screen.getByRole("textbox", { name: "Title" });

test("with nothing typed it closes at once", async () => {
  const { unmount } = render(<Form />);
  await pressEscape();
  expect(screen.queryByRole("textbox")).not.toBeInTheDocument();
  unmount();
  render(<Form />);
  await userEvent.click(close());
  expect(screen.queryByRole("textbox")).not.toBeInTheDocument();
});

test("another Escape is the answer that keeps it", async () => {
  render(<Form />);
  await userEvent.type(title(), "Renew the certificate");
  await pressEscape();
  expect(screen.getByText(ASKED)).toBeVisible();
  await pressEscape();
  expect(screen.queryByText(ASKED)).not.toBeInTheDocument();
  expect(title()).toHaveFocus();
});

test.each([
  ["Escape", pressEscape],
  ["a phone's Back", goBack],
  ["its ×", () => userEvent.click(close())],
])("%s does not take away what was typed", async (_name, leave) => {
  const { container } = render(<Form />);
  await userEvent.type(title(), "Renew the certificate");
  await leave();
  expect(screen.getByRole("alert")).toHaveTextContent(ASKED);
  expect(screen.getByRole("button", { name: "Keep writing" })).toHaveFocus();
  await expectAccessible(container);
  await userEvent.click(screen.getByRole("button", { name: "Keep writing" }));
  expect(screen.queryByText(ASKED)).not.toBeInTheDocument();
  expect(title()).toHaveValue("Renew the certificate");
  expect(gone).not.toHaveBeenCalled();

  await leave();
  await userEvent.click(screen.getByRole("button", { name: "Discard it" }));
  expect(screen.queryByRole("textbox")).not.toBeInTheDocument();
  expect(gone).toHaveBeenCalled();
});

test("asks too when it begins with somebody's text", async () => {
  render(<Form hasText />);
  await pressEscape();
  expect(screen.getByText(ASKED)).toBeVisible();
  expect(gone).not.toHaveBeenCalled();
});

test.each([
  ["Escape", pressEscape],
  ["its ×", () => userEvent.click(close())],
])("%s closes without a question while what was typed is being sent", async (_name, leave) => {
  const { rerender } = render(<Form />);
  await userEvent.type(title(), "Renew the certificate");
  await pressEscape();
  rerender(<Form saving />);
  expect(screen.queryByText(ASKED)).not.toBeInTheDocument();
  await leave();
  expect(screen.queryByRole("textbox")).not.toBeInTheDocument();
  expect(gone).toHaveBeenCalled();
});
