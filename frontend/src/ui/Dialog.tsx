import {
  useEffect,
  useId,
  useRef,
  useState,
  type KeyboardEvent,
  type ReactNode,
  type SyntheticEvent,
} from "react";
import { ToastOutlet } from "./Toast";

interface DialogProps {
  open: boolean;
  title: string;
  onClose: () => void;
  /** It begins with somebody's text, which is as dear as one that was typed here. */
  hasText?: boolean;
  /** What was typed is being sent: who closes it now discards nothing. */
  saving?: boolean;
  children: ReactNode;
}

/**
 * A modal <dialog>: the browser keeps the focus inside, closes it on Escape, gives focus back. Once
 * something was typed into it, neither Escape nor its × closes it before the person was asked.
 */
export function Dialog(props: DialogProps) {
  const { open, title, onClose, hasText = false, saving = false, children } = props;
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  const typed = useRef(false);
  const [asking, setAsking] = useState(false);
  useEffect(() => {
    const element = dialog.current;
    if (open && element?.open === false) element.showModal();
    if (!open && element?.open === true) element.close();
  }, [open]);

  const wouldLose = () => (typed.current || hasText) && !saving;

  function closed(): void {
    typed.current = false;
    setAsking(false);
    onClose();
  }

  function closeUnlessTyped(event: SyntheticEvent): void {
    if (!wouldLose()) {
      if (event.type === "click") closed();
      return;
    }
    event.preventDefault(); // of the browser's own closing: a phone's Back
    setAsking(true);
  }

  /** The browser lets a page refuse one Escape, and closes on the next: so it never hears of them. */
  function escape(event: KeyboardEvent): void {
    if (event.key !== "Escape" || !wouldLose()) return;
    event.preventDefault();
    setAsking(!asking);
  }

  return (
    // Escape is the dialog's own key, whatever in it has the focus.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <dialog
      ref={dialog}
      aria-labelledby={heading}
      onClose={closed}
      onCancel={closeUnlessTyped}
      onKeyDown={escape}
      onInput={() => (typed.current = true)}
    >
      {open && (
        <article>
          <header>
            <h2 id={heading}>{title}</h2>
            <button
              type="button"
              className="button-icon"
              aria-label="Close"
              onClick={closeUnlessTyped}
            >
              <span aria-hidden="true">×</span>
            </button>
          </header>
          {asking && !saving && <Unsaved onStay={() => setAsking(false)} onDiscard={closed} />}
          {children}
        </article>
      )}
      {open && <ToastOutlet />}
    </dialog>
  );
}

function Unsaved({ onStay, onDiscard }: { onStay: () => void; onDiscard: () => void }) {
  const stay = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    const writing = document.activeElement;
    stay.current?.focus();
    return () => {
      if (writing instanceof HTMLElement) writing.focus();
    };
  }, []);
  return (
    <div className="notice notice-info" role="alert">
      <p className="notice-title">Close without saving?</p>
      <p>What you wrote here would be lost.</p>
      <div className="actions">
        <button type="button" className="button-quiet" onClick={onDiscard}>
          Discard it
        </button>
        <button ref={stay} type="button" onClick={onStay}>
          Keep writing
        </button>
      </div>
    </div>
  );
}
