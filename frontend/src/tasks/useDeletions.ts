import { useEffect, useState, useSyncExternalStore } from "react";
import { useApi } from "../api/ApiContext";
import { answer, type Api } from "../api/client";
import { ApiError, isTransient } from "../api/errors";
import { useToasts } from "../ui";
import type { Toasts } from "../ui/Toast";
import { Deletions, Journal, type Backend, type Noted } from "./deletions";
import { sameTask, type Task } from "./task";
import { ConflictError, deleteTask, isGone, versionOf } from "./taskApi";
import { useKnownTasks, type KnownTasks } from "./useTasks";
import { notDeleted } from "./wording";

interface Page {
  /** Somebody else changed the task: the person decides. A stable function. */
  onConflict: (conflict: ConflictError) => void;
  /** Not called when the page was left. */
  onUndone: (task: Task) => void;
}

/**
 * Deleting with a time to undo. That time goes on, and its message stays, on whatever page of the
 * app the person goes to.
 */
export function useDeletions({ onConflict, onUndone }: Page) {
  const api = useApi();
  const known = useKnownTasks();
  const { toast } = useToasts();
  const [undoable] = useState(() => undoableOf(api, known, toast));
  const pending = useSyncExternalStore(undoable.deletions.subscribe, undoable.deletions.pending);

  useEffect(() => undoable.shownOn({ onConflict, onUndone }));

  useEffect(() => {
    const { journal } = undoable;
    for (const noted of journal.read()) void finish(api, journal, noted, toast);
  }, [api, undoable, toast]);

  return {
    remove: undoable.remove,
    isPending: (id: string) => pending.some(({ task }) => task.TaskId === id),
  };
}

type Toast = Toasts["toast"];

/** What waits to be deleted outlives the page that it was asked on. */
const undoables = new WeakMap<Api, Undoable>();

function undoableOf(api: Api, known: KnownTasks, toast: Toast): Undoable {
  const made = undoables.get(api) ?? new Undoable(api, known, toast);
  undoables.set(api, made);
  return made;
}

/** Deletions and their messages. */
class Undoable {
  readonly journal = new Journal(() => localStorage);
  readonly deletions: Deletions;
  /** Null while another page is shown. */
  #page: Page | null = null;
  readonly #toast: Toast;
  readonly #shown = new Map<string, () => void>();

  constructor(api: Api, known: KnownTasks, toast: Toast) {
    this.#toast = toast;
    this.deletions = new Deletions(backendOf(api, known), this.journal);
    this.deletions.whenFailed((task, error) => {
      // On another page, a dialog about a task would be out of place.
      if (error instanceof ConflictError && this.#page) this.#page.onConflict(error);
      else toast(notDeleted(task, error));
    });
    this.deletions.subscribe(() => {
      this.#tidy();
      this.#watch();
    });
  }

  /** The page with the tasks; the function that comes back says that it is left. */
  shownOn(page: Page): () => void {
    this.#page = page;
    return () => {
      if (this.#page === page) this.#page = null;
    };
  }

  readonly remove = (task: Task): void => {
    const { deletions } = this;
    deletions.add(task);
    const dismiss = this.#toast({
      message: `“${task.Title}” was deleted.`,
      action: {
        label: "Undo",
        run: () => {
          deletions.undo(task.TaskId);
          this.#page?.onUndone(task);
        },
      },
      durationMs: null,
      onHold: (held) => {
        if (held) deletions.hold(task.TaskId);
        else deletions.release(task.TaskId);
      },
    });
    this.#shown.set(task.TaskId, dismiss);
  };

  #isWaiting(): (taskId: string) => boolean {
    const waiting = this.deletions.pending().filter(({ state }) => state === "waiting");
    return (taskId) => waiting.some(({ task }) => task.TaskId === taskId);
  }

  /** What cannot be undone any more is not offered. */
  #tidy(): void {
    const isWaiting = this.#isWaiting();
    for (const [id, dismiss] of this.#shown) {
      if (isWaiting(id)) continue;
      this.#shown.delete(id);
      dismiss();
    }
  }

  /**
   * Only a document that goes away sends at once what waits: a hidden one may be looked at again in
   * time. A phone may end a hidden tab without `pagehide`, and what waited is not deleted then.
   * That does no harm, for the task is still there; one that cannot be brought back would.
   */
  #watch(): void {
    if (this.deletions.pending().length > 0) window.addEventListener("pagehide", this.#leave);
    else window.removeEventListener("pagehide", this.#leave);
  }

  readonly #leave = (): void => this.deletions.leave();
}

function backendOf(api: Api, known: KnownTasks): Backend {
  return {
    versionOf: async (task) => {
      const last = known.version(task.TaskId);
      if (last && sameTask(last.task, task)) return last.etag;
      try {
        return (await versionOf(api, task, null)).etag;
      } catch (error) {
        if (isGone(error)) return GONE;
        throw error;
      }
    },
    remove: (task, etag, options) => deleteTask(api, { task, etag }, options),
    onDeleted: (task) => known.remove(task.TaskId),
  };
}

/** Matches no version; the request is answered with 404, which is as good as deleted. */
const GONE = '"0"';

/** What a page sent that was closed before it heard the answer. */
async function finish(
  api: Api,
  journal: Journal,
  { id, title, etag }: Noted,
  toast: Toast,
): Promise<void> {
  if (etag === undefined) {
    journal.remove(id);
    toast({
      message: `“${title}” was not deleted: the page was closed too soon.`,
      durationMs: null,
    });
    return;
  }
  try {
    const params = { path: { TaskId: id }, header: { "If-Match": etag } };
    await answer(api.DELETE("/tasks/{TaskId}", { params }));
    toast({ message: `“${title}”, which you deleted before you left, is gone now.` });
  } catch (error) {
    if (!(error instanceof ApiError) || isTransient(error)) return; // next time
    // With 404 it had arrived.
    if (!isGone(error))
      toast({
        message: `“${title}” was not deleted when you left: somebody else changed it meanwhile.`,
        durationMs: null,
      });
  }
  journal.remove(id);
}
