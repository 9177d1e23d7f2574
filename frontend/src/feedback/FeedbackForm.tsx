import limits from "../api/limits/FeedbackSubmission.json";
import { Counter } from "../forms/Counter";
import { SubmitButton } from "../forms/SubmitButton";
import { useSubmission, type SubmissionProps } from "../forms/useSubmission";
import { ErrorNotice } from "../ui/ErrorNotice";
import { Field } from "../ui/Field";
import { StarRating } from "./StarRating";

const EMPTY = { name: "", email: "", rating: null, message: "" };
const MESSAGE_MAX = limits.fields.message.maxLength;
// In the order of the form, so that the first one on the page gets the focus.
const { rating, message, name, email } = limits.fields;
const IN_ORDER = { ...limits, fields: { rating, message, name, email } };

export function FeedbackForm(props: SubmissionProps<"feedback">) {
  const { busy, error, fields, formProps, text } = useSubmission(
    "feedback",
    IN_ORDER,
    EMPTY,
    props,
  );
  const { values, issues } = fields;
  return (
    <form {...formProps}>
      <StarRating
        value={values["rating"] as number | null}
        error={issues["rating"]}
        onChange={(stars) => fields.change("rating", stars)}
      />
      <Field
        label="Message"
        error={issues["message"]}
        hint="Shown publicly."
        aside={<Counter value={String(values["message"])} limit={MESSAGE_MAX} />}
      >
        {(control) => <textarea rows={5} dir="auto" {...control} {...text("message")} />}
      </Field>
      <div className="field-pair">
        <Field label="Name" error={issues["name"]} hint="Shown publicly.">
          {(control) => (
            <input type="text" autoComplete="name" dir="auto" {...control} {...text("name")} />
          )}
        </Field>
        <Field label="E-mail" error={issues["email"]} hint="Never shown.">
          {(control) => <input type="email" autoComplete="email" {...control} {...text("email")} />}
        </Field>
      </div>
      {error !== null && <ErrorNotice error={error} />}
      <SubmitButton busy={busy} action={props.action ?? "Send feedback"} />
    </form>
  );
}
