import { useMutation } from "@tanstack/react-query";
import { useApi } from "../api/ApiContext";
import { Dialog, useToasts } from "../ui";
import { ConflictPanel } from "./ConflictPanel";
import { remaining } from "./conflict";
import { ConflictError, deleteTask, type Versioned } from "./taskApi";
import { useChangeTask } from "./useChangeTask";
import { useKnownTasks } from "./useTasks";

interface Props {
  conflict: ConflictError | null;
  onClose: () => void;
  /** Again somebody was faster. */
  onConflict: (conflict: ConflictError) => void;
}

/** A change or deletion from the list met somebody else's. */
export function ConflictDialog({ conflict, onClose, onConflict }: Props) {
  return (
    <Dialog open={conflict !== null} title={conflict?.seen.Title ?? ""} onClose={onClose}>
      {conflict?.changes === null && <Deletion {...{ conflict, onClose, onConflict }} />}
      {conflict?.changes && <Change {...{ conflict, onClose, onConflict }} />}
    </Dialog>
  );
}

type ChoiceProps = Props & { conflict: ConflictError };

function Change({ conflict, onClose, onConflict }: ChoiceProps) {
  const { now, changes } = conflict;
  const known = useKnownTasks();
  const change = useChangeTask(now.task.TaskId, (error) => {
    if (error instanceof ConflictError) onConflict(error);
  });
  return (
    <ConflictPanel
      conflict={conflict}
      busy={change.isPending}
      error={otherThanConflict(change.error)}
      onTheirs={() => {
        void known.write(now);
        onClose();
      }}
      onMine={() => {
        const mine = remaining(now.task, changes ?? {});
        change.mutate({ seen: now.task, changes: mine, version: now }, { onSuccess: onClose });
      }}
    />
  );
}

function Deletion({ conflict, onClose, onConflict }: ChoiceProps) {
  const { now } = conflict;
  const api = useApi();
  const known = useKnownTasks();
  const { toast } = useToasts();
  const deletion = useMutation({
    mutationFn: (version: Versioned) => deleteTask(api, version, { keepalive: false }),
    onSuccess: () => {
      known.remove(now.task.TaskId);
      toast({ kind: "success", message: `“${now.task.Title}” was deleted.` });
    },
    onError: (error) => {
      if (error instanceof ConflictError) onConflict(error);
    },
  });
  return (
    <ConflictPanel
      conflict={conflict}
      busy={deletion.isPending}
      error={otherThanConflict(deletion.error)}
      onTheirs={() => {
        void known.write(now);
        onClose();
      }}
      onMine={() => deletion.mutate(now, { onSuccess: onClose })}
    />
  );
}

function otherThanConflict(error: unknown): unknown {
  return error instanceof ConflictError ? null : error;
}
