import { ErrorNotice, Skeleton } from "../ui";
import { moment } from "./dueDates";
import { LABELS, type Activity } from "./task";
import { useActivity } from "./useTasks";

const ACTIONS: Record<Activity["Action"], string> = {
  created: "Created",
  updated: "Changed",
  deleted: "Deleted",
  reminded: "The team was reminded that it is due",
};

/** What happened to a task, newest first. */
export function ActivityLog({ taskId }: { taskId: string }) {
  const { data, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } =
    useActivity(taskId);
  if (!data)
    return error ? (
      <ErrorNotice error={error} onRetry={() => void refetch()} />
    ) : (
      <Skeleton label="Loading the activity" blocks={2} />
    );
  const entries = data.pages.flatMap(({ items }) => items);
  return (
    <>
      <ol className="activity">
        {entries.map((entry) => (
          <li key={`${entry.At} ${entry.Version} ${entry.Action}`}>
            <p>
              <strong>{ACTIONS[entry.Action]}</strong>{" "}
              <small>
                <time dateTime={entry.At}>{moment(entry.At)}</time> · version {entry.Version}
              </small>
            </p>
            {entry.Changes && (
              <ul>
                {entry.Changes.map((change) => (
                  <li key={change.Field}>{sentence(change)}</li>
                ))}
              </ul>
            )}
          </li>
        ))}
      </ol>
      {error && <ErrorNotice error={error} />}
      {hasNextPage && (
        <button
          type="button"
          className="button-quiet"
          aria-busy={isFetchingNextPage}
          onClick={() => void fetchNextPage()}
        >
          Show older
        </button>
      )}
    </>
  );
}

type Change = NonNullable<Activity["Changes"]>[number];

function sentence({ Field, From, To }: Change): string {
  const name = LABELS[Field];
  // Of a description, the log keeps only that it changed.
  if (Field === "Description") return `${name} changed`;
  return `${name}: ${shown(Field, From)} → ${shown(Field, To)}`;
}

function shown(field: Change["Field"], value: Change["From"]): string {
  if (value === undefined) return "none";
  if (Array.isArray(value)) return value.join(", ");
  return field === "DueDate" ? moment(value) : value;
}
