import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { MoreButton } from "./MoreButton";

const query = { hasNextPage: true, isFetchingNextPage: false, fetchNextPage: () => {} };

test("the older part of a list is loaded on demand", async () => {
  const fetchNextPage = vi.fn();
  render(<MoreButton what="pictures" query={{ ...query, fetchNextPage }} />);
  await userEvent.click(screen.getByRole("button", { name: "Show more pictures" }));
  expect(fetchNextPage).toHaveBeenCalledOnce();
});

test("a list that is whole has no button", () => {
  render(<MoreButton what="pictures" query={{ ...query, hasNextPage: false }} />);
  expect(screen.queryByRole("button")).not.toBeInTheDocument();
});
