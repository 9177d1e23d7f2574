/** The form of a task: what it holds, what is wrong with it, and what it asks the API to write. */
import limits from "../api/limits/NewTask.json";
import { textIssue, trimmed } from "../api/validate";
import { EARLIEST, fromInput, LATEST, toInput } from "./dueDates";
import {
  FIELDS,
  PRIORITIES,
  sameValue,
  type Field,
  type NewTask,
  type Status,
  type Task,
  type TaskChanges,
} from "./task";

export const DESCRIPTION_MAX = limits.fields.Description.maxLength;
export const TAG_MAX = limits.fields.Tags.items.maxLength;
export const TAGS_MAX = limits.fields.Tags.maxItems;

export interface FormValues {
  Title: string;
  Description: string;
  Status: Status;
  Priority: string;
  Tags: readonly string[];
  /** As a `datetime-local` input has it. */
  DueDate: string;
}

export type Issues = Partial<Record<Field, string | undefined>>;

export const EMPTY_FORM: FormValues = {
  Title: "",
  Description: "",
  Status: "Open",
  Priority: "",
  Tags: [],
  DueDate: "",
};

export function valuesOf(task: Task): FormValues {
  return {
    Title: task.Title,
    Description: task.Description,
    Status: task.Status,
    Priority: task.Priority ?? "",
    Tags: task.Tags ?? [],
    DueDate: task.DueDate === undefined ? "" : toInput(task.DueDate),
  };
}

export function issuesOf(values: FormValues): Issues {
  const { Title, Description } = limits.fields;
  const issues: Issues = {
    Title: textIssue(values.Title, Title, true),
    Description: textIssue(values.Description.trim(), Description, false),
    Tags: values.Tags.map(tagIssue).find(Boolean),
  };
  if (values.Tags.length > TAGS_MAX) issues.Tags = `must have at most ${TAGS_MAX} entries`;
  if (values.DueDate !== "" && !isDueDate(values.DueDate))
    issues.DueDate = "must be a day that exists";
  return issues;
}

export function tagIssue(tag: string): string | undefined {
  return textIssue(tag, limits.fields.Tags.items, true);
}

/** What the API cuts off the ends of a line. */
export function trimmedLine(text: string): string {
  return trimmed(text, limits.fields.Title);
}

function isDueDate(text: string): boolean {
  return text >= EARLIEST && text <= LATEST && fromInput(text) !== null;
}

export function newTask(values: FormValues): NewTask {
  const { Title, Description, Status, Tags, DueDate } = values;
  const priority = PRIORITIES.find((name) => name === values.Priority);
  const due = fromInput(DueDate);
  return {
    Title,
    Description,
    Status,
    ...(priority && { Priority: priority }),
    ...(Tags.length > 0 && { Tags: [...Tags] }),
    ...(due !== null && { DueDate: due }),
  };
}

/** Only what the person changed: what somebody else changes meanwhile stays. */
export function changesOf(before: Task, values: FormValues): TaskChanges {
  const shown = valuesOf(before);
  const wanted: Required<TaskChanges> = {
    Title: values.Title,
    Description: values.Description,
    Status: values.Status,
    Priority: PRIORITIES.find((name) => name === values.Priority) ?? null,
    Tags: [...values.Tags],
    DueDate: fromInput(values.DueDate),
  };
  return Object.fromEntries(
    FIELDS.filter((field) => !sameValue(values[field], shown[field])).map((field) => [
      field,
      wanted[field],
    ]),
  );
}
