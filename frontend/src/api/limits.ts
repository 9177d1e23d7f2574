/** Limits of a field, as scripts/generate.mjs takes them from the API's document. */
export interface FieldLimits {
  readonly type?: string;
  readonly format?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly pattern?: string;
  /** Characters that are cut off both ends before limits apply. */
  readonly edge?: string;
  /** Of an address: in ASCII before the @. */
  readonly asciiLocal?: boolean;
  readonly nullable?: boolean;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly enum?: readonly (string | null)[];
  readonly items?: FieldLimits;
}
