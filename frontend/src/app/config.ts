import { NetworkError } from "../api/errors";

/** What differs between environments: published beside the build, so one build serves all. */
export interface Config {
  apiBaseUrl: string;
  environment: string;
  suffix: string;
  version: string;
}

const KEPT = "config";

function parsed(text: string): Config {
  const config = JSON.parse(text) as Partial<Config>;
  if (typeof config.apiBaseUrl !== "string") throw new Error("/config.json names no apiBaseUrl");
  const { apiBaseUrl, environment = "", suffix = "", version = "" } = config;
  return { apiBaseUrl, environment, suffix, version };
}

function kept(): string | null {
  try {
    return localStorage.getItem(KEPT);
  } catch {
    return null;
  }
}

function keep(text: string): void {
  try {
    localStorage.setItem(KEPT, text);
  } catch {
    // Without storage the app starts with network only.
  }
}

async function textOf(published: Promise<Response>): Promise<string> {
  const response = await published.catch((cause: unknown) => {
    throw new NetworkError({ cause });
  });
  if (!response.ok) throw new Error(`/config.json: status ${response.status}`);
  return response.text();
}

/** Read once, at the start. Those of the last start serve when there is no network. */
export async function readConfig(published: Promise<Response>): Promise<Config> {
  try {
    const text = await textOf(published);
    const config = parsed(text);
    keep(text);
    return config;
  } catch (error) {
    // Also what somebody on the way put in its place: a hotel's page to log in.
    const last = kept();
    if (last === null) throw error;
    return parsed(last);
  }
}
