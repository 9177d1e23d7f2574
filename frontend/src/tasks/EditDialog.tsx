import { useEffect, useState } from "react";
import { Dialog, ErrorNotice, Skeleton, useToasts } from "../ui";
import { ConflictPanel } from "./ConflictPanel";
import { remaining } from "./conflict";
import { changesOf, valuesOf, type FormValues } from "./form";
import { changed, type TaskChanges } from "./task";
import { ConflictError, isGone, type Versioned } from "./taskApi";
import { TaskForm } from "./TaskForm";
import { useChangeTask } from "./useChangeTask";
import { useFocus } from "./useFocus";
import { useShown } from "./useShown";
import { useKnownTasks, useTask } from "./useTasks";
import { notChanged } from "./wording";

interface Props {
  /** Null while nothing is edited. */
  taskId: string | null;
  onClose: () => void;
  /** The task was deleted meanwhile, and the person wants what he wrote as a new one. */
  onCreateInstead: (values: FormValues) => void;
}

export function EditDialog({ taskId, onClose, onCreateInstead }: Props) {
  const [saving, setSaving] = useState(false);
  return (
    <Dialog open={taskId !== null} title="Edit task" onClose={onClose} saving={saving}>
      {taskId !== null && (
        <Loading
          key={taskId}
          taskId={taskId}
          onSaving={setSaving}
          {...{ onClose, onCreateInstead }}
        />
      )}
    </Dialog>
  );
}

/** Editing begins with the task as it is now, not as the list showed it. */
function Loading({ taskId, ...rest }: Omit<EditorProps, "first"> & { taskId: string }) {
  const { data, error, refetch, isFetchedAfterMount } = useTask(taskId);
  const [base, setBase] = useState<Versioned | null>(null);
  // What is read again later must not change under the person's hands.
  if (base === null && data !== undefined && isFetchedAfterMount && error === null) setBase(data);
  if (base) return <Editor first={base} {...rest} />;
  if (error) return <ErrorNotice error={error} onRetry={() => void refetch()} />;
  return <Skeleton label="Loading the task" blocks={5} className="skeleton-form" />;
}

interface EditorProps {
  first: Versioned;
  onClose: () => void;
  onCreateInstead: (values: FormValues) => void;
  onSaving: (saving: boolean) => void;
}

function Editor({ first, onClose, onCreateInstead, onSaving }: EditorProps) {
  const { toast } = useToasts();
  const known = useKnownTasks();
  const [base, setBase] = useState(first);
  const [written, setWritten] = useState<FormValues>(valuesOf(first.task));
  const [conflict, setConflict] = useState<ConflictError | null>(null);
  const shown = useShown();
  const change = useChangeTask(first.task.TaskId, (error, { seen }) => {
    // Who closed the dialog before the answer came must hear of it all the same.
    if (!shown.current) toast(notChanged(seen, error));
    else if (error instanceof ConflictError) setConflict(error);
  });
  const busy = change.isPending;
  useEffect(() => {
    onSaving(busy);
    return () => onSaving(false);
  }, [busy, onSaving]);
  const error = change.error instanceof ConflictError ? null : change.error;

  function write(version: Versioned, changes: TaskChanges): void {
    change.mutate(
      { seen: version.task, changes, version },
      {
        onSuccess: () => {
          toast({ kind: "success", message: "The task was saved." });
          onClose();
        },
      },
    );
  }

  function save(values: FormValues): void {
    setWritten(values);
    const changes = changesOf(base.task, values);
    if (Object.keys(changes).length === 0) onClose();
    else write(base, changes);
  }

  if (conflict) {
    const { now } = conflict;
    const changes = conflict.changes ?? {};
    return (
      <ConflictPanel
        conflict={conflict}
        busy={busy}
        error={error}
        onTheirs={() => {
          void known.write(now);
          onClose();
        }}
        onMine={() => write(now, remaining(now.task, changes))}
        onEdit={() => {
          setBase(now);
          setWritten(valuesOf(changed(now.task, changes)));
          setConflict(null);
        }}
      />
    );
  }
  if (isGone(error))
    return (
      <Gone
        onCreate={() => {
          known.remove(base.task.TaskId);
          onCreateInstead(written);
        }}
        onClose={() => {
          known.remove(base.task.TaskId);
          onClose();
        }}
      />
    );
  return (
    <TaskForm
      initial={written}
      submitLabel="Save"
      busy={busy}
      error={error}
      onSubmit={save}
      onCancel={onClose}
    />
  );
}

function Gone({ onCreate, onClose }: { onCreate: () => void; onClose: () => void }) {
  const heading = useFocus<HTMLHeadingElement>();
  return (
    <>
      <div className="notice notice-error" role="alert">
        <h3 ref={heading} tabIndex={-1}>
          Somebody deleted this task meanwhile
        </h3>
        <p>Your text is not lost: it can become a new task.</p>
      </div>
      <div className="buttons">
        <button type="button" className="button-quiet" onClick={onClose}>
          Let it go
        </button>
        <button type="button" onClick={onCreate}>
          Create it again
        </button>
      </div>
    </>
  );
}
