/** The list of tasks as the person sees it: what the API lists, and what is being written. */
import {
  useInfiniteQuery,
  useMutationState,
  useQuery,
  useQueryClient,
  type InfiniteData,
  type QueryClient,
} from "@tanstack/react-query";
import { useApi } from "../api/ApiContext";
import { every } from "../api/polling";
import type { Filters } from "./filters";
import { matches } from "./filters";
import { changed, type Task, type TaskChanges } from "./task";
import { listActivity, listTasks, readTask, type Page, type Versioned } from "./taskApi";

export const REFRESH_MILLISECONDS = 30_000;

/** The indexes follow within a moment; until then the list is told what was created here. */
const LISTED_WITHIN_MILLISECONDS = 15_000;

const KEYS = {
  lists: ["tasks", "list"],
  list: (filters: Filters) => ["tasks", "list", filters],
  created: ["tasks", "created"],
  version: (taskId: string) => ["tasks", "version", taskId],
  activity: (taskId: string) => ["tasks", "activity", taskId],
} as const;

export const CHANGE = ["tasks", "change"] as const;

export interface Change {
  seen: Task;
  changes: TaskChanges;
  /** Where it is known which version was seen. */
  version?: Versioned;
}

interface Created {
  task: Task;
  at: number;
}

export function useTaskList(filters: Filters) {
  const api = useApi();
  const queries = useQueryClient();
  const list = useInfiniteQuery({
    queryKey: KEYS.list(filters),
    queryFn: ({ pageParam, signal }) => listTasks(api, filters, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    staleTime: 0,
    refetchInterval: every(REFRESH_MILLISECONDS),
    // Without network it is an error that is shown, not a pause that is not.
    networkMode: "always",
  });
  const created = useCreated();
  const pending = useMutationState({
    filters: { mutationKey: CHANGE, status: "pending" },
    select: (mutation) => mutation.state.variables as Change,
  });
  const listed = list.data && once(list.data.pages.flatMap(({ items }) => items));
  const fresh = created
    .filter(({ at }) => at + LISTED_WITHIN_MILLISECONDS > list.dataUpdatedAt)
    .map(({ task }) => task)
    .filter(
      (task) => matches(filters, task) && !listed?.some(({ TaskId }) => TaskId === task.TaskId),
    );
  const tasks = listed && withChanges([...fresh, ...listed], pending);
  const saving = new Set(pending.map(({ seen }) => seen.TaskId));
  /** Forgets its pages, and the cursors with them. */
  const beginAnew = () => queries.resetQueries({ queryKey: KEYS.list(filters), exact: true });
  return { ...list, tasks, saving, beginAnew };
}

function useCreated(): readonly Created[] {
  const { data } = useQuery<readonly Created[]>({
    queryKey: KEYS.created,
    queryFn: () => [],
    enabled: false,
    initialData: [],
  });
  return data;
}

/** A task whose place in the list changed while pages were read may be on two of them. */
function once(tasks: readonly Task[]): Task[] {
  return [...new Map(tasks.map((task) => [task.TaskId, task])).values()];
}

function withChanges(tasks: readonly Task[], pending: readonly Change[]): Task[] {
  return tasks.map((task) =>
    pending
      .filter(({ seen }) => seen.TaskId === task.TaskId)
      .reduce((result, { changes }) => changed(result, changes), task),
  );
}

/** One task with its version, read anew whenever it is opened. */
export function useTask(taskId: string) {
  const api = useApi();
  return useQuery({
    queryKey: KEYS.version(taskId),
    queryFn: ({ signal }) => readTask(api, taskId, signal),
    staleTime: 0,
    networkMode: "always",
  });
}

export function useActivity(taskId: string) {
  const api = useApi();
  return useInfiniteQuery({
    queryKey: KEYS.activity(taskId),
    queryFn: ({ pageParam, signal }) => listActivity(api, taskId, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    staleTime: 0,
    networkMode: "always",
  });
}

/** What this page knows of tasks, and how it learns more. */
export class KnownTasks {
  readonly #queries: QueryClient;

  constructor(queries: QueryClient) {
    this.#queries = queries;
  }

  version(taskId: string): Versioned | undefined {
    return this.#queries.getQueryData(KEYS.version(taskId));
  }

  /** What a request answered is newer than what any list said. */
  async write(now: Versioned): Promise<void> {
    this.#queries.setQueryData(KEYS.version(now.task.TaskId), now);
    this.#editLists((tasks) =>
      tasks.map((task) => (task.TaskId === now.task.TaskId ? now.task : task)),
    );
    // Or what was created here, and not listed yet, would look as it was created.
    this.#queries.setQueryData(KEYS.created, (earlier: readonly Created[] = []) =>
      earlier.map(({ task, at }) => ({
        task: task.TaskId === now.task.TaskId ? now.task : task,
        at,
      })),
    );
    await this.#queries.invalidateQueries({ queryKey: KEYS.activity(now.task.TaskId) });
  }

  add(now: Versioned): void {
    this.#queries.setQueryData(KEYS.version(now.task.TaskId), now);
    this.#queries.setQueryData(KEYS.created, (earlier: readonly Created[] = []) => [
      { task: now.task, at: Date.now() },
      ...earlier,
    ]);
  }

  remove(taskId: string): void {
    this.#queries.removeQueries({ queryKey: KEYS.version(taskId) });
    this.#queries.setQueryData(KEYS.created, (earlier: readonly Created[] = []) =>
      earlier.filter(({ task }) => task.TaskId !== taskId),
    );
    this.#editLists((tasks) => tasks.filter((task) => task.TaskId !== taskId));
  }

  /** An answer that is on its way is older than what is about to be written. */
  async cancelLists(): Promise<void> {
    await this.#queries.cancelQueries({ queryKey: KEYS.lists });
  }

  async refreshLists(): Promise<void> {
    await this.#queries.invalidateQueries({ queryKey: KEYS.lists });
  }

  #editLists(edit: (tasks: Task[]) => Task[]): void {
    this.#queries.setQueriesData<InfiniteData<Page<Task>>>(
      { queryKey: KEYS.lists },
      (data) =>
        data && {
          ...data,
          pages: data.pages.map((page) => ({ ...page, items: edit(page.items) })),
        },
    );
  }
}

export function useKnownTasks(): KnownTasks {
  return new KnownTasks(useQueryClient());
}
