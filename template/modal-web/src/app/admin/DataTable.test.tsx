import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { DataTable } from "./DataTable";

function show() {
  render(
    <DataTable caption="Numbers" columns={["One", "Two"]}>
      <tr>
        <td>1</td>
        <td>2</td>
      </tr>
    </DataTable>,
  );
}

test("a table has a name, columns and rows", () => {
  show();
  expect(screen.getByRole("table", { name: "Numbers" })).toBeInTheDocument();
  const columns = screen.getAllByRole("columnheader");
  expect(columns.map((column) => column.textContent)).toEqual(["One", "Two"]);
  for (const column of columns) {
    expect(column).toHaveAttribute("scope", "col");
  }
  expect(screen.getAllByRole("cell").map((cell) => cell.textContent)).toEqual(["1", "2"]);
});

test("a table that is too wide can be scrolled with keys", async () => {
  show();
  await userEvent.tab();
  expect(screen.getByRole("region", { name: "Numbers, table" })).toHaveFocus();
});
