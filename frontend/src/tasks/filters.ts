/** What of the tasks is listed: in the URL, so that a view can be shared and survives a reload. */
import type { operations } from "../api/schema";
import { startOfDay } from "./dueDates";
import { PRIORITIES, STATUSES, type Priority, type Status, type Task } from "./task";

type Query = NonNullable<operations["listTasks"]["parameters"]["query"]>;

export interface Filters {
  status: Status | null;
  priority: Priority | null;
  tag: string;
  /** Days of the person's own time zone, both included. */
  dueFrom: string;
  dueTo: string;
}

export const NO_FILTERS: Filters = {
  status: null,
  priority: null,
  tag: "",
  dueFrom: "",
  dueTo: "",
};

const TAG_MAX = 50;

export function filtersOf(url: URLSearchParams): Filters {
  const tag = Array.from((url.get("tag") ?? "").trim())
    .slice(0, TAG_MAX)
    .join("");
  return {
    status: STATUSES.find((status) => status === url.get("status")) ?? null,
    priority: PRIORITIES.find((priority) => priority === url.get("priority")) ?? null,
    tag,
    dueFrom: dayOf(url.get("due-from")),
    dueTo: dayOf(url.get("due-to")),
  };
}

/** The URL with these filters; what else is in it stays. */
export function withFilters(url: URLSearchParams, filters: Filters): URLSearchParams {
  const result = new URLSearchParams(url);
  const named = {
    status: filters.status,
    priority: filters.priority,
    tag: filters.tag.trim(),
    "due-from": filters.dueFrom,
    "due-to": filters.dueTo,
  };
  for (const [name, value] of Object.entries(named)) {
    if (value) result.set(name, value);
    else result.delete(name);
  }
  return result;
}

export function isFiltered(filters: Filters): boolean {
  return Object.values(filters).some(Boolean);
}

/** Both ends given, the later first: no task can be due then. */
export function isBackwards({ dueFrom, dueTo }: Filters): boolean {
  return dueFrom !== "" && dueTo !== "" && dueFrom > dueTo;
}

/** The parameters of `GET /tasks`. */
export function queryOf(filters: Filters): Query {
  const dueAfter = startOfDay(filters.dueFrom);
  const dueBefore = startOfDay(filters.dueTo, 1);
  return {
    ...(filters.status && { Status: filters.status }),
    ...(filters.priority && { Priority: filters.priority }),
    ...(filters.tag && { Tag: filters.tag }),
    ...(dueAfter && { DueAfter: dueAfter }),
    ...(dueBefore && { DueBefore: dueBefore }),
  };
}

function dayOf(text: string | null): string {
  return text !== null && startOfDay(text) !== null ? text : "";
}

/** Whether the API would list the task. */
export function matches(filters: Filters, task: Task): boolean {
  const { DueAfter, DueBefore } = queryOf(filters);
  const isDue =
    !(DueAfter ?? DueBefore) ||
    (task.DueDate !== undefined &&
      task.DueDate >= (DueAfter ?? "") &&
      task.DueDate < (DueBefore ?? "~"));
  return (
    isDue &&
    (filters.status === null || task.Status === filters.status) &&
    (filters.priority === null || task.Priority === filters.priority) &&
    (filters.tag === "" || (task.Tags ?? []).includes(filters.tag))
  );
}
