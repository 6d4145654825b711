import { readFile } from "node:fs/promises";
import { expect, open, RANGES, TITLE, test, USER_KEY, widthOf } from "./support";

const { size, steps, seed } = RANGES;

test.describe("a wrong key", () => {
  test.use({ expectedErrors: /status of 401/ });

  test("is refused with what to do, and the right one opens the page", async ({ page }) => {
    await page.goto("/");
    await expect(page.getByRole("heading", { level: 1, name: "Enter your key" })).toBeVisible();
    const field = page.getByLabel("API key");
    await field.fill("a wrong key");
    await page.getByRole("button", { name: "Continue" }).click();
    await expect(page.getByRole("alert")).toContainText("key");
    await expect(field).toBeFocused();

    await field.fill(USER_KEY);
    await page.getByRole("button", { name: "Continue" }).click();
    await expect(page.getByRole("heading", { level: 1, name: "Generate a picture" })).toBeFocused();
    await expect(page).toHaveTitle(/^Generate/);
  });
});

test("a person asks for a picture, watches it grow, keeps it and finds it again", async ({
  page,
}) => {
  await open(page);
  const width = size.min + size.step;
  await page.getByRole("spinbutton", { name: size.label }).fill(String(width));
  await page.getByRole("spinbutton", { name: steps.label }).fill(String(steps.min));
  await page.getByRole("spinbutton", { name: seed.label }).fill(String(seed.max));
  await page.getByRole("button", { name: "Generate" }).click();

  await expect(page.getByRole("heading", { level: 1, name: TITLE })).toBeFocused();
  await expect(page.getByRole("progressbar")).toBeVisible();
  await expect(page.getByRole("status")).toHaveText(/^(Waiting|Generating, \d+ %)$/);

  const picture = page.getByRole("img", { name: `${TITLE}, ${width} pixels, seed ${seed.max}` });
  expect(await widthOf(picture)).toBe(width);
  await expect(page.getByRole("status")).toHaveText("Done");
  await expect(page.getByRole("progressbar")).toBeHidden();

  const downloading = page.waitForEvent("download");
  await page.getByRole("link", { name: "Download" }).click();
  const download = await downloading;
  expect(download.suggestedFilename()).toMatch(/\.png$/);
  const bytes = await readFile(await download.path());
  expect(bytes.subarray(1, 4).toString()).toBe("PNG");

  const address = new URL(page.url()).pathname;
  await page.reload();
  expect(await widthOf(picture)).toBe(width);
  await page.getByRole("banner").getByRole("link").first().click();
  await expect(page.locator(`a[href="${address}"]`)).toBeVisible();
});

test("a slider and its number agree", async ({ page }) => {
  await open(page);
  const number = page.getByRole("spinbutton", { name: size.label });
  const slider = page.getByRole("slider", { name: size.label });
  for (const end of [size.max, size.min]) {
    await number.fill(String(end));
    await expect(slider).toHaveValue(String(end));
  }
  await slider.press("ArrowRight");
  await expect(number).toHaveValue(String(size.min + size.step));
});

test("a forgotten key opens nothing", async ({ page }) => {
  await open(page);
  await page.getByRole("button", { name: "Forget key" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Enter your key" })).toBeFocused();
  await page.reload();
  await expect(page.getByLabel("API key")).toHaveValue("");
});
