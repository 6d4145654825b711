import type { ReactNode } from "react";

interface Props {
  caption: string;
  columns: readonly string[];
  children: ReactNode;
}

/** A table that scrolls by itself where the screen is narrow. */
export function DataTable({ caption, columns, children }: Props) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: without a mouse, only what has the focus scrolls
    <section className="table-scroller" aria-label={`${caption}, table`} tabIndex={0}>
      <table>
        <caption className="visually-hidden">{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </section>
  );
}
