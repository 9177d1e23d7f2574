import type { QueryClient } from "@tanstack/react-query";
import { createApi, type Api } from "../api/client";
import { prependOwn } from "../feedback/feedbackList";
import { Outbox } from "../offline/outbox";
import { openStore } from "../offline/store";
import { readConfig, type Config } from "./config";
import { Providers } from "./Providers";
import { createQueryClient } from "./queryClient";

export interface Services {
  config: Config;
  api: Api;
  queries: QueryClient;
  outbox: Outbox;
  Providers: typeof Providers;
}

export async function createServices(config: Config): Promise<Services> {
  const api = createApi(config.apiBaseUrl);
  const queries = createQueryClient();
  const outbox = new Outbox(api, await openStore(), (given) => {
    if ("feedbackId" in given) prependOwn(queries, given);
  });
  outbox.start();
  return { config, api, queries, outbox, Providers };
}

export async function startServices(published: Promise<Response>): Promise<Services> {
  return createServices(await readConfig(published));
}
