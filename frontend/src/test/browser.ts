import { installLocks } from "./locks";

// What jsdom lacks and pages use.
HTMLDialogElement.prototype.showModal = function () {
  this.open = true;
};
HTMLDialogElement.prototype.close = function () {
  if (!this.open) return;
  this.open = false;
  this.dispatchEvent(new Event("close"));
};
Element.prototype.scrollIntoView = () => undefined;
window.matchMedia = (media) =>
  Object.assign(new EventTarget(), { matches: false, media }) as MediaQueryList;
installLocks();

/** What is near the window is for each test to say: `comeNear()`. */
const observers = new Set<() => void>();
globalThis.IntersectionObserver = class {
  private readonly call: () => void;
  constructor(callback: IntersectionObserverCallback) {
    this.call = () =>
      callback([{ isIntersecting: true } as IntersectionObserverEntry], this as never);
  }
  observe() {
    observers.add(this.call);
  }
  disconnect() {
    observers.delete(this.call);
  }
} as unknown as typeof IntersectionObserver;

/** Whether anything waits to come near. */
export const isWatched = (): boolean => observers.size > 0;

export function comeNear(): void {
  for (const call of [...observers]) call();
}
