import type { Page } from "@playwright/test";
import { ADMIN_KEY, expect, openAdmin, RANGES, test, USER_KEY } from "./support";

/** Every address that the page shows or asks for, now and later. */
function collectAddresses(page: Page): string[] {
  const addresses: string[] = [];
  // Also a change of nothing but the search or the hash navigates.
  page.on("framenavigated", (frame) => addresses.push(frame.url()));
  page.on("request", (request) => addresses.push(request.url()));
  return addresses;
}

/** What outlives the tab: cookies, localStorage, IndexedDB and the names of caches. */
async function kept(page: Page): Promise<string> {
  const state = await page.context().storageState({ indexedDB: true });
  const caches = await page.evaluate(() => window.caches.keys());
  return JSON.stringify({ state, caches });
}

test("no key is in an address, nor kept for longer than the tab", async ({ page }) => {
  const addresses = collectAddresses(page);
  await page.goto("/");
  await page.getByLabel("API key").fill(USER_KEY);
  await page.getByRole("button", { name: "Continue" }).click();
  for (const { label, min } of [RANGES.size, RANGES.steps]) {
    await page.getByRole("spinbutton", { name: label }).fill(String(min));
  }
  await page.getByRole("button", { name: "Theme: system" }).click();
  await page.getByRole("button", { name: "Generate" }).click();
  await expect(page.getByRole("link", { name: "Download" })).toBeVisible();
  await page.getByRole("link", { name: "Make a variation" }).click();
  await expect(page).toHaveURL(/\?/);
  await openAdmin(page);
  await expect(page.getByRole("table", { name: "Tasks" })).toBeVisible();

  const all = [...addresses, page.url(), await kept(page)].join("\n");
  // What is searched is there at all.
  expect(all).toContain("/api/admin/tasks");
  expect(all).toContain('"theme"');
  expect(all).not.toContain(USER_KEY);
  expect(all).not.toContain(ADMIN_KEY);
});
