import { useId, useState, type SyntheticEvent } from "react";
import { Field, useChoice } from "../ui";
import { isBackwards, isFiltered, NO_FILTERS, type Filters } from "./filters";
import { tagIssue, TAG_MAX, trimmedLine } from "./form";
import { PRIORITIES, STATUSES } from "./task";

interface Props {
  filters: Filters;
  onChange: (filters: Filters) => void;
}

const WIDE = "(min-width: 48rem)";

/** What of the tasks is listed. Every choice applies at once; the tag when it is typed. */
export function FilterBar(props: Props) {
  const [filters, onChange] = useChoice(props.filters, props.onChange);
  const name = useId();
  return (
    <form className="filter-bar" aria-label="Filters" onSubmit={(event) => event.preventDefault()}>
      <fieldset className="segments">
        <legend>Status</legend>
        {[null, ...STATUSES].map((status) => (
          <label key={status}>
            <input
              type="radio"
              name={name}
              checked={filters.status === status}
              onChange={() => onChange({ ...filters, status })}
            />
            <span>{status ?? "All"}</span>
          </label>
        ))}
      </fieldset>
      <MoreFilters filters={filters} onChange={onChange} />
      {isFiltered(filters) && (
        <button type="button" className="button-quiet" onClick={() => onChange(NO_FILTERS)}>
          Clear filters
        </button>
      )}
    </form>
  );
}

/** Folded where room is scarce, unless they say something. */
function MoreFilters({ filters, onChange }: Props) {
  const isUsed = isFiltered({ ...filters, status: null });
  const [isOpen, setOpen] = useState(() => isUsed || window.matchMedia(WIDE).matches);
  return (
    <details open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Priority, tag, due date{isUsed && !isOpen && " (in use)"}</summary>
      <div className="filter-fields">
        <Field label="Priority">
          {(control) => (
            <select
              {...control}
              value={filters.priority ?? ""}
              onChange={(event) =>
                onChange({
                  ...filters,
                  priority: PRIORITIES.find((priority) => priority === event.target.value) ?? null,
                })
              }
            >
              <option value="">Any</option>
              {PRIORITIES.map((priority) => (
                <option key={priority}>{priority}</option>
              ))}
            </select>
          )}
        </Field>
        {/* Another tag from outside (a row's, or Clear) is another field. */}
        <TagFilter
          key={filters.tag}
          tag={filters.tag}
          onChange={(tag) => onChange({ ...filters, tag })}
        />
        <Field
          label="Due from"
          error={isBackwards(filters) ? "must not be after “due to”" : undefined}
        >
          {(control) => (
            <input
              {...control}
              type="date"
              value={filters.dueFrom}
              onChange={(event) => onChange({ ...filters, dueFrom: event.target.value })}
            />
          )}
        </Field>
        <Field label="Due to">
          {(control) => (
            <input
              {...control}
              type="date"
              value={filters.dueTo}
              onChange={(event) => onChange({ ...filters, dueTo: event.target.value })}
            />
          )}
        </Field>
      </div>
    </details>
  );
}

function TagFilter({ tag, onChange }: { tag: string; onChange: (tag: string) => void }) {
  const [typed, setTyped] = useState(tag);
  const [issue, setIssue] = useState<string>();

  function apply(event?: SyntheticEvent): void {
    event?.preventDefault();
    const wanted = trimmedLine(typed);
    const wrong = wanted === "" ? undefined : tagIssue(wanted);
    setIssue(wrong);
    if (wrong === undefined && wanted !== tag) onChange(wanted);
  }

  return (
    <Field label="Tag" error={issue}>
      {(control) => (
        <input
          {...control}
          type="search"
          autoComplete="off"
          enterKeyHint="search"
          maxLength={2 * TAG_MAX}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
          onBlur={() => apply()}
          onKeyDown={(event) => {
            if (event.key === "Enter" && !event.nativeEvent.isComposing) apply(event);
          }}
        />
      )}
    </Field>
  );
}
