import { Workbox } from "workbox-window";

const SCRIPT = "/sw.js";
const HOUR_MS = 3_600_000;

/** Where the policy demands trusted types: the one script address that the app ever names. */
function trustedScript(): ConstructorParameters<typeof Workbox>[0] {
  const policy = window.trustedTypes?.createPolicy("site", {
    createScriptURL: (url) => {
      if (url !== SCRIPT) throw new TypeError(`${url} is no script of the site`);
      return url;
    },
  });
  return policy?.createScriptURL(SCRIPT) ?? SCRIPT;
}

/**
 * Registers what makes the app open without network. `onUpdate` is told of a new version that
 * waits; its argument brings it, and loads the page again.
 */
export async function registerServiceWorker(onUpdate: (bring: () => void) => void): Promise<void> {
  const worker = new Workbox(trustedScript());
  const reload = () => window.location.reload();
  let offered = false;
  let inForce = false;
  let wanted = false;

  function offer(): void {
    if (offered) return;
    offered = true;
    onUpdate(() => {
      wanted = true;
      if (inForce) reload();
      else worker.messageSkipWaiting();
    });
  }

  worker.addEventListener("waiting", offer);
  // Another tab may have brought it; this one goes on with the old page until it is asked to.
  worker.addEventListener("controlling", () => {
    inForce = true;
    if (wanted) reload();
  });
  // Nobody waits for a tab that no worker controls yet, on a first visit: the new one just starts.
  worker.addEventListener("activated", ({ isUpdate = false, isExternal = false }) => {
    if (!isUpdate && !isExternal) return;
    inForce = true;
    offer();
  });
  const registration = await worker.register();
  if (registration === undefined) return;
  // A tab that stays open for days hears of new versions too.
  setInterval(() => {
    if (navigator.onLine) void worker.update().catch(() => undefined);
  }, HOUR_MS);
}
