import { Component, type ReactNode } from "react";
import { PageHeading } from "./PageHeading";

interface Props {
  children: ReactNode;
}

/** Stands in for everything within it when that cannot be shown: a blank page helps nobody. */
export class ErrorBoundary extends Component<Props, { hasFailed: boolean }> {
  override state = { hasFailed: false };

  static getDerivedStateFromError() {
    return { hasFailed: true };
  }

  override render() {
    if (!this.state.hasFailed) {
      return this.props.children;
    }
    return (
      <main className="narrow">
        <div role="alert">
          <PageHeading about="Reload the page. If that does not help, tell whoever runs this service.">
            Something went wrong
          </PageHeading>
        </div>
        <button type="button" className="button button-primary" onClick={() => location.reload()}>
          Reload
        </button>
      </main>
    );
  }
}
