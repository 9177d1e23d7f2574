import "@picocss/pico/css/pico.classless.min.css";
import "./app/styles.css";
import { startTransition, StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { BrowserRouter } from "react-router";
import { App } from "./app/App";
import { reloadOnceForLostChunks } from "./app/lostChunks";
import { preloadPage } from "./app/pages";
import { ToastProvider } from "./ui/Toast";

const found = document.getElementById("root");
if (found === null) throw new Error("index.html has no #root");
const root = found;
reloadOnceForLostChunks();

function start(): void {
  // A transition is rendered in short slices, between which the browser can answer the person.
  startTransition(() =>
    createRoot(root).render(
      <StrictMode>
        <BrowserRouter>
          <ToastProvider>
            <App />
          </ToastProvider>
        </BrowserRouter>
      </StrictMode>,
    ),
  );
}

// Until then there is index.html to look at. Not awaited here: the page's chunk needs this one.
const PATIENCE_MS = 1000;
const enough = new Promise<void>((resolve) => setTimeout(resolve, PATIENCE_MS));
void Promise.race([preloadPage(window.location.pathname), enough]).then(start);
