import type { components } from "../api/schema";

export type Task = components["schemas"]["Task"];
export type TaskChanges = components["schemas"]["TaskChanges"];
export type NewTask = components["schemas"]["NewTask"];
export type Activity = components["schemas"]["TaskActivity"];
export type Status = components["schemas"]["TaskStatus"];
export type Priority = components["schemas"]["TaskPriority"];

export const STATUSES = ["Open", "In Progress", "Completed"] as const satisfies Status[];
export const PRIORITIES = ["High", "Medium", "Low"] as const satisfies Priority[];

/** The fields that a change may name. */
export const FIELDS = ["Title", "Description", "Status", "Priority", "Tags", "DueDate"] as const;

export type Field = (typeof FIELDS)[number];

export const LABELS: Record<Field, string> = {
  Title: "Title",
  Description: "Description",
  Status: "Status",
  Priority: "Priority",
  Tags: "Tags",
  DueDate: "Due date",
};

/** Whether two versions of a field say the same. What is not set may be absent, null or empty. */
export function sameValue(one: unknown, other: unknown): boolean {
  return JSON.stringify(meaning(one)) === JSON.stringify(meaning(other));
}

function meaning(value: unknown): unknown {
  if (value === undefined || value === null || value === "") return null;
  return Array.isArray(value) && value.length === 0 ? null : value;
}

export function sameTask(one: Task, other: Task): boolean {
  return (
    one.TaskId === other.TaskId && FIELDS.every((field) => sameValue(one[field], other[field]))
  );
}

/** The task as it will be once the changes are written. */
export function changed(task: Task, changes: TaskChanges): Task {
  const { Priority: priority, Tags: tags, DueDate: due, ...rest } = { ...task, ...changes };
  return {
    ...rest,
    ...(priority ? { Priority: priority } : {}),
    ...(tags && tags.length > 0 ? { Tags: tags } : {}),
    ...(due ? { DueDate: due } : {}),
  };
}
