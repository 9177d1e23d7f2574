import { useEffect, useRef, useState, type SubmitEvent } from "react";
import type { BodyLimits } from "../api/validate";
import type { Kind, Kinds } from "../offline/entries";
import type { Outcome } from "../offline/outbox";
import { useToasts } from "../ui/Toast";
import { keepDraft, readDraft } from "./draft";
import { errorOfRefusal } from "./refusal";
import { useBodyForm, type Values } from "./useBodyForm";

export type Settled<K extends Kind> = Exclude<Outcome<K>, { state: "refused" }>;

export interface SubmissionProps<K extends Kind> {
  initial?: Kinds[K]["body"] | undefined;
  /** What the button says. */
  action?: string;
  /** `stillThere`: whether the form is still on the page. */
  submit: (body: Kinds[K]["body"], stillThere: () => boolean) => Promise<Outcome<K>>;
  /** Told of everything but a refusal, which the form shows itself. */
  onSettled: (outcome: Settled<K>, body: Kinds[K]["body"]) => void;
}

const REFUSED = "What you wrote was not accepted. It is kept on the page where you wrote it.";

/** A form that hands a body to the outbox and shows what the API refuses of it. */
export function useSubmission<K extends Kind>(
  kind: K,
  limits: BodyLimits,
  empty: Values,
  { initial, submit, onSettled }: SubmissionProps<K>,
) {
  const draft = (values: Values | null) => {
    if (initial === undefined) keepDraft(kind, values);
  };
  const start = () => ({ ...empty, ...(initial ?? readDraft(kind)) });
  const fields = useBodyForm(limits, start, draft);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const { toast } = useToasts();
  const there = useRef(false);
  useEffect(() => {
    there.current = true;
    return () => {
      there.current = false;
    };
  }, []);

  async function send(body: Kinds[K]["body"]): Promise<void> {
    setBusy(true);
    setError(null);
    draft(null); // the outbox keeps it
    try {
      const outcome = await submit(body, () => there.current);
      if (outcome.state !== "refused") {
        if (there.current) draft(null); // of what was typed since
        onSettled(outcome, body);
        return;
      }
      if (!there.current) {
        toast({ message: REFUSED, kind: "error", durationMs: null });
        return;
      }
      draft(body);
      const { refusal } = outcome.entry;
      if (refusal && !fields.refuse(refusal.details)) setError(errorOfRefusal(refusal));
    } catch (problem) {
      draft(body);
      setError(problem);
    } finally {
      setBusy(false);
    }
  }

  return {
    busy,
    error,
    fields,
    formProps: {
      ref: fields.form,
      noValidate: true,
      "aria-busy": busy,
      onSubmit(event: SubmitEvent) {
        event.preventDefault();
        if (busy) return;
        const body = fields.body();
        if (body !== null) void send(body as unknown as Kinds[K]["body"]);
      },
    },
    /** What a control for a text needs. */
    text: (field: string) => ({
      name: field,
      value: String(fields.values[field]),
      onChange: (event: { target: { value: string } }) => fields.change(field, event.target.value),
      onBlur: () => fields.left(field),
      required: true,
    }),
  };
}
