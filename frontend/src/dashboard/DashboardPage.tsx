import { useDeferredValue, useState } from "react";
import { Link, useSearchParams } from "react-router";
import { EmptyState, ErrorNotice, Page, useDrawn } from "../ui";
import { Charts } from "./Charts";
import { ChartSkeletons, DashboardSkeleton } from "./DashboardSkeleton";
import "./dashboard.css";
import { Freshness } from "./Freshness";
import { OldFigures } from "./OldFigures";
import { DEFAULT_PERIOD, periodOf, type Period } from "./period";
import { PeriodSwitch } from "./PeriodSwitch";
import type { Analytics } from "./series";
import { Totals } from "./Totals";
import { useAnalytics, type Figures } from "./useAnalytics";
import { pieces, rating } from "./wording";

export default function DashboardPage() {
  return (
    <Page title="Dashboard" lead="What everybody says, counted as it comes in.">
      <Dashboard />
    </Page>
  );
}

function Dashboard() {
  const { data, error, refetch, isFetching } = useAnalytics();
  const isDrawn = useDrawn(data !== undefined);
  const retry = () => void refetch();
  if (data === undefined)
    return error ? <ErrorNotice error={error} onRetry={retry} /> : <DashboardSkeleton />;
  if (!isDrawn) return <DashboardSkeleton />;
  return (
    <>
      {error && <OldFigures error={error} toldAt={data.toldAt} busy={isFetching} onRetry={retry} />}
      <Loaded figures={data} />
    </>
  );
}

function Loaded({ figures: { analytics, daily, toldAt } }: { figures: Figures }) {
  const [url, setUrl] = useSearchParams();
  const period = periodOf(url.get("days"));
  // Drawn after the figures are there, in short slices between which the page answers.
  const drawn = useDeferredValue<Figures["daily"] | null>(daily, null);

  function choose(days: Period): void {
    const next = new URLSearchParams(url);
    if (days === DEFAULT_PERIOD) next.delete("days");
    else next.set("days", String(days));
    setUrl(next, { replace: true, preventScrollReset: true });
  }

  return (
    <>
      <Freshness toldAt={toldAt} lastUpdated={analytics.lastUpdated} />
      <News analytics={analytics} />
      {analytics.totalFeedback === 0 ? (
        <EmptyState title="No feedback yet">
          <p>
            Figures and charts begin with the first piece. <Link to="/">Give feedback</Link>
          </p>
        </EmptyState>
      ) : (
        <>
          <Totals analytics={analytics} />
          <PeriodSwitch period={period} onChange={choose} />
          {drawn === null ? <ChartSkeletons /> : <Charts daily={drawn} period={period} />}
        </>
      )}
    </>
  );
}

/** Told to those who do not see the figures move; nothing when the page opens. */
function News({ analytics }: { analytics: Analytics }) {
  const [atFirst] = useState(analytics.totalFeedback);
  const { totalFeedback, averageRating } = analytics;
  return (
    <p className="visually-hidden" role="status">
      {totalFeedback !== atFirst &&
        `${pieces(totalFeedback)} now, average rating ${rating(averageRating || null)}`}
    </p>
  );
}
