/** The days that the charts show. Kept in the URL, so that a view can be shared. */
export const PERIODS = [7, 30, 90] as const;

export type Period = (typeof PERIODS)[number];

export const DEFAULT_PERIOD: Period = 30;

/** What is asked of the API, whatever is shown: one answer in every cache, and a switch needs none. */
export const LONGEST_PERIOD: Period = 90;

export function periodOf(text: string | null): Period {
  return PERIODS.find((period) => String(period) === text) ?? DEFAULT_PERIOD;
}
