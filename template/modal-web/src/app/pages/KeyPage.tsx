import { KeyForm } from "../components/KeyForm";
import { PageHeading } from "../components/PageHeading";

/** What a person without a user key sees where pictures would be. */
export function KeyPage() {
  return (
    <div className="narrow">
      <PageHeading about="Whoever runs this service can give you one. It is forgotten when you close this tab.">
        Enter your key
      </PageHeading>
      <KeyForm kind="user" label="API key" action="Continue" />
    </div>
  );
}
