import { QueryClientProvider, type QueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { ApiContext } from "../api/ApiContext";
import type { Api } from "../api/client";
import type { Outbox } from "../offline/outbox";
import { OutboxContext } from "../offline/OutboxContext";

interface ProvidersProps {
  api: Api;
  queries: QueryClient;
  outbox: Outbox;
  children: ReactNode;
}

/** What whoever talks to the API needs around him. */
export function Providers({ api, queries, outbox, children }: ProvidersProps) {
  return (
    <ApiContext value={api}>
      <OutboxContext value={outbox}>
        <QueryClientProvider client={queries}>{children}</QueryClientProvider>
      </OutboxContext>
    </ApiContext>
  );
}
