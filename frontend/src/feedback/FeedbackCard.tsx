import { useState } from "react";
import { When } from "../ui/When";
import type { Feedback } from "./feedbackList";
import { SentimentBadge } from "./SentimentBadge";
import { Stars } from "./Stars";

// Longer ones are folded, so that one person's essay does not hide the others.
const FOLDED_FROM = 480;

export function FeedbackCard({ feedback }: { feedback: Feedback }) {
  const { name, rating, message, sentiment, createdAt } = feedback;
  const long = message.length > FOLDED_FROM || message.split("\n").length > 8;
  const [open, setOpen] = useState(false);
  return (
    <article className="feedback-card">
      <header>
        <strong dir="auto">{name}</strong>
        {rating !== null && <Stars rating={rating} />}
      </header>
      <p dir="auto" className={long && !open ? "message message-folded" : "message"}>
        {message}
      </p>
      <footer>
        <SentimentBadge sentiment={sentiment} />
        <When moment={createdAt} />
        {long && (
          <button
            type="button"
            className="button-link"
            aria-expanded={open}
            onClick={() => setOpen(!open)}
          >
            {open ? "Show less" : "Show all"}
          </button>
        )}
      </footer>
    </article>
  );
}
