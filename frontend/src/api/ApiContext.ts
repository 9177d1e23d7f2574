import { createContext, use } from "react";
import type { Api } from "./client";

export const ApiContext = createContext<Api | null>(null);

/** The client of the API that /config.json names. */
export function useApi(): Api {
  const api = use(ApiContext);
  if (api === null) throw new Error("useApi needs an ApiContext around it");
  return api;
}
