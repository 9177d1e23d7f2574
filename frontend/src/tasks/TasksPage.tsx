import { useEffect, useState } from "react";
import { useSearchParams } from "react-router";
import { Page } from "../ui";
import { ConflictDialog } from "./ConflictDialog";
import { CreateDialog } from "./CreateDialog";
import { DetailsDialog } from "./DetailsDialog";
import { EditDialog } from "./EditDialog";
import { FilterBar } from "./FilterBar";
import { filtersOf, withFilters, type Filters } from "./filters";
import type { ConflictError } from "./taskApi";
import { rowId } from "./TaskRow";
import { TaskList } from "./TaskList";
import "./tasks.css";
import { useDeletions } from "./useDeletions";
import { EMPTY_DRAFT, useDraft } from "./useDraft";
import { useNow } from "../ui";

const MINUTE = 60_000;

export default function TasksPage() {
  const [url, setUrl] = useSearchParams();
  const creation = useDraft();
  const [editing, setEditing] = useState<string | null>(null);
  const [conflict, setConflict] = useState<ConflictError | null>(null);
  const [focused, setFocused] = useState<{ id: string } | null>(null);
  const now = useNow(MINUTE);
  const filters = filtersOf(url);
  const deletions = useDeletions({
    onConflict: setConflict,
    onUndone: ({ TaskId }) => setFocused({ id: rowId(TaskId) }),
  });

  // Where the focus goes when the button that had it is no more.
  useEffect(() => {
    if (focused !== null) document.getElementById(focused.id)?.focus();
  }, [focused]);

  const filter = (wanted: Filters) =>
    setUrl(withFilters(url, wanted), { replace: true, preventScrollReset: true });
  function closeDetails(): void {
    if (!url.has("task")) return;
    const after = new URLSearchParams(url);
    after.delete("task");
    setUrl(after, { replace: true, preventScrollReset: true });
  }

  return (
    <Page title="Tasks" lead="What the team has to do.">
      <div className="tasks-head">
        <button type="button" onClick={() => creation.begin(EMPTY_DRAFT)}>
          New task
        </button>
      </div>
      <FilterBar filters={filters} onChange={filter} />
      <TaskList
        filters={filters}
        url={url}
        now={now}
        isHidden={deletions.isPending}
        onEdit={({ TaskId }) => setEditing(TaskId)}
        onDelete={(task, next) => {
          deletions.remove(task);
          setFocused({ id: next });
        }}
        onConflict={setConflict}
        onClear={filter}
      />
      <DetailsDialog
        taskId={url.get("task")}
        now={now}
        onClose={closeDetails}
        onEdit={(taskId) => {
          closeDetails();
          setEditing(taskId);
        }}
      />
      <EditDialog
        taskId={editing}
        onClose={() => setEditing(null)}
        onCreateInstead={(values) => {
          setEditing(null);
          creation.begin({ values });
        }}
      />
      <CreateDialog draft={creation.draft} onClose={creation.close} onReopen={creation.reopen} />
      <ConflictDialog
        conflict={conflict}
        onClose={() => setConflict(null)}
        onConflict={setConflict}
      />
    </Page>
  );
}
