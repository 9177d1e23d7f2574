/** Two people changed a task: what each of them made of it. */
import { FIELDS, sameValue, type Field, type Task, type TaskChanges } from "./task";

export interface Difference {
  field: Field;
  before: unknown;
  theirs: unknown;
  mine: unknown;
  /** Both changed it, and not to the same. */
  clashes: boolean;
}

/** Every field that somebody changed since `before`, and how it stands on either side. */
export function differences(before: Task, theirs: Task, changes: TaskChanges): Difference[] {
  return FIELDS.flatMap((field) => {
    const mine = field in changes ? changes[field] : before[field];
    const iDid = !sameValue(mine, before[field]);
    const theyDid = !sameValue(theirs[field], before[field]);
    if (!iDid && !theyDid) return [];
    return {
      field,
      before: before[field],
      theirs: theirs[field],
      mine,
      clashes: iDid && theyDid && !sameValue(mine, theirs[field]),
    };
  });
}

/** What is still to be written over theirs. */
export function remaining(theirs: Task, changes: TaskChanges): TaskChanges {
  return Object.fromEntries(
    Object.entries(changes).filter(([field, value]) => !sameValue(value, theirs[field as Field])),
  );
}
