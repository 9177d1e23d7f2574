import type { ReactNode } from "react";

/** Where a list would be: says why there is none, and what to do (as children). */
export function EmptyState({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="empty-state">
      <p className="empty-state-title">{title}</p>
      {children}
    </div>
  );
}
