import { useNow } from "../ui";
import { ago } from "./wording";

/** How old the figures are (since the API told them), and when feedback was last counted in them. */
export function Freshness({ toldAt, lastUpdated }: { toldAt: number; lastUpdated: string | null }) {
  const now = useNow(1000);
  return (
    <p className="freshness">
      <span>
        Updated <time dateTime={new Date(toldAt).toISOString()}>{ago(now - toldAt)}</time>
        {lastUpdated !== null && " ·"}
      </span>{" "}
      {lastUpdated !== null && (
        <span>
          last feedback counted{" "}
          <time dateTime={lastUpdated}>{ago(now - Date.parse(lastUpdated))}</time>
        </span>
      )}
    </p>
  );
}
