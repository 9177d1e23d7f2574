import { Dialog, EmptyState, ErrorNotice, Skeleton } from "../ui";
import { ActivityLog } from "./ActivityLog";
import { Due } from "./Due";
import { moment } from "./dueDates";
import type { Task } from "./task";
import { isGone } from "./taskApi";
import { useTask } from "./useTasks";

interface Props {
  /** Null while none is looked at. */
  taskId: string | null;
  now: number;
  onClose: () => void;
  onEdit: (taskId: string) => void;
}

/** Everything about one task. Its address can be shared. */
export function DetailsDialog({ taskId, now, onClose, onEdit }: Props) {
  return (
    <Dialog open={taskId !== null} title="Task" onClose={onClose}>
      {taskId !== null && <Details key={taskId} {...{ taskId, now, onEdit }} />}
    </Dialog>
  );
}

interface DetailsProps {
  taskId: string;
  now: number;
  onEdit: (taskId: string) => void;
}

function Details({ taskId, now, onEdit }: DetailsProps) {
  const { data, error, refetch } = useTask(taskId);
  return (
    <>
      <Content task={data?.task} error={error} now={now} onRetry={() => void refetch()} />
      {/* The activity outlives the task. */}
      <section className="task-activity">
        <h3>Activity</h3>
        <ActivityLog taskId={taskId} />
      </section>
      {data && !isGone(error) && (
        <div className="buttons">
          <button type="button" onClick={() => onEdit(taskId)}>
            Edit
          </button>
        </div>
      )}
    </>
  );
}

interface ContentProps {
  task: Task | undefined;
  error: unknown;
  now: number;
  onRetry: () => void;
}

function Content({ task, error, now, onRetry }: ContentProps) {
  if (isGone(error))
    return (
      <EmptyState title="This task does not exist any more">
        <p>Somebody deleted it, or the address is not complete.</p>
      </EmptyState>
    );
  if (!task)
    return error ? (
      <ErrorNotice error={error} onRetry={onRetry} />
    ) : (
      <Skeleton label="Loading the task" blocks={3} />
    );
  return (
    <>
      {error !== null && <ErrorNotice error={error} onRetry={onRetry} />}
      <h3 className="task-heading">{task.Title}</h3>
      {task.Description && <p className="task-description">{task.Description}</p>}
      <dl className="task-details">
        <dt>Status</dt>
        <dd>{task.Status}</dd>
        <dt>Priority</dt>
        <dd>{task.Priority ?? "none"}</dd>
        <dt>Due</dt>
        <dd>
          {task.DueDate === undefined ? (
            "not set"
          ) : (
            <Due date={task.DueDate} now={now} completed={task.Status === "Completed"} />
          )}
        </dd>
        <dt>Tags</dt>
        <dd>{task.Tags?.join(", ") ?? "none"}</dd>
        <dt>Created</dt>
        <dd>
          <time dateTime={task.CreatedAt}>{moment(task.CreatedAt)}</time>
        </dd>
      </dl>
    </>
  );
}
