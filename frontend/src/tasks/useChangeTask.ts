import { useMutation } from "@tanstack/react-query";
import { useApi } from "../api/ApiContext";
import { sameTask } from "./task";
import { changeTask, versionOf } from "./taskApi";
import { CHANGE, useKnownTasks, type Change } from "./useTasks";

/**
 * Changes a task. While it is under way the list shows it as done; when it fails, as it was.
 * Changes of one task follow each other: the second is of the version that the first one made.
 */
export function useChangeTask(taskId: string, onError?: (error: Error, change: Change) => void) {
  const api = useApi();
  const known = useKnownTasks();
  return useMutation<Awaited<ReturnType<typeof changeTask>>, Error, Change>({
    mutationKey: CHANGE,
    scope: { id: `task ${taskId}` },
    mutationFn: async ({ seen, changes, version }) => {
      const last = version ?? known.version(taskId);
      const base = last && sameTask(last.task, seen) ? last : await versionOf(api, seen, changes);
      return await changeTask(api, base, changes);
    },
    onMutate: () => known.cancelLists(),
    onSuccess: (now) => known.write(now),
    ...(onError && { onError }),
  });
}
