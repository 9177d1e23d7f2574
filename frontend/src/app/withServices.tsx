import type { ComponentType } from "react";
import { deferred, type Deferred } from "./deferred";
import { services } from "./services";

/** A deferred component that may use the API (useApi) and queries. Its code and theirs load at once. */
export function withServices(load: () => Promise<{ default: ComponentType }>): Deferred {
  return deferred(async () => {
    const [{ default: Page }, { Providers, ...rest }] = await Promise.all([load(), services()]);
    const Served = () => (
      <Providers {...rest}>
        <Page />
      </Providers>
    );
    return { default: Served };
  });
}
