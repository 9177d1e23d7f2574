import { ErrorNotice } from "../ui";
import { differences } from "./conflict";
import { moment } from "./dueDates";
import { LABELS, type Field } from "./task";
import type { ConflictError } from "./taskApi";
import { useFocus } from "./useFocus";
import { notSaved } from "./wording";

interface Props {
  conflict: ConflictError;
  busy: boolean;
  /** Of writing mine over it. */
  error: unknown;
  /** Leave the task as the other person made it. */
  onTheirs: () => void;
  /** Write what this person wants on top of it. */
  onMine: () => void;
  /** Put both together by hand. */
  onEdit?: () => void;
}

/** Somebody else was faster: what they made of the task, what this person wants, and the choice. */
export function ConflictPanel({ conflict, busy, error, onTheirs, onMine, onEdit }: Props) {
  const { seen, now, changes } = conflict;
  const heading = useFocus<HTMLHeadingElement>(conflict);
  const isDeletion = changes === null;
  const done = isDeletion ? "deleted" : "saved";
  return (
    <section className="conflict">
      <div role="alert">
        <h3 ref={heading} tabIndex={-1}>
          Somebody else changed this task
        </h3>
        <p>You had seen it before that. Nothing was {done} yet.</p>
      </div>
      {error !== null && <ErrorNotice error={error} {...notSaved(error, done)} />}
      <table>
        <caption className="visually-hidden">Both versions</caption>
        <thead>
          <tr>
            <th scope="col">Field</th>
            <th scope="col">Theirs</th>
            <th scope="col">{isDeletion ? "As you saw it" : "Yours"}</th>
          </tr>
        </thead>
        <tbody>
          {differences(seen, now.task, changes ?? {}).map(({ field, theirs, mine, clashes }) => (
            <tr key={field} className={clashes ? "clash" : ""}>
              <th scope="row">
                {LABELS[field]}
                {clashes && <small> both changed it</small>}
              </th>
              <td>{shown(field, theirs)}</td>
              <td>{shown(field, mine)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {!isDeletion && (
        <p>
          <small>Yours writes only the fields that you changed; the others stay as they are.</small>
        </p>
      )}
      <div className="buttons">
        {onEdit && (
          <button type="button" className="button-quiet" disabled={busy} onClick={onEdit}>
            Go on editing
          </button>
        )}
        <button type="button" className="button-quiet" disabled={busy} onClick={onTheirs}>
          {isDeletion ? "Keep the task" : "Take theirs"}
        </button>
        <button type="button" aria-busy={busy} disabled={busy} onClick={onMine}>
          {isDeletion ? "Delete it all the same" : "Save mine over it"}
        </button>
      </div>
    </section>
  );
}

function shown(field: Field, value: unknown): string {
  if (Array.isArray(value)) return value.length > 0 ? value.join(", ") : "none";
  if (typeof value !== "string" || value === "") return "none";
  return field === "DueDate" ? moment(value) : value;
}
