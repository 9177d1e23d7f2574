/** A task tracker in memory that answers as the API does: versions, If-Match, pages. */
import type { components } from "../api/schema";
import { on, type Seen } from "./server";
import { changed, type Activity, type Task } from "../tasks/task";

export const ID = (number: number): string =>
  `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;

export function task(number: number, more: Partial<Task> = {}): Task {
  return {
    TaskId: ID(number),
    Title: `Task ${number}`,
    Description: "",
    Status: "Open",
    CreatedAt: "2026-03-01T00:00:00Z",
    ...more,
  };
}

type TaskErrorBody = components["schemas"]["TaskError"];

export function errorBody(
  error: TaskErrorBody["error"],
  message = "Refused",
  details: TaskErrorBody["details"] = [],
): TaskErrorBody {
  return { error, message, details, requestId: "req-9" };
}

interface Row {
  task: Task;
  version: number;
}

export class Tracker {
  readonly rows = new Map<string, Row>();
  /** Method, path and If-Match of every request that was not a list. */
  readonly seen: string[] = [];
  readonly lists: URLSearchParams[] = [];
  readonly activity: Activity[] = [];
  /** How many tasks a page holds. */
  pageSize = 25;
  #answering = Promise.resolve();

  constructor(...tasks: Task[]) {
    for (const one of tasks) this.rows.set(one.TaskId, { task: one, version: 1 });
    this.#list();
    this.#read();
    this.#write();
  }

  /** What another person does. */
  elsewhere(number: number, changes: Partial<Task>): void {
    const row = this.#row(ID(number));
    this.rows.set(row.task.TaskId, {
      task: { ...row.task, ...changes },
      version: row.version + 1,
    });
  }

  /** Changes are answered only when the function that comes back is called. */
  hold(): () => void {
    let release = (): void => undefined;
    this.#answering = new Promise((resolve) => (release = resolve));
    return release;
  }

  get(number: number): Task | undefined {
    return this.rows.get(ID(number))?.task;
  }

  #row(id: string): Row {
    const row = this.rows.get(id);
    if (!row) throw new Error(`no task ${id}`);
    return row;
  }

  #note({ request, url }: Seen): void {
    const match = request.headers.get("If-Match");
    const path = url.pathname.replace("/api/tasks/00000000-0000-4000-8000-", "").replace(/^0+/, "");
    this.seen.push([request.method, path, match].filter(Boolean).join(" "));
  }

  #list(): void {
    on("get", "/tasks", ({ url }) => {
      this.lists.push(url.searchParams);
      const start = Number(url.searchParams.get("cursor") ?? 0);
      const status = url.searchParams.get("Status");
      const tag = url.searchParams.get("Tag");
      const all = [...this.rows.values()]
        .map((row) => row.task)
        .filter((one) => status === null || one.Status === status)
        .filter((one) => tag === null || one.Tags?.includes(tag));
      const end = start + this.pageSize;
      const headers: Record<string, string> =
        end < all.length ? { Link: `<?cursor=${end}&limit=25>; rel="next"` } : {};
      return { status: 200, body: all.slice(start, end), headers };
    });
  }

  #read(): void {
    on("get", "/tasks/{TaskId}", (seen) => {
      this.#note(seen);
      const row = this.rows.get(seen.params["TaskId"] ?? "");
      if (!row) return { status: 404, body: errorBody("Not Found", "No such task") };
      return { status: 200, body: row.task, headers: { ETag: `"${row.version}"` } };
    });
    on("get", "/tasks/{TaskId}/activity", ({ url }) => {
      const start = Number(url.searchParams.get("cursor") ?? 0);
      const headers: Record<string, string> =
        start + 2 < this.activity.length ? { Link: `<?cursor=${start + 2}>; rel="next"` } : {};
      return { status: 200, body: this.activity.slice(start, start + 2), headers };
    });
  }

  #write(): void {
    on("put", "/tasks/{TaskId}", async (seen) => {
      this.#note(seen);
      await this.#answering;
      const row = this.rows.get(seen.params["TaskId"] ?? "");
      if (!row) return { status: 404, body: errorBody("Not Found", "No such task") };
      if (!isVersion(seen, row)) return { status: 412, body: errorBody("Precondition Failed") };
      const changes = (await seen.request.json()) as Partial<Task>;
      const next = { task: changed(row.task, changes), version: row.version + 1 };
      this.rows.set(row.task.TaskId, next);
      const named = Object.keys(changes) as (keyof Task)[];
      const data = Object.fromEntries(
        named.filter((name) => name in next.task).map((name) => [name, next.task[name]]),
      );
      return {
        status: 200,
        body: {
          message: "Task updated successfully" as const,
          data: { TaskId: row.task.TaskId, ...data },
        },
        headers: { ETag: `"${next.version}"` },
      };
    });
    on("delete", "/tasks/{TaskId}", (seen) => {
      this.#note(seen);
      const row = this.rows.get(seen.params["TaskId"] ?? "");
      if (!row) return { status: 404, body: errorBody("Not Found", "No such task") };
      if (!isVersion(seen, row)) return { status: 412, body: errorBody("Precondition Failed") };
      this.rows.delete(row.task.TaskId);
      return { status: 204, body: null };
    });
    on("post", "/tasks", async (seen) => {
      const body = (await seen.request.json()) as Task;
      this.seen.push(`POST ${JSON.stringify(body)}`);
      const created = { ...task(this.rows.size + 1), ...body };
      this.rows.set(created.TaskId, { task: created, version: 1 });
      return {
        status: 201,
        body: {
          message: "Task created successfully" as const,
          TaskId: created.TaskId,
          data: created,
        },
        headers: { ETag: '"1"' },
      };
    });
  }
}

function isVersion({ request }: Seen, row: Row): boolean {
  const match = request.headers.get("If-Match");
  return match === null || match === `"${row.version}"`;
}
