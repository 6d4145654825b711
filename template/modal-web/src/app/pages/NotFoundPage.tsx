import { Link } from "wouter";
import { PageHeading } from "../components/PageHeading";

/** What stands at an address that leads nowhere. */
export function NotFoundPage() {
  return (
    <div className="narrow">
      <PageHeading about="Nothing is kept at this address.">Page not found</PageHeading>
      <Link href="/" className="button button-primary">
        Back to your pictures
      </Link>
    </div>
  );
}
