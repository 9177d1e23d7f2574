import { useId, type ReactNode } from "react";

export interface ControlProps {
  id: string;
  "aria-invalid"?: true;
  "aria-describedby"?: string;
}

interface FieldProps {
  label: string;
  /** Of the API or of the form's own check, without the field's name: "is required". */
  error?: string | undefined;
  hint?: ReactNode;
  /** Beside the hint, at the end of the line: a counter. */
  aside?: ReactNode;
  optional?: boolean;
  children: (control: ControlProps) => ReactNode;
}

/** A labelled control with its hint and its error: spread what is handed over onto the control. */
export function Field({ label, error, hint, aside, optional = false, children }: FieldProps) {
  const id = useId();
  const described = [
    hint === undefined ? "" : `${id}-hint`,
    error === undefined ? "" : `${id}-error`,
  ]
    .filter(Boolean)
    .join(" ");
  return (
    <div className="field">
      <label htmlFor={id}>
        {label}
        {optional && <span className="field-optional"> (optional)</span>}
      </label>
      {children({
        id,
        ...(error === undefined ? {} : { "aria-invalid": true as const }),
        ...(described === "" ? {} : { "aria-describedby": described }),
      })}
      {(hint !== undefined || aside !== undefined) && (
        <div className="field-notes">
          <small id={`${id}-hint`}>{hint}</small>
          {aside}
        </div>
      )}
      <FieldError id={`${id}-error`} label={label} error={error} />
    </div>
  );
}

/** For controls that are not one element, such as a group of radio buttons. */
export function FieldError({
  id,
  label,
  error,
}: {
  id: string;
  label: string;
  error: string | undefined;
}) {
  if (error === undefined) return null;
  return (
    <small id={id} className="field-error">
      {label} {error}
    </small>
  );
}
