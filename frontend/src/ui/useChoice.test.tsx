import { act, render, screen } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { useChoice } from "./useChoice";

const asked = vi.fn();

function Switch({ days }: { days: number }) {
  const [shown, choose] = useChoice(days, asked);
  return [7, 30].map((value) => (
    <label key={value}>
      <input type="radio" checked={value === shown} onChange={() => choose(value)} /> {value}
    </label>
  ));
}

test("a choice is shown before the address has it, and the address' own changes are", async () => {
  const { rerender } = render(<Switch days={7} />);
  await userEvent.click(screen.getByLabelText("30"));
  expect(asked).toHaveBeenCalledExactlyOnceWith(30);
  expect(screen.getByLabelText("30")).toBeChecked(); // the address still says 7
  act(() => rerender(<Switch days={30} />));
  expect(screen.getByLabelText("30")).toBeChecked();
  act(() => rerender(<Switch days={7} />)); // Back
  expect(screen.getByLabelText("7")).toBeChecked();
});
