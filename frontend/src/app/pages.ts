import { deferred } from "./deferred";
import { withServices } from "./withServices";

export const PAGES = [
  // The first view: its form needs no services, and its list brings them.
  { path: "/", Page: deferred(() => import("../feedback/FeedbackPage")) },
  { path: "/dashboard", Page: withServices(() => import("../dashboard/DashboardPage")) },
  { path: "/tasks", Page: withServices(() => import("../tasks/TasksPage")) },
  { path: "/contact", Page: withServices(() => import("../contact/ContactPage")) },
];

export const NotFoundPage = deferred(() => import("./NotFoundPage"));

/** Ends when the code of the page at `path` is there, or cannot be had: the page says so itself. */
export async function preloadPage(path: string): Promise<void> {
  const { Page } = PAGES.find((page) => page.path === path) ?? { Page: NotFoundPage };
  await Page.preload().catch(() => undefined);
}
