import {
  infiniteQueryOptions,
  type InfiniteData,
  type QueryClient,
  type QueryKey,
} from "@tanstack/react-query";
import { body, type Api } from "../api/client";
import type { components } from "../api/schema";

export type Feedback = components["schemas"]["PublicFeedback"];
export type Sentiment = components["schemas"]["Sentiment"];
type Page = components["schemas"]["FeedbackPage"];
export type Pages = InfiniteData<Page>;

export interface Filters {
  sentiment?: Sentiment;
  rating?: number;
}

export const PAGE_SIZE = 10;

const listKey = (filters: Filters) => ["feedback", "list", filters] as const;

function page(api: Api, filters: Filters, lastKey: string | null, signal: AbortSignal) {
  const query = { ...filters, limit: PAGE_SIZE, ...(lastKey === null ? {} : { lastKey }) };
  return body(api.GET("/feedback", { params: { query }, signal }));
}

/** The list as far as it was scrolled. News are put on top by `arrivals`, not by asking for all. */
export function feedbackPages(api: Api, filters: Filters) {
  return infiniteQueryOptions({
    queryKey: listKey(filters),
    queryFn: ({ pageParam, signal }) => page(api, filters, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: ({ lastKey }) => lastKey,
    staleTime: Infinity,
    // Only what could not be loaded without network is asked for again with it.
    refetchOnReconnect: ({ state }) => (state.data === undefined ? "always" : false),
    refetchOnWindowFocus: false,
    // A list of an earlier visit would lack what came since.
    gcTime: 0,
  });
}

/** The newest page again: what the list does not have yet goes on top of it. */
export async function arrivals(
  api: Api,
  queries: QueryClient,
  filters: Filters,
  signal: AbortSignal,
): Promise<number> {
  const newest = await page(api, filters, null, signal);
  const key = listKey(filters);
  const shown = queries.getQueryData<Pages>(key);
  if (shown === undefined) return 0;
  const merged = withNews(shown, newest);
  // More came than a page holds: what lies between is not known, so the list starts anew.
  if (merged === null) await queries.resetQueries({ queryKey: key, exact: true });
  else if (merged !== shown) queries.setQueryData<Pages>(key, merged);
  return merged === null ? newest.items.length : itemsOf(merged).length - itemsOf(shown).length;
}

export function itemsOf(pages: Pages): Feedback[] {
  return pages.pages.flatMap(({ items }) => items);
}

/** The list with what is new of the newest page; null when there may be a gap between the two. */
export function withNews(shown: Pages, newest: Page): Pages | null {
  const known = new Set(itemsOf(shown).map(({ feedbackId }) => feedbackId));
  const news = newest.items.filter(({ feedbackId }) => !known.has(feedbackId));
  if (news.length === 0) return shown;
  const joined = news.length < newest.items.length || newest.lastKey === null;
  return joined || known.size === 0 ? onTop(shown, news) : null;
}

function onTop(shown: Pages, news: Feedback[]): Pages {
  const [first, ...rest] = shown.pages;
  if (first === undefined) return shown;
  // The index follows by a moment, so two may arrive in another order than they were written.
  const items = [...news, ...first.items].sort((a, b) => b.createdAt.localeCompare(a.createdAt));
  return { ...shown, pages: [{ ...first, items, count: items.length }, ...rest] };
}

function matches(filters: Filters, { sentiment, rating }: Feedback): boolean {
  return (
    (filters.sentiment === undefined || filters.sentiment === sentiment) &&
    (filters.rating === undefined || filters.rating === rating)
  );
}

/** What the person sent is in every list that it belongs to at once. */
export function prependOwn(
  queries: QueryClient,
  { email: _email, ...own }: components["schemas"]["StoredFeedback"],
): void {
  const lists = queries.getQueriesData<Pages>({ queryKey: ["feedback", "list"] });
  for (const [key, pages] of lists) {
    const [, , filters] = key as QueryKey & ReturnType<typeof listKey>;
    if (pages === undefined || !matches(filters, own)) continue;
    if (itemsOf(pages).some(({ feedbackId }) => feedbackId === own.feedbackId)) continue;
    queries.setQueryData<Pages>(key, onTop(pages, [own]));
  }
  void queries.invalidateQueries({ queryKey: ["analytics"] });
}
