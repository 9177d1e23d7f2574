import { useMutation } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useApi } from "../api/ApiContext";
import { Dialog, useToasts } from "../ui";
import { newTask, type FormValues } from "./form";
import { createTask } from "./taskApi";
import { TaskForm } from "./TaskForm";
import { EMPTY_DRAFT, type Draft } from "./useDraft";
import { useShown } from "./useShown";
import { useKnownTasks } from "./useTasks";
import { notCreated } from "./wording";

interface Props {
  /** Null while nothing is created. */
  draft: Draft | null;
  onClose: () => void;
  /** It failed after the dialog was closed, and the person wants to see to it. */
  onReopen: (draft: Draft) => void;
}

export function CreateDialog({ draft, onClose, onReopen }: Props) {
  const [saving, setSaving] = useState(false);
  return (
    <Dialog
      open={draft !== null}
      title="New task"
      onClose={onClose}
      hasText={draft !== null && draft !== EMPTY_DRAFT}
      saving={saving}
    >
      {draft && <Creator draft={draft} onSaving={setSaving} {...{ onClose, onReopen }} />}
    </Dialog>
  );
}

interface CreatorProps extends Props {
  draft: Draft;
  onSaving: (saving: boolean) => void;
}

function Creator({ draft, onClose, onReopen, onSaving }: CreatorProps) {
  const api = useApi();
  const known = useKnownTasks();
  const { toast } = useToasts();
  const keyOf = useKeys(draft);
  const shown = useShown();
  const create = useMutation({
    mutationFn: (values: FormValues) => createTask(api, newTask(values), keyOf(values)),
    onSuccess: (created) => {
      known.add(created);
      toast({ kind: "success", message: `“${created.task.Title}” was created.` });
    },
    onError: (error, values) => {
      // Who closed the dialog before the answer came must hear of it, and not write it all again.
      if (shown.current) return;
      const reopen = () => onReopen({ values, key: keyOf(values) });
      toast({ ...notCreated(values.Title, error), action: { label: "Open again", run: reopen } });
    },
  });
  const busy = create.isPending;
  useEffect(() => {
    onSaving(busy);
    return () => onSaving(false);
  }, [busy, onSaving]);
  // `busy` comes a rendering late for the second press of a double click.
  const sending = useRef(false);
  function send(values: FormValues): void {
    if (sending.current) return;
    sending.current = true;
    create.mutate(values, { onSuccess: onClose, onSettled: () => (sending.current = false) });
  }

  return (
    <TaskForm
      initial={draft.values}
      submitLabel="Create task"
      busy={busy}
      error={create.error}
      onSubmit={send}
      onCancel={onClose}
    />
  );
}

/** The same text again is the same task, also when the first answer was lost. */
function useKeys({ values: first, key: firstKey }: Draft): (values: FormValues) => string {
  const keys = useRef(new Map<string, string>());
  return (values) => {
    const text = textOf(values);
    const sentBefore = text === textOf(first) ? firstKey : undefined;
    const key = keys.current.get(text) ?? sentBefore ?? crypto.randomUUID();
    keys.current.set(text, key);
    return key;
  };
}

function textOf(values: FormValues): string {
  return JSON.stringify(newTask(values));
}
