import { useEffect, useRef, type ReactNode } from "react";

interface PageProps {
  title: string;
  /** One sentence under the heading. */
  lead?: ReactNode;
  children: ReactNode;
}

let firstPage = true;

/** A page with its heading, which gets the focus when a link led here. */
export function Page({ title, lead, children }: PageProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · Customer platform`;
    // The first page is where the browser puts the focus; afterwards it is for the app to move it.
    if (!firstPage) heading.current?.focus();
    firstPage = false;
  }, [title]);
  return (
    <>
      <div className="page-head">
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        {lead !== undefined && <p className="lead">{lead}</p>}
      </div>
      {children}
    </>
  );
}
