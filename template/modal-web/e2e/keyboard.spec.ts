import type { Locator, Page } from "@playwright/test";
import { expect, expectFocus, nextPoll, RANGES, TITLE, test, USER_KEY, widthOf } from "./support";

const { size, steps, seed } = RANGES;

/** Press Tab until a part has the focus; more often than there are parts is a trap. */
async function tabTo(page: Page, part: Locator): Promise<void> {
  await expect(part).toBeVisible();
  const isFocused = () => part.evaluate((element) => element === document.activeElement);
  for (let presses = 0; presses < 40 && !(await isFocused()); presses += 1) {
    await page.keyboard.press("Tab");
  }
  await expectFocus(part);
}

test("a picture needs no mouse", async ({ page }) => {
  await page.clock.install();
  await page.goto("/");
  await tabTo(page, page.getByLabel("API key"));
  await page.keyboard.type(USER_KEY);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "Generate a picture" })).toBeFocused();

  const width = size.min + size.step;
  await tabTo(page, page.getByRole("slider", { name: size.label }));
  await page.keyboard.press("Home");
  await page.keyboard.press("ArrowRight");
  await expect(page.getByRole("slider", { name: size.label })).toHaveValue(String(width));
  await tabTo(page, page.getByRole("slider", { name: steps.label }));
  await page.keyboard.press("Home");
  await tabTo(page, page.getByRole("spinbutton", { name: seed.label }));
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.type(String(seed.max));
  await tabTo(page, page.getByRole("button", { name: "Generate" }));
  await page.keyboard.press("Enter");

  await expect(page.getByRole("heading", { level: 1, name: TITLE })).toBeFocused();
  const picture = page.getByRole("img", { name: `${TITLE}, ${width} pixels, seed ${seed.max}` });
  await expect(async () => {
    await nextPoll(page);
    await expect(picture).toBeVisible({ timeout: 500 });
  }).toPass();
  expect(await widthOf(picture)).toBe(width);

  const downloading = page.waitForEvent("download");
  await tabTo(page, page.getByRole("link", { name: "Download" }));
  await page.keyboard.press("Enter");
  await downloading;
});

test("the first Tab offers the way past the header", async ({ page }) => {
  await page.goto("/");
  const skip = page.getByRole("link", { name: "Skip to content" });
  await expect(skip).toBeAttached();
  await page.keyboard.press("Tab");
  await expectFocus(skip);
  await expect(skip).toBeInViewport();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("main")).toBeFocused();
});
