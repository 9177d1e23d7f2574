import { useChoice } from "../ui";
import { PERIODS, type Period } from "./period";

/** Which days the charts show. */
export function PeriodSwitch({
  period,
  onChange,
}: {
  period: Period;
  onChange: (period: Period) => void;
}) {
  const [shown, choose] = useChoice(period, onChange);
  return (
    <fieldset className="period-switch">
      <legend>Period of the charts</legend>
      {PERIODS.map((days) => (
        <label key={days}>
          <input
            type="radio"
            name="period"
            value={days}
            checked={days === shown}
            onChange={() => choose(days)}
          />
          <span>{days} days</span>
        </label>
      ))}
    </fieldset>
  );
}
