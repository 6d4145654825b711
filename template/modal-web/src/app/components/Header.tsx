import { useQueryClient } from "@tanstack/react-query";
import { Link, useLocation } from "wouter";
import { forgetKeys, useKey } from "../utils/keys";
import { PROJECT_NAME } from "../utils/navigation";
import { ThemeButton } from "./ThemeButton";

const PAGES = [
  { address: "/", name: "Generate" },
  { address: "/admin", name: "Administration" },
];

/** What stands above every page: where one can go, the colours, and the way out. */
export function Header() {
  const [location] = useLocation();
  const queries = useQueryClient();
  const keys = [useKey("user"), useKey("admin")];

  const forget = () => {
    forgetKeys();
    // What was loaded belongs to the key: the next person must not see it.
    queries.clear();
  };

  return (
    <header className="header">
      <Link href="/" className="brand">
        {PROJECT_NAME}
      </Link>
      <nav aria-label="Main">
        <ul>
          {PAGES.map(({ address, name }) => (
            <li key={address}>
              <Link href={address} aria-current={location === address ? "page" : undefined}>
                {name}
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      <div className="header-actions">
        <ThemeButton />
        {keys.some((key) => key !== null) && (
          <button type="button" className="button button-plain" onClick={forget}>
            Forget key
          </button>
        )}
      </div>
    </header>
  );
}
