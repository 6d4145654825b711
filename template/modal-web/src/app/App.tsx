import { QueryClientProvider } from "@tanstack/react-query";
import { useState } from "react";
import { Route, Switch, useLocation } from "wouter";
import { AdminPage } from "./admin/AdminPage";
import { ErrorBoundary } from "./components/ErrorBoundary";
import { Header } from "./components/Header";
import { GeneratePage } from "./pages/GeneratePage";
import { KeyPage } from "./pages/KeyPage";
import { NotFoundPage } from "./pages/NotFoundPage";
import { TaskPage } from "./pages/TaskPage";
import { useKey } from "./utils/keys";
import { useFocusOnNavigation } from "./utils/navigation";
import { createQueryClient } from "./utils/queries";

function Page() {
  const [location] = useLocation();
  const hasKey = useKey("user") !== null;
  const hasAdminKey = useKey("admin") !== null;
  useFocusOnNavigation([location, hasKey, hasAdminKey].join(" "));
  return (
    <Switch>
      <Route path="/">{hasKey ? <GeneratePage /> : <KeyPage />}</Route>
      {/* The key gives each task a page of its own, with no data of the one before. */}
      <Route path="/tasks/:id">
        {({ id }) => (hasKey ? <TaskPage key={id} id={id} /> : <KeyPage />)}
      </Route>
      <Route path="/admin" component={AdminPage} />
      <Route component={NotFoundPage} />
    </Switch>
  );
}

/** The whole app: what surrounds each page, and the page of the address. */
export function App() {
  const [queries] = useState(createQueryClient);
  return (
    <ErrorBoundary>
      <QueryClientProvider client={queries}>
        <a className="skip-link" href="#content">
          Skip to content
        </a>
        <Header />
        <main id="content" tabIndex={-1}>
          <Page />
        </main>
      </QueryClientProvider>
    </ErrorBoundary>
  );
}
