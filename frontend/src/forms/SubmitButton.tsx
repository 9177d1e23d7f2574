/** Stays focusable while it is busy, so that the focus is not lost. */
export function SubmitButton({ busy, action }: { busy: boolean; action: string }) {
  return (
    <button
      type="submit"
      aria-busy={busy}
      aria-disabled={busy}
      // A press would take the focus from a field, whose error then pushes the button away from
      // under the pointer: it would be no click any more.
      onMouseDown={(event) => event.preventDefault()}
    >
      {busy ? "Sending…" : action}
    </button>
  );
}
