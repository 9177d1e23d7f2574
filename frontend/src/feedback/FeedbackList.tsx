import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { useApi } from "../api/ApiContext";
import { ApiError } from "../api/errors";
import { every } from "../api/polling";
import { useOnline } from "../offline/useOnline";
import { EmptyState, ErrorNotice, Skeleton, useDrawn, useToasts } from "../ui";
import { FeedbackCard } from "./FeedbackCard";
import { arrivals, feedbackPages, itemsOf, type Filters } from "./feedbackList";
import { useWhenNear } from "./useWhenNear";

const ARRIVALS_EVERY_MS = 10_000;
// Pages may be empty where matches are rare: then the person says whether to look further back.
const EMPTY_PAGES_IN_A_ROW = 5;

interface FeedbackListProps {
  filters: Filters;
  /** The person has just chosen these filters, and is told what they give. */
  chosen: boolean;
  onClear: () => void;
}

export function FeedbackList({ filters, chosen, onClear }: FeedbackListProps) {
  const api = useApi();
  const queries = useQueryClient();
  const pages = useInfiniteQuery(feedbackPages(api, filters));
  const isDrawn = useDrawn(pages.data !== undefined);
  const askedAt = useArrivals(filters, pages.data !== undefined);
  const items = pages.data ? itemsOf(pages.data) : [];
  useFirstCount(chosen && pages.data !== undefined, items.length, pages.hasNextPage);
  const trailing = pages.data?.pages.slice(-EMPTY_PAGES_IN_A_ROW) ?? [];
  const rare =
    trailing.length === EMPTY_PAGES_IN_A_ROW && trailing.every((page) => page.items.length === 0);
  const more = () => {
    // A place in the list that the API does not know would be refused for ever: it begins anew.
    if (pages.error instanceof ApiError && pages.error.status === 400)
      void queries.resetQueries({ queryKey: feedbackPages(api, filters).queryKey, exact: true });
    else void pages.fetchNextPage();
  };
  const near = useWhenNear(
    more,
    isDrawn &&
      pages.hasNextPage &&
      !pages.isFetchingNextPage &&
      !pages.isFetchNextPageError &&
      !rare,
  );

  if (pages.isPending || (pages.data !== undefined && !isDrawn))
    return <Skeleton label="Loading feedback" blocks={4} className="skeleton-cards" />;
  if (pages.data === undefined)
    return <ErrorNotice error={pages.error} onRetry={() => void pages.refetch()} />;
  return (
    <>
      <StaleNotice askedAt={askedAt} />
      {items.length === 0 && !pages.hasNextPage ? (
        <Nothing filtered={Object.keys(filters).length > 0} onClear={onClear} />
      ) : (
        <ol className="feedback-list" aria-label="Feedback, newest first">
          {items.map((item) => (
            <li key={item.feedbackId}>
              <FeedbackCard feedback={item} />
            </li>
          ))}
        </ol>
      )}
      {pages.isFetchNextPageError && <ErrorNotice error={pages.error} onRetry={more} />}
      {pages.hasNextPage && !pages.isFetchNextPageError && (
        <div ref={near} className="more">
          <button
            type="button"
            className="button-quiet"
            aria-busy={pages.isFetchingNextPage}
            onClick={more}
          >
            {pages.isFetchingNextPage ? "Loading more…" : rare ? "Look further back" : "Load more"}
          </button>
        </div>
      )}
      {!pages.hasNextPage && items.length > 0 && <p className="list-end">That is all of it.</p>}
    </>
  );
}

/** Says once how many there are, for those who do not see the list change. */
function useFirstCount(known: boolean, count: number, more: boolean): void {
  const { announce } = useToasts();
  const told = useRef(false);
  useEffect(() => {
    if (!known || told.current) return;
    told.current = true;
    if (count === 0 && !more) announce("Nothing matches these filters");
    else
      announce(
        `${more ? "At least " : ""}${count} ${count === 1 ? "piece" : "pieces"} of feedback`,
      );
  }, [known, count, more, announce]);
}

/** Puts what arrives on top of the list. What comes back is when the API last answered. */
function useArrivals(filters: Filters, enabled: boolean): number {
  const api = useApi();
  const queries = useQueryClient();
  const { announce } = useToasts();
  const { data: arrived, dataUpdatedAt } = useQuery({
    queryKey: ["feedback", "arrivals", filters],
    queryFn: ({ signal }) => arrivals(api, queries, filters, signal),
    enabled,
    refetchInterval: every(ARRIVALS_EVERY_MS),
    refetchOnWindowFocus: true,
    // The list itself has just been asked for.
    initialData: 0,
    gcTime: 0,
    // The next round is near enough.
    retry: false,
  });
  useEffect(() => {
    if (arrived > 0)
      announce(arrived === 1 ? "1 new piece of feedback" : `${arrived} new pieces of feedback`);
  }, [arrived, dataUpdatedAt, announce]);
  return dataUpdatedAt;
}

/** Nothing old passes for new: without network the list says of when it is. */
function StaleNotice({ askedAt }: { askedAt: number }) {
  const online = useOnline();
  if (online) return null;
  const time = new Date(askedAt).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  return (
    <p className="notice notice-info" role="status">
      You are offline: this list is of {time}.
    </p>
  );
}

function Nothing({ filtered, onClear }: { filtered: boolean; onClear: () => void }) {
  if (!filtered)
    return (
      <EmptyState title="Nobody has said anything yet">
        <p>Be the first: the form is right here.</p>
      </EmptyState>
    );
  return (
    <EmptyState title="Nothing matches these filters">
      <button type="button" className="button-quiet" onClick={onClear}>
        Show all feedback
      </button>
    </EmptyState>
  );
}
