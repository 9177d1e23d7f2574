import { Link } from "react-router";
import { Due } from "./Due";
import type { Task } from "./task";

interface Props {
  task: Task;
  /** A change of it is under way. */
  saving: boolean;
  now: number;
  /** Where its details are, and where the tasks with one of its tags are. */
  detailsAt: string;
  taggedAt: (tag: string) => string;
  onComplete: (task: Task, completed: boolean) => void;
  onEdit: (task: Task) => void;
  onDelete: (task: Task) => void;
}

export function TaskRow(props: Props) {
  const { task, saving, now, detailsAt, taggedAt, onComplete, onEdit, onDelete } = props;
  const completed = task.Status === "Completed";
  return (
    <li className={completed ? "task task-completed" : "task"} aria-busy={saving}>
      <input
        type="checkbox"
        className="task-check"
        aria-label={`Completed: ${task.Title}`}
        checked={completed}
        onChange={(event) => onComplete(task, event.target.checked)}
      />
      <div className="task-body">
        <Link id={rowId(task.TaskId)} className="task-title" to={detailsAt} preventScrollReset>
          {task.Title}
        </Link>
        <p className="task-facts">
          <span className={`badge status-${task.Status.replace(" ", "-").toLowerCase()}`}>
            {task.Status}
          </span>
          {task.Priority && (
            <span className={`badge priority-${task.Priority.toLowerCase()}`}>
              {task.Priority} priority
            </span>
          )}
          {task.DueDate !== undefined && (
            <Due date={task.DueDate} now={now} completed={completed} />
          )}
          {task.Tags?.map((tag) => (
            <Link
              key={tag}
              className="tag"
              to={taggedAt(tag)}
              aria-label={`Tasks with the tag ${tag}`}
            >
              {tag}
            </Link>
          ))}
        </p>
      </div>
      <div className="task-actions">
        <button
          type="button"
          className="button-quiet"
          aria-label={`Edit ${task.Title}`}
          onClick={() => onEdit(task)}
        >
          Edit
        </button>
        <button
          type="button"
          className="button-quiet"
          aria-label={`Delete ${task.Title}`}
          disabled={saving}
          onClick={() => onDelete(task)}
        >
          Delete
        </button>
      </div>
    </li>
  );
}

/** Of the element that gets the focus when the row does. */
export function rowId(taskId: string): string {
  return `task-${taskId}`;
}
