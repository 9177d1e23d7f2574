import { Skeleton } from "../ui";

/** As tall as what will come, so that nothing moves. */
export function DashboardSkeleton() {
  return (
    <>
      <Skeleton label="Loading the figures" className="skeleton-freshness" />
      <div className="totals" aria-hidden="true">
        <Skeleton label="" className="skeleton-total" />
        <Skeleton label="" className="skeleton-total" />
        <Skeleton label="" className="skeleton-total total-shares" />
      </div>
      <div aria-hidden="true">
        <Skeleton label="" className="skeleton-period" />
      </div>
      <ChartSkeletons />
    </>
  );
}

export function ChartSkeletons() {
  return (
    <div className="charts" aria-hidden="true">
      <Skeleton label="" className="skeleton-chart" />
      <Skeleton label="" className="skeleton-chart" />
      <Skeleton label="" className="skeleton-chart" />
    </div>
  );
}
