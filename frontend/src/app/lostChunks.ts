const MARK = "reloaded-for-lost-chunk";
const MINUTE_MS = 60_000;

/**
 * A tab that is older than a release may ask for a chunk that is gone: loading the page again
 * brings the new release. Once a minute at most, and not without network, so that it cannot loop.
 */
export function reloadOnceForLostChunks(reload = () => window.location.reload()): void {
  window.addEventListener("vite:preloadError", (event) => {
    if (!navigator.onLine) return;
    try {
      const last = Number(sessionStorage.getItem(MARK));
      if (Date.now() - last < MINUTE_MS) return;
      sessionStorage.setItem(MARK, String(Date.now()));
    } catch {
      return; // Without a memory it might loop: the page says what is wrong instead.
    }
    event.preventDefault();
    reload();
  });
}
