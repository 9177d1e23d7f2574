import { QueryClient } from "@tanstack/react-query";
import { render, type RenderResult } from "@testing-library/react";
import { userEvent, type UserEvent } from "@testing-library/user-event";
import type { ReactNode } from "react";
import { MemoryRouter } from "react-router";
import { onTestFinished } from "vitest";
import { createApi } from "../api/client";
import { Providers } from "../app/Providers";
import { createQueryClient } from "../app/queryClient";
import { prependOwn } from "../feedback/feedbackList";
import { Outbox } from "../offline/outbox";
import { openStore } from "../offline/store";
import { ToastProvider } from "../ui/Toast";

interface Rendered extends RenderResult {
  user: UserEvent;
  queries: QueryClient;
  outbox: Outbox;
}

/** A page as the app shows it, at an address. */
export async function renderPage(
  page: ReactNode,
  { at = "/" }: { at?: string } = {},
): Promise<Rendered> {
  const api = createApi("/api");
  const queries = createQueryClient();
  const defaults = queries.getDefaultOptions();
  queries.setDefaultOptions({
    ...defaults,
    queries: { ...defaults.queries, retryDelay: 1, gcTime: Infinity },
  });
  const outbox = new Outbox(api, await openStore(), (given) => {
    if ("feedbackId" in given) prependOwn(queries, given);
  });
  onTestFinished(outbox.start());
  const result = render(
    <ToastProvider>
      <Providers api={api} queries={queries} outbox={outbox}>
        <MemoryRouter initialEntries={[at]}>{page}</MemoryRouter>
      </Providers>
    </ToastProvider>,
  );
  return { ...result, user: userEvent.setup({ delay: null }), queries, outbox };
}
