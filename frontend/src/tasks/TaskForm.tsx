import { useRef, useState, type SyntheticEvent } from "react";
import { ApiError } from "../api/errors";
import { Counter } from "../forms/Counter";
import { ErrorNotice, Field } from "../ui";
import { EARLIEST, LATEST } from "./dueDates";
import {
  DESCRIPTION_MAX,
  issuesOf,
  TAGS_MAX,
  trimmedLine,
  type FormValues,
  type Issues,
} from "./form";
import { TagInput, withTag } from "./TagInput";
import { FIELDS, PRIORITIES, STATUSES, type Field as FieldName } from "./task";
import { notSaved } from "./wording";

interface Props {
  initial: FormValues;
  submitLabel: string;
  busy: boolean;
  /** Of the last attempt. */
  error: unknown;
  onSubmit: (values: FormValues) => void;
  onCancel: () => void;
  /** What is typed, for whoever wants to keep it. */
  onEdit?: (values: FormValues) => void;
}

export function TaskForm(props: Props) {
  const { initial, submitLabel, busy, error, onSubmit, onCancel, onEdit } = props;
  const form = useRef<HTMLFormElement>(null);
  const [values, setValues] = useState(initial);
  const [tag, setTag] = useState("");
  const [found, setFound] = useState<Issues>({});
  const refused = refusals(error);
  const issueOf = (field: FieldName) => found[field] ?? refused[field];

  function set<Name extends FieldName>(name: Name, value: FormValues[Name]): void {
    const next = { ...values, [name]: value };
    setValues(next);
    setFound((before) => ({ ...before, [name]: undefined }));
    onEdit?.(next);
  }

  function submit(event: SyntheticEvent): void {
    event.preventDefault();
    if (busy) return;
    const complete = {
      ...values,
      Title: trimmedLine(values.Title),
      Description: values.Description.trim(),
      Tags: withTag(values.Tags, tag),
    };
    const wrong = issuesOf(complete);
    // A half typed date has no value, and would pass for none.
    const due = form.current?.querySelector<HTMLInputElement>("[name=DueDate]");
    if (due?.validity.badInput) wrong.DueDate = "is not complete";
    setFound(wrong);
    const first = FIELDS.find((field) => wrong[field] !== undefined);
    if (first) form.current?.querySelector<HTMLElement>(`[name="${first}"]`)?.focus();
    else onSubmit(complete);
  }

  return (
    <form ref={form} className="task-form" noValidate onSubmit={submit}>
      {error !== null && <ErrorNotice error={error} {...notSaved(error)} />}
      <Field label="Title" error={issueOf("Title")}>
        {(control) => (
          <input
            {...control}
            name="Title"
            type="text"
            required
            autoComplete="off"
            value={values.Title}
            onChange={(event) => set("Title", event.target.value)}
          />
        )}
      </Field>
      <Field
        label="Description"
        optional
        error={issueOf("Description")}
        aside={<Counter value={values.Description} limit={DESCRIPTION_MAX} />}
      >
        {(control) => (
          <textarea
            {...control}
            name="Description"
            rows={4}
            value={values.Description}
            onChange={(event) => set("Description", event.target.value)}
          />
        )}
      </Field>
      <div className="field-row">
        <Field label="Status" error={issueOf("Status")}>
          {(control) => (
            <select
              {...control}
              name="Status"
              value={values.Status}
              onChange={(event) =>
                set("Status", STATUSES.find((name) => name === event.target.value) ?? "Open")
              }
            >
              {STATUSES.map((status) => (
                <option key={status}>{status}</option>
              ))}
            </select>
          )}
        </Field>
        <Field label="Priority" error={issueOf("Priority")}>
          {(control) => (
            <select
              {...control}
              name="Priority"
              value={values.Priority}
              onChange={(event) => set("Priority", event.target.value)}
            >
              <option value="">None</option>
              {PRIORITIES.map((priority) => (
                <option key={priority}>{priority}</option>
              ))}
            </select>
          )}
        </Field>
      </div>
      <Field label="Due" optional error={issueOf("DueDate")} hint="In your time zone">
        {(control) => (
          <input
            {...control}
            name="DueDate"
            type="datetime-local"
            min={EARLIEST}
            max={LATEST}
            value={values.DueDate}
            onChange={(event) => set("DueDate", event.target.value)}
          />
        )}
      </Field>
      <Field
        label="Tags"
        optional
        error={issueOf("Tags")}
        hint={`Up to ${TAGS_MAX}; Enter adds one`}
      >
        {(control) => (
          <TagInput
            control={control}
            tags={values.Tags}
            onChange={(tags) => set("Tags", tags)}
            typed={tag}
            onType={setTag}
          />
        )}
      </Field>
      <div className="buttons">
        <button type="button" className="button-quiet" onClick={onCancel}>
          Cancel
        </button>
        <button type="submit" aria-busy={busy} aria-disabled={busy}>
          {submitLabel}
        </button>
      </div>
    </form>
  );
}

/** What the API says about fields: `Tags.0` is about the tags. */
function refusals(error: unknown): Issues {
  if (!(error instanceof ApiError)) return {};
  const issues: Issues = {};
  for (const { field, issue } of error.details) {
    const name = FIELDS.find((known) => field === known || field.startsWith(`${known}.`));
    if (name) issues[name] ??= issue;
  }
  return issues;
}
