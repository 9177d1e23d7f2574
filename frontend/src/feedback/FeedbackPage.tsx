import { lazy, Suspense, useCallback, useRef, useState } from "react";
import { PageBoundary } from "../app/PageBoundary";
import { services } from "../app/services";
import { withServices } from "../app/withServices";
import type { Kinds } from "../offline/entries";
import type { Settled } from "../forms/useSubmission";
import type { Outbox, Outcome } from "../offline/outbox";
import { Page } from "../ui/Page";
import { Skeleton } from "../ui/Skeleton";
import { FeedbackForm } from "./FeedbackForm";

// Not of the first view; the stream brings it along, so it is there when something was sent.
const FeedbackResult = lazy(() => import("./FeedbackResult"));
const FeedbackStream = withServices(() => import("./FeedbackStream"));

export interface Submitted {
  outcome: Outcome<"feedback">;
  outbox: Outbox;
}

type Submit = (body: Kinds["feedback"]["body"], stillThere: () => boolean) => Promise<Submitted>;

const submit: Submit = async (body, stillThere) => {
  const { outbox } = await services();
  return { outcome: await outbox.submit("feedback", body, stillThere), outbox };
};

export default function FeedbackPage() {
  return (
    <Page title="Feedback" lead="Say what you think, and see what others say.">
      <div className="columns">
        <section className="card" aria-labelledby="write">
          <h2 id="write">Your feedback</h2>
          <WriteFeedback submit={submit} />
        </section>
        <PageBoundary resetKey="stream">
          <Suspense fallback={<Skeleton label="Loading feedback" blocks={4} />}>
            <FeedbackStream />
          </Suspense>
        </PageBoundary>
      </div>
    </Page>
  );
}

interface Shown {
  outcome: Settled<"feedback">;
  outbox: Outbox;
  name: string;
}

/** The form, or what became of what was sent with it. */
export function WriteFeedback({ submit }: { submit: Submit }) {
  const [shown, setShown] = useState<Shown | null>(null);
  const handedTo = useRef<Outbox>(null);
  const again = useCallback(() => setShown(null), []);
  if (shown !== null)
    return (
      <Suspense fallback={null}>
        <FeedbackResult {...shown} onAgain={again} />
      </Suspense>
    );
  return (
    <FeedbackForm
      submit={async (...handed) => {
        const { outcome, outbox } = await submit(...handed);
        handedTo.current = outbox;
        return outcome;
      }}
      onSettled={(outcome, { name }) => {
        if (handedTo.current !== null) setShown({ outcome, outbox: handedTo.current, name });
      }}
    />
  );
}
