import type { ReactNode } from "react";
import { useTitle } from "../utils/navigation";

interface Props {
  children: string;
  /** A sentence that introduces the page. */
  about?: ReactNode;
}

/** The heading of a page, which gets the focus on navigation and names the page in the tab. */
export function PageHeading({ children, about }: Props) {
  useTitle(children);
  return (
    <div className="page-heading">
      <h1 tabIndex={-1}>{children}</h1>
      {about && <p className="quiet">{about}</p>}
    </div>
  );
}
