import { fireEvent, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, onTestFinished, test, vi } from "vitest";
import { settings } from "../utils/settings";
import { TaskForm } from "./TaskForm";

// That the form is the one of the settings is what src/contract/settings.contract.test.tsx judges.

const [model = ""] = Object.keys(settings.models);
const [[name, range] = ["", { label: "", min: 0 }]] = Object.entries(
  settings.models[model]?.parameters ?? {},
);
// Not by the button: Happy DOM finds decimal fractions off their steps, as no browser does.
const send = () => fireEvent.submit(screen.getByRole("form", { name: "New picture" }));

test("what was typed is sent", async () => {
  const onSend = vi.fn();
  render(<TaskForm search="" isSending={false} onSend={onSend} />);
  const number = screen.getByRole("spinbutton", { name: range.label });
  await userEvent.clear(number);
  await userEvent.type(number, String(range.min));
  send();
  expect(onSend).toHaveBeenCalledOnce();
  expect(onSend.mock.calls[0]?.[0]).toMatchObject({ model, parameters: { [name]: range.min } });
});

test("the address can fill in the form", () => {
  render(<TaskForm search={`${name}=${range.min}`} isSending={false} onSend={vi.fn()} />);
  expect(screen.getByRole("spinbutton", { name: range.label })).toHaveValue(range.min);
});

test("another model can be chosen", async () => {
  const { models } = settings;
  onTestFinished(() => {
    settings.models = models;
  });
  const [first] = Object.values(models);
  settings.models = { ...models, ...(first && { another: { ...first, title: "Another model" } }) };
  const onSend = vi.fn();
  render(<TaskForm search="" isSending={false} onSend={onSend} />);
  await userEvent.selectOptions(screen.getByLabelText("Model"), "Another model");
  send();
  expect(onSend.mock.calls[0]?.[0]).toMatchObject({ model: "another" });
});

test("nothing is sent twice", () => {
  const onSend = vi.fn();
  render(<TaskForm search="" isSending onSend={onSend} />);
  send();
  expect(onSend).not.toHaveBeenCalled();
});
