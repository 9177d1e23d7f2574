import { ApiError, NetworkError } from "../api/errors";

export interface ErrorWords {
  title: string;
  advice: string;
  reference?: string | undefined;
}

function wait(seconds: number | undefined): string {
  if (seconds === undefined || seconds <= 0) return "Please try again in a moment.";
  if (seconds < 90)
    return `Please try again in ${seconds} ${seconds === 1 ? "second" : "seconds"}.`;
  return `Please try again in ${Math.ceil(seconds / 60)} minutes.`;
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

function refusal(error: ApiError): Omit<ErrorWords, "reference"> {
  switch (error.status) {
    case 404:
      return { title: "Not found", advice: sentence(error.message) };
    case 408:
    case 504:
      return {
        title: "The service took too long to answer",
        advice: "Please try again: nothing is done twice.",
      };
    case 413:
      return { title: "That is too long", advice: "Please shorten the text and send it again." };
    case 429:
      return { title: "Too many requests", advice: wait(error.retryAfterSeconds) };
    case 503:
      return { title: "The service is busy", advice: wait(error.retryAfterSeconds) };
  }
  if (error.status >= 500)
    return {
      title: "Something went wrong on our side",
      advice: `Please try again; if it stays so, write to us${error.requestId === undefined ? "" : " and quote the reference"}.`,
    };
  return { title: "That was not accepted", advice: sentence(error.message) };
}

/** What happened and what to do about it, in words for everybody. */
export function errorWords(error: unknown): ErrorWords {
  if (error instanceof NetworkError)
    return navigator.onLine
      ? {
          title: "The service could not be reached",
          advice: "Please check your connection and try again.",
        }
      : { title: "You are offline", advice: "This will be here again when your network is back." };
  if (error instanceof ApiError) return { ...refusal(error), reference: error.requestId };
  return {
    title: "Something went wrong on this page",
    advice: "Please load it again; if it stays so, write to us.",
  };
}
