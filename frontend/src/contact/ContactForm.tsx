import limits from "../api/limits/ContactRequest.json";
import { Counter } from "../forms/Counter";
import { SubmitButton } from "../forms/SubmitButton";
import { useSubmission, type SubmissionProps } from "../forms/useSubmission";
import { ErrorNotice, Field } from "../ui";

const EMPTY = { email: "", subject: "", message: "" };
const MESSAGE_MAX = limits.fields.message.maxLength;

export function ContactForm(props: SubmissionProps<"contact">) {
  const { busy, error, fields, formProps, text } = useSubmission("contact", limits, EMPTY, props);
  const { values, issues } = fields;
  return (
    <form {...formProps}>
      <Field label="E-mail" error={issues["email"]} hint="Where the team answers.">
        {(control) => <input type="email" autoComplete="email" {...control} {...text("email")} />}
      </Field>
      <Field label="Subject" error={issues["subject"]}>
        {(control) => <input type="text" dir="auto" {...control} {...text("subject")} />}
      </Field>
      <Field
        label="Message"
        error={issues["message"]}
        aside={<Counter value={String(values["message"])} limit={MESSAGE_MAX} />}
      >
        {(control) => <textarea rows={8} dir="auto" {...control} {...text("message")} />}
      </Field>
      {error !== null && <ErrorNotice error={error} />}
      <SubmitButton busy={busy} action={props.action ?? "Send"} />
    </form>
  );
}
