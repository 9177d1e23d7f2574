import { useRef, useState, type KeyboardEvent } from "react";
import type { ControlProps } from "../ui";
import { tagIssue, TAG_MAX, TAGS_MAX, trimmedLine } from "./form";

interface Props {
  control: ControlProps;
  tags: readonly string[];
  onChange: (tags: readonly string[]) => void;
  /** What is typed and not added yet; the form adds it when it is sent. */
  typed: string;
  onType: (typed: string) => void;
}

/** Tags one by one: Enter or a comma adds, Backspace in an empty field takes the last away. */
export function TagInput({ control, tags, onChange, typed, onType }: Props) {
  const input = useRef<HTMLInputElement>(null);
  const [told, setTold] = useState("");

  function add(): void {
    const next = withTag(tags, typed);
    if (next.some(tagIssue)) return;
    onType("");
    if (next === tags) return;
    onChange(next);
    setTold(`Tag ${next.at(-1) ?? ""} added`);
  }

  function remove(tag: string): void {
    onChange(tags.filter((other) => other !== tag));
    setTold(`Tag ${tag} removed`);
    input.current?.focus();
  }

  function onKeyDown(event: KeyboardEvent<HTMLInputElement>): void {
    if (event.nativeEvent.isComposing) return;
    const last = tags.at(-1);
    if ((event.key === "Enter" || event.key === ",") && trimmedLine(typed) !== "") {
      event.preventDefault();
      add();
    } else if (event.key === "Backspace" && typed === "" && last !== undefined) {
      remove(last);
    }
  }

  return (
    <div className="tag-input">
      {tags.length > 0 && (
        <ul className="tags">
          {tags.map((tag) => (
            <li key={tag}>
              <button
                type="button"
                className="tag"
                aria-label={`Remove tag ${tag}`}
                onClick={() => remove(tag)}
              >
                {tag} <span aria-hidden="true">×</span>
              </button>
            </li>
          ))}
        </ul>
      )}
      <div className="tag-input-line">
        <input
          ref={input}
          {...control}
          type="text"
          enterKeyHint="done"
          autoComplete="off"
          maxLength={2 * TAG_MAX}
          value={typed}
          disabled={tags.length >= TAGS_MAX}
          onChange={(event) => onType(event.target.value)}
          onKeyDown={onKeyDown}
        />
        <button
          type="button"
          className="button-quiet"
          disabled={trimmedLine(typed) === ""}
          onClick={add}
        >
          Add tag
        </button>
      </div>
      <span className="visually-hidden" role="status">
        {told}
      </span>
    </div>
  );
}

/** The same tags if it is empty or among them already. */
export function withTag(tags: readonly string[], typed: string): readonly string[] {
  const tag = trimmedLine(typed);
  return tag === "" || tags.includes(tag) ? tags : [...tags, tag];
}
