import { Suspense } from "react";
import { NavLink, Outlet, useLocation } from "react-router";
import { useOnline } from "../offline/useOnline";
import { Skeleton } from "../ui/Skeleton";
import { Mark, Moon, Sun, TabIcon } from "./icons";
import { PageBoundary } from "./PageBoundary";
import { useTheme } from "./theme";
import { UpdateNotice } from "./UpdateNotice";

const TABS = [
  { to: "/", label: "Feedback", icon: "feedback" },
  { to: "/dashboard", label: "Dashboard", icon: "dashboard" },
  { to: "/tasks", label: "Tasks", icon: "tasks" },
  { to: "/contact", label: "Contact", icon: "contact" },
] as const;

export function Layout() {
  const { pathname } = useLocation();
  return (
    <>
      <a className="skip-link" href="#main">
        Skip to the content
      </a>
      <header className="site-header">
        <div className="site-header-inner">
          <span className="brand">
            <Mark />
            <span>Customer platform</span>
          </span>
          <nav className="tabs" aria-label="Pages">
            <ul>
              {TABS.map(({ to, label, icon }) => (
                <li key={to}>
                  <NavLink to={to} end={to === "/"}>
                    <TabIcon name={icon} />
                    <span>{label}</span>
                  </NavLink>
                </li>
              ))}
            </ul>
          </nav>
          <ThemeSwitch />
        </div>
      </header>
      <OfflineNotice page={pathname} />
      <UpdateNotice />
      <main id="main" tabIndex={-1}>
        <PageBoundary resetKey={pathname}>
          <Suspense
            fallback={<Skeleton label="Loading the page" blocks={3} className="page-skeleton" />}
          >
            <Outlet />
          </Suspense>
        </PageBoundary>
      </main>
    </>
  );
}

const WITHOUT_NETWORK: Partial<Record<string, string>> = {
  "/dashboard": "The figures are as old as they say.",
  "/tasks": "Tasks can be changed when the network is back.",
};

function OfflineNotice({ page }: { page: string }) {
  const online = useOnline();
  const then =
    WITHOUT_NETWORK[page] ?? "What you write is kept, and sent when the network is back.";
  return (
    <div role="status" className="offline-line">
      {!online && <p>You are offline. {then}</p>}
    </div>
  );
}

function ThemeSwitch() {
  const [theme, toggle] = useTheme();
  const other = theme === "dark" ? "light" : "dark";
  return (
    <button
      type="button"
      className="button-icon theme-switch"
      aria-label={`Use the ${other} theme`}
      onClick={toggle}
    >
      {theme === "dark" ? <Sun /> : <Moon />}
    </button>
  );
}
