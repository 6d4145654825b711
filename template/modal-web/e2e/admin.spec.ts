import { ADMIN_KEY, expect, openAdmin, paint, test, USER_KEY } from "./support";

test.describe("without the admin key", () => {
  test.use({ expectedErrors: /status of 40[13]/ });

  test("the administration stays closed", async ({ page }) => {
    await page.goto("/admin");
    await expect(page.getByRole("heading", { level: 1, name: "Administration" })).toBeVisible();
    await page.getByLabel("Admin key").fill(USER_KEY);
    await page.getByRole("button", { name: "Open" }).click();
    await expect(page.getByRole("alert")).toContainText("key");
    await expect(page.getByRole("table")).toHaveCount(0);
    await page.getByLabel("Admin key").fill(ADMIN_KEY);
    await page.getByRole("button", { name: "Open" }).click();
    await expect(page.getByRole("heading", { level: 2, name: "Tasks" })).toBeVisible();
  });
});

test("an administrator sees a task and each of its changes", async ({ page }) => {
  const { id } = await paint(page);
  await openAdmin(page);

  const tasks = page.getByRole("table", { name: "Tasks" });
  await expect(tasks.getByRole("row").filter({ hasText: id })).toContainText(/done/i);

  const changes = page.getByRole("table", { name: "Audit log" }).getByRole("row");
  await expect(changes.first()).toHaveText("WhenWhoTaskChangeReason");
  const ofTask = changes.filter({ hasText: id });
  // The newest comes first.
  await expect(ofTask).toHaveText([/processing.*done/i, /pending.*processing/i, /pending/i]);
});

test("the filter shows the tasks in one state only", async ({ page }) => {
  const { id } = await paint(page);
  await openAdmin(page);
  const row = page.getByRole("table", { name: "Tasks" }).getByRole("row").filter({ hasText: id });
  await expect(row).toBeVisible();
  await page.getByLabel("State").selectOption({ label: "Failed" });
  await expect(row).toHaveCount(0);
  await page.getByLabel("State").selectOption({ label: "Done" });
  await expect(row).toBeVisible();
});
