import { render, screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { aTask } from "../../testing/api";
import { PictureFrame } from "./PictureFrame";

test("a picture is described, and keeps its place while it is decoded", () => {
  render(<PictureFrame task={aTask({ model: "m" })} url="blob:one" />);
  const image = screen.getByRole("img", { name: "m, 128 pixels, seed 3" });
  expect(image).toHaveAttribute("src", "blob:one");
  expect(image).toHaveAttribute("width", "128");
  expect(image).toHaveAttribute("height", "128");
});

test.each([
  ["moves while a picture is awaited", "done", undefined, "frame-awaited"],
  ["rests when the task has failed", "failed", undefined, "frame-empty"],
  ["rests when something stands in it", "done", "No picture", "frame-empty"],
] as const)("the empty place %s", (_what, state, instead, look) => {
  const { container } = render(
    <PictureFrame task={aTask({ state })} url={undefined} instead={instead} />,
  );
  expect(container.firstChild).toHaveClass("frame", look);
  expect(container).toHaveTextContent(instead ?? "");
});
