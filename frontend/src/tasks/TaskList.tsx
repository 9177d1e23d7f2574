import { useEffect, useRef } from "react";
import { EmptyState, ErrorNotice, Skeleton, useDrawn, useToasts } from "../ui";
import { isFiltered, NO_FILTERS, withFilters, type Filters } from "./filters";
import type { Task } from "./task";
import { ConflictError, isGone, isRefused } from "./taskApi";
import { rowId, TaskRow } from "./TaskRow";
import { useChangeTask } from "./useChangeTask";
import { useKnownTasks, useTaskList } from "./useTasks";
import { notChanged } from "./wording";

interface Props {
  filters: Filters;
  url: URLSearchParams;
  now: number;
  /** Deleted, and only the time to undo it is not over. */
  isHidden: (taskId: string) => boolean;
  onEdit: (task: Task) => void;
  /** `next` is the id of the element that gets the focus. */
  onDelete: (task: Task, next: string) => void;
  onConflict: (conflict: ConflictError) => void;
  onClear: (filters: Filters) => void;
}

/** Pages that were looked through for a rare task without asking the person. */
const PAGES_UNASKED = 5;

const HEADING = "tasks-heading";

export function TaskList(props: Props) {
  const { filters, isHidden } = props;
  const list = useTaskList(filters);
  const { hasNextPage, isFetching, isError, fetchNextPage, data } = list;
  const isDrawn = useDrawn(list.tasks !== undefined);
  const tasks = isDrawn ? list.tasks?.filter(({ TaskId }) => !isHidden(TaskId)) : undefined;
  const pages = data?.pages.length ?? 0;
  const isEmpty = tasks?.length === 0;

  // A page may be empty while there are more: what is looked for is rare then.
  const looksFurther = isEmpty && hasNextPage && !isError && pages < PAGES_UNASKED;
  useEffect(() => {
    if (looksFurther && !isFetching) void fetchNextPage();
  }, [looksFurther, isFetching, pages, fetchNextPage]); // after every page

  const isThere = tasks !== undefined && !isFetching && !isError && !looksFurther;
  useAnnouncement(filters, isThere ? found(tasks.length, hasNextPage, filters) : null);

  function retry(): void {
    if (isRefused(list.error)) {
      // The same cursor would be refused for ever. The button goes, so the focus needs a place.
      document.getElementById(HEADING)?.focus();
      void list.beginAnew();
    } else void (list.isFetchNextPageError ? fetchNextPage() : list.refetch());
  }

  return (
    <section aria-labelledby={HEADING}>
      <h2 id={HEADING} className="tasks-count" tabIndex={-1}>
        {tasks ? counted(tasks.length, hasNextPage) : "Tasks"}
      </h2>
      {list.error && (
        <ErrorNotice
          error={list.error}
          onRetry={retry}
          {...(tasks && { title: "The list could not be refreshed" })}
        />
      )}
      {!tasks && !list.error && (
        <Skeleton label="Loading tasks" blocks={5} className="tasks-skeleton" />
      )}
      {tasks && <Rows {...props} tasks={tasks} saving={list.saving} />}
      {isEmpty && !hasNextPage && <Nothing {...props} />}
      {hasNextPage && (
        <button
          type="button"
          className="button-quiet"
          aria-busy={list.isFetchingNextPage}
          onClick={() => void fetchNextPage()}
        >
          {isEmpty ? "Look further" : "Show more"}
        </button>
      )}
    </section>
  );
}

/** Says what other filters found, once it is there. What the page opens with is read anyway. */
function useAnnouncement(filters: Filters, result: string | null): void {
  const { announce } = useToasts();
  const chosen = JSON.stringify(filters);
  const last = useRef(chosen);
  const isDue = useRef(false);
  useEffect(() => {
    if (last.current !== chosen) isDue.current = true;
    last.current = chosen;
    if (!isDue.current || result === null) return;
    isDue.current = false;
    announce(result);
  }, [chosen, result, announce]);
}

function found(count: number, more: boolean, filters: Filters): string {
  if (count > 0) return counted(count, more);
  if (more) return "No tasks found yet";
  return isFiltered(filters) ? "No tasks match" : "No tasks";
}

function counted(count: number, more: boolean): string {
  const tasks = count === 1 ? "1 task" : `${count} tasks`;
  return more ? `${tasks}, and more` : tasks;
}

function Nothing({ filters, onClear }: Props) {
  if (!isFiltered(filters))
    return (
      <EmptyState title="Nothing to do">
        <p>There are no tasks yet. Create the first one.</p>
      </EmptyState>
    );
  return (
    <EmptyState title="No task fits these filters">
      <button type="button" className="button-quiet" onClick={() => onClear(NO_FILTERS)}>
        Show all tasks
      </button>
    </EmptyState>
  );
}

function Rows({ tasks, saving, ...props }: Props & { tasks: Task[]; saving: ReadonlySet<string> }) {
  return (
    <ul className="tasks">
      {tasks.map((task, index) => (
        <Row
          key={task.TaskId}
          {...props}
          task={task}
          saving={saving.has(task.TaskId)}
          next={nextFocus(tasks, index)}
        />
      ))}
    </ul>
  );
}

/** The row that comes to stand where a deleted one was; the heading when there is none. */
function nextFocus(tasks: readonly Task[], index: number): string {
  const neighbour = tasks[index + 1] ?? tasks[index - 1];
  return neighbour ? rowId(neighbour.TaskId) : HEADING;
}

function Row({
  task,
  saving,
  next,
  filters,
  url,
  now,
  onEdit,
  onDelete,
  onConflict,
}: Props & { task: Task; saving: boolean; next: string }) {
  const known = useKnownTasks();
  const { toast } = useToasts();
  const change = useChangeTask(task.TaskId, (error, { seen }) => {
    if (isGone(error)) known.remove(seen.TaskId);
    if (error instanceof ConflictError) onConflict(error);
    else toast(notChanged(seen, error));
  });
  const details = new URLSearchParams(url);
  details.set("task", task.TaskId);
  return (
    <TaskRow
      task={task}
      saving={saving}
      now={now}
      detailsAt={`?${details}`}
      taggedAt={(tag) => `?${withFilters(url, { ...filters, tag })}`}
      onComplete={(seen, completed) =>
        change.mutate({ seen, changes: { Status: completed ? "Completed" : "Open" } })
      }
      onEdit={onEdit}
      onDelete={(deleted) => onDelete(deleted, next)}
    />
  );
}
