import {
  createContext,
  use,
  useCallback,
  useEffect,
  useMemo,
  useRef,
  useState,
  type ReactNode,
} from "react";
import { createPortal } from "react-dom";

export interface ToastOptions {
  message: string;
  kind?: "success" | "error" | "info";
  /** A second chance, such as "Undo". The toast goes when it was taken. */
  action?: { label: string; run: () => void };
  /** Until it goes by itself; null stays until it is closed. Time stops while it is looked at. */
  durationMs?: number | null;
  /** Somebody looks at it, or no more: for a page with a clock of its own. */
  onHold?: (held: boolean) => void;
}

export interface Toasts {
  /** Shows a message that is also announced. The function that comes back takes it away. */
  toast: (options: ToastOptions) => () => void;
  /** Announces without showing: for what the page shows anyway. */
  announce: (message: string) => void;
}

const ToastContext = createContext<Toasts | null>(null);
const OutletContext = createContext<((outlet: HTMLElement) => () => void) | null>(null);

interface Shown extends ToastOptions {
  id: number;
}

const DURATION_MS = 8_000;

export function ToastProvider({ children }: { children: ReactNode }) {
  const [shown, setShown] = useState<readonly Shown[]>([]);
  const [announced, setAnnounced] = useState({ message: "", count: 0 });
  const [outlets, setOutlets] = useState<readonly HTMLElement[]>([]);
  const nextId = useRef(0);

  const dismiss = useCallback((id: number) => {
    setShown((toasts) => toasts.filter((toast) => toast.id !== id));
  }, []);
  const announce = useCallback((message: string) => {
    setAnnounced(({ count }) => ({ message, count: count + 1 }));
  }, []);
  const toast = useCallback(
    (options: ToastOptions) => {
      const id = (nextId.current += 1);
      setShown((toasts) => [...toasts, { ...options, id }]);
      return () => dismiss(id);
    },
    [dismiss],
  );
  const open = useCallback((outlet: HTMLElement) => {
    setOutlets((before) => [...before, outlet]);
    return () => setOutlets((before) => before.filter((other) => other !== outlet));
  }, []);
  const toasts = useMemo(() => ({ toast, announce }), [toast, announce]);

  const cards = (
    <div className="toasts" role="region" aria-label="Notifications" aria-live="polite">
      {shown.map((options) => (
        <ToastCard key={options.id} {...options} onClose={() => dismiss(options.id)} />
      ))}
    </div>
  );
  const outlet = outlets.at(-1);
  return (
    <ToastContext value={toasts}>
      <OutletContext value={open}>{children}</OutletContext>
      <div className="visually-hidden" role="status" aria-live="polite">
        {/* The same words again are news only if the text changes. */}
        {announced.message}
        {announced.count % 2 === 1 ? "\u00A0" : ""}
      </div>
      {outlet === undefined ? cards : createPortal(cards, outlet)}
    </ToastContext>
  );
}

function ToastCard({
  message,
  kind = "info",
  action,
  durationMs = DURATION_MS,
  onHold,
  onClose,
}: Shown & { onClose: () => void }) {
  const [held, setHeld] = useState(false);
  const hold = (now: boolean) => {
    setHeld(now);
    onHold?.(now);
  };
  const close = useRef(onClose);
  useEffect(() => {
    close.current = onClose;
  });
  useEffect(() => {
    if (durationMs === null || held) return;
    const timer = setTimeout(() => close.current(), durationMs);
    return () => clearTimeout(timer);
  }, [durationMs, held]);

  return (
    // Nothing to operate: only whether somebody is still reading.
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions
    <div
      className={`toast toast-${kind}`}
      onPointerEnter={() => hold(true)}
      onPointerLeave={() => hold(false)}
      onFocus={() => hold(true)}
      onBlur={() => hold(false)}
    >
      <p>{message}</p>
      {action && (
        <button
          type="button"
          className="button-quiet"
          onClick={() => {
            action.run();
            onClose();
          }}
        >
          {action.label}
        </button>
      )}
      <button type="button" className="button-icon" aria-label="Close message" onClick={onClose}>
        <span aria-hidden="true">×</span>
      </button>
    </div>
  );
}

/**
 * Inside a modal dialog: while one is open, toasts stand in it, because everything outside of it can
 * neither be seen nor used.
 */
export function ToastOutlet() {
  const open = use(OutletContext);
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (open !== null && place.current !== null) return open(place.current);
    return undefined;
  }, [open]);
  return <div ref={place} />;
}

export function useToasts(): Toasts {
  const toasts = use(ToastContext);
  if (toasts === null) throw new Error("useToasts needs a ToastProvider around it");
  return toasts;
}
