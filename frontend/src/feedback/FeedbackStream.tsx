import "./FeedbackResult";
import { useState } from "react";
import { OutboxPanel } from "../offline/OutboxPanel";
import { FeedbackFilters } from "./FeedbackFilters";
import type { Filters } from "./feedbackList";
import { FeedbackList } from "./FeedbackList";
import { useFilters } from "./useFilters";

/** Everything beside the form: what of the person waits, and what everybody said. */
export default function FeedbackStream() {
  const [filters, setFilters] = useFilters();
  const [chosen, setChosen] = useState(false);
  function choose(next: Filters): void {
    setChosen(true);
    setFilters(next);
  }
  return (
    <div className="stream">
      <OutboxPanel kind="feedback" />
      <section aria-labelledby="all">
        <div className="section-head">
          <h2 id="all">What people say</h2>
          <FeedbackFilters filters={filters} onChange={choose} />
        </div>
        <FeedbackList
          key={JSON.stringify(filters)}
          filters={filters}
          chosen={chosen}
          onClear={() => choose({})}
        />
      </section>
    </div>
  );
}
