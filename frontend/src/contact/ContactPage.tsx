import { useCallback, useState } from "react";
import type { Settled } from "../forms/useSubmission";
import { useOutbox } from "../offline/OutboxContext";
import { OutboxPanel } from "../offline/OutboxPanel";
import { Page } from "../ui";
import { ContactForm } from "./ContactForm";
import { ContactResult } from "./ContactResult";

export default function ContactPage() {
  const outbox = useOutbox();
  const [settled, setSettled] = useState<Settled<"contact"> | null>(null);
  const again = useCallback(() => setSettled(null), []);
  return (
    <Page title="Contact" lead="Write to the team. It answers to your address.">
      <div className="narrow">
        <section className="card" aria-label="Your message">
          {settled === null ? (
            <ContactForm
              submit={(...handed) => outbox.submit("contact", ...handed)}
              onSettled={setSettled}
              action="Send message"
            />
          ) : (
            <ContactResult outcome={settled} outbox={outbox} onAgain={again} />
          )}
        </section>
        <OutboxPanel kind="contact" />
      </div>
    </Page>
  );
}
