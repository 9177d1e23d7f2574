import { ContactForm } from "../contact/ContactForm";
import { FeedbackForm } from "../feedback/FeedbackForm";
import { useToasts } from "../ui";
import type { AnyEntry } from "./entries";
import type { Outcome } from "./outbox";
import { useOutbox } from "./OutboxContext";

const WORDS: Record<Exclude<Outcome<"feedback">["state"], "refused">, string> = {
  sent: "Sent, as you changed it",
  waiting: "Changed. It is waiting to be sent",
  late: "An earlier version had already arrived, so the change was not sent",
};

/** The form that the entry was written with, filled in with it. */
export function EditEntry({ entry, onDone }: { entry: AnyEntry; onDone: () => void }) {
  const outbox = useOutbox();
  const { toast } = useToasts();
  const settled = ({ state }: { state: keyof typeof WORDS }) => {
    onDone();
    toast({ message: WORDS[state], kind: state === "late" ? "error" : "success" });
  };
  if (entry.kind === "contact")
    return (
      <ContactForm
        initial={entry.body}
        action="Save and send"
        submit={(body) => outbox.edit<"contact">(entry.key, body)}
        onSettled={settled}
      />
    );
  return (
    <FeedbackForm
      initial={entry.body}
      action="Save and send"
      submit={(body) => outbox.edit<"feedback">(entry.key, body)}
      onSettled={settled}
    />
  );
}
