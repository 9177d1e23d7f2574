import { useId } from "react";
import { FieldError } from "../ui/Field";

const WORDS = ["Very bad", "Bad", "So-so", "Good", "Very good"];
const STARS = [1, 2, 3, 4, 5];

interface StarRatingProps {
  value: number | null;
  error: string | undefined;
  onChange: (rating: number) => void;
}

/** One to five stars: radio buttons, so arrow keys and screen readers know them. */
export function StarRating({ value, error, onChange }: StarRatingProps) {
  const id = useId();
  return (
    <div className="field">
      <span id={`${id}-label`} className="field-label">
        Rating
      </span>
      <div className="stars-line">
        <div
          role="radiogroup"
          className="stars"
          aria-labelledby={`${id}-label`}
          aria-required="true"
          {...(error !== undefined && {
            "aria-invalid": true,
            "aria-describedby": `${id}-error`,
          })}
        >
          {STARS.map((star) => (
            <label
              key={star}
              className={value !== null && star <= value ? "star star-lit" : "star"}
            >
              <input
                type="radio"
                name="rating"
                value={star}
                checked={value === star}
                onChange={() => onChange(star)}
              />
              <span aria-hidden="true">★</span>
              <span className="visually-hidden">
                {star} {star === 1 ? "star" : "stars"}: {WORDS[star - 1]}
              </span>
            </label>
          ))}
        </div>
        <span className="stars-words" aria-hidden="true">
          {value === null ? "" : WORDS[value - 1]}
        </span>
      </div>
      <FieldError id={`${id}-error`} label="Rating" error={error} />
    </div>
  );
}
