import { NetworkError } from "../api/errors";
import type { Services } from "./createServices";

let started: Promise<Services> | undefined;

async function start(): Promise<Services> {
  // Asked for at the same time as the code that reads it. Not without network: that is in vain.
  const published = navigator.onLine ? fetch("/config.json") : Promise.reject(new NetworkError());
  published.catch(() => undefined); // whoever reads it is told
  const { startServices } = await import("./createServices");
  return startServices(published);
}

/**
 * The client, the query cache and the outbox: one of each for the whole app. They come in a chunk
 * of their own, because the first view, a form, can be read and filled in without them.
 */
export function services(): Promise<Services> {
  if (started === undefined) {
    started = start();
    // What failed for want of network may be tried again.
    started.catch(() => (started = undefined));
  }
  return started;
}
