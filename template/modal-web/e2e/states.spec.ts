import {
  expect,
  expectAccessible,
  intercept,
  nextPoll,
  open,
  openAdmin,
  paint,
  TITLE,
  taskInState,
  test,
  USER_KEY,
} from "./support";

const { id } = taskInState("pending");
const task = `/api/tasks/${id}`;

test("no pictures yet", async ({ page }) => {
  await intercept(page, "/api/tasks", (route) =>
    route.fulfill({ json: { tasks: [], next: null } }),
  );
  await open(page);
  await expect(page.getByText("No pictures yet.")).toBeVisible();
  await expectAccessible(page);
});

test("loading pictures", async ({ page }) => {
  let answer: () => void = () => undefined;
  const answered = new Promise<void>((resolve) => {
    answer = resolve;
  });
  await intercept(page, "/api/tasks", async (route) => {
    await answered;
    await route.continue();
  });
  await open(page);
  const loading = page.getByRole("status").filter({ hasText: "Loading pictures" });
  await expect(loading).toBeVisible();
  await expectAccessible(page);
  answer();
  await expect(loading).toBeHidden();
});

test("a list of pictures", async ({ page }) => {
  const painted = await paint(page);
  await open(page);
  await expect(page.locator(`a[href="/tasks/${painted.id}"]`)).toBeVisible();
  await expectAccessible(page);
});

test("a task that waits, then is at work", async ({ page }) => {
  await page.clock.install();
  const answers = [taskInState("pending"), taskInState("processing", { progress: 40 })];
  await intercept(page, task, (route) =>
    route.fulfill({ json: answers.length > 1 ? answers.shift() : answers[0] }),
  );
  await open(page, `/tasks/${id}`);
  const status = page.getByRole("status");
  await expect(status).toHaveText("Waiting");
  await nextPoll(page);
  await expect(status).toHaveText("Generating, 40 %");
  await expect(page.getByRole("progressbar")).toHaveJSProperty("value", 40);
  await expectAccessible(page);
});

test("a picture that is done", async ({ page }) => {
  const painted = await paint(page);
  await open(page, `/tasks/${painted.id}`);
  await expect(page.getByRole("img", { name: TITLE })).toBeVisible();
  await expectAccessible(page);
});

test("a task that failed", async ({ page }) => {
  const reason = "The server stopped while this task ran. Ask for the picture again.";
  await intercept(page, task, (route) =>
    route.fulfill({ json: taskInState("failed", { reason }) }),
  );
  await open(page, `/tasks/${id}`);
  await expect(page.getByRole("status")).toHaveText("Failed");
  await expect(page.getByRole("alert")).toContainText(reason);
  await expectAccessible(page);
  await page.getByRole("button", { name: "Generate again" }).click();
  await expect(page).not.toHaveURL(new RegExp(id));
  await expect(page.getByRole("img", { name: TITLE })).toBeVisible();
});

test("the administration without its key", async ({ page }) => {
  await page.goto("/admin");
  await expect(page.getByLabel("Admin key")).toBeVisible();
  await expectAccessible(page);
});

test("the administration with its key", async ({ page }) => {
  const painted = await paint(page);
  await openAdmin(page);
  const table = page.getByRole("table", { name: "Tasks" });
  await expect(table.getByRole("row").filter({ hasText: painted.id })).toBeVisible();
  await expectAccessible(page);
});

test("the administration with nothing to show", async ({ page }) => {
  await intercept(page, "/api/admin/tasks", (route) =>
    route.fulfill({ json: { tasks: [], next: null } }),
  );
  await intercept(page, "/api/admin/audit", (route) =>
    route.fulfill({ json: { rows: [], next: null } }),
  );
  await openAdmin(page);
  await expect(page.getByRole("table")).toHaveCount(0);
  await expectAccessible(page);
});

test("a page that is not there", async ({ page }) => {
  await page.goto("/nowhere");
  await expect(page.getByRole("heading", { level: 1, name: "Page not found" })).toBeVisible();
  await expectAccessible(page);
});

test.describe("when the API does not give what is asked for", () => {
  test.use({ expectedErrors: /^Failed to load resource/ });

  test("a wrong key", async ({ page }) => {
    await page.goto("/");
    await page.getByLabel("API key").fill("a wrong key");
    await page.getByRole("button", { name: "Continue" }).click();
    await expect(page.getByRole("alert")).toBeVisible();
    await expectAccessible(page);
  });

  test("an API that cannot be reached, and then can", async ({ page }) => {
    await intercept(page, "/api/tasks", (route) => route.abort());
    await open(page);
    const alert = page.getByRole("alert");
    await expect(alert).toBeVisible();
    await expectAccessible(page);

    await page.unrouteAll();
    await alert.getByRole("button", { name: "Try again" }).click();
    await expect(alert).toBeHidden();
    await expect(page.getByRole("heading", { level: 2, name: "Your pictures" })).toBeVisible();
  });

  test("a task that is not there", async ({ page }) => {
    await open(page, `/tasks/${id}`);
    const alert = page.getByRole("alert");
    await expect(alert).toBeVisible();
    await expectAccessible(page);
    await alert.getByRole("link", { name: "Your pictures" }).click();
    await expect(page.getByRole("heading", { name: "Generate a picture" })).toBeFocused();
  });

  test("a key that the API knows no more, and then another", async ({ page }) => {
    await open(page);
    const refusal = { status: 401, detail: "This key is unknown.", remedy: "Ask for another." };
    await intercept(page, "/api/tasks", (route) => route.fulfill({ status: 401, json: refusal }));
    await page.reload();
    await expect(page.getByRole("heading", { level: 1, name: "Enter your key" })).toBeFocused();
    await expect(page.getByRole("alert")).toContainText(refusal.detail);
    await expect(page.getByRole("button", { name: "Forget key" })).toBeHidden();
    await expectAccessible(page);

    await page.unrouteAll();
    await open(page);
    await expect(page.getByRole("alert")).toBeHidden();
  });
});

test.describe("when the page cannot show what it was given", () => {
  test.use({ expectedErrors: /RangeError/ });

  test("something went wrong", async ({ page }) => {
    const tasks = [taskInState("failed", { created_at: "never" })];
    await intercept(page, "/api/tasks", (route) => route.fulfill({ json: { tasks, next: null } }));
    await page.goto("/");
    await page.getByLabel("API key").fill(USER_KEY);
    await page.getByRole("button", { name: "Continue" }).click();
    await expect(page.getByRole("heading", { name: "Something went wrong" })).toBeVisible();
    await expect(page).toHaveTitle(/^Something went wrong/);
    await expectAccessible(page);

    await page.unrouteAll();
    await page.getByRole("button", { name: "Reload" }).click();
    await expect(page.getByRole("heading", { name: "Generate a picture" })).toBeVisible();
  });
});

test("a browser that denies its storage", async ({ page }) => {
  await page.addInitScript(() => {
    for (const name of ["localStorage", "sessionStorage"]) {
      Object.defineProperty(window, name, {
        get: () => {
          throw new DOMException("Access is denied for this document.", "SecurityError");
        },
      });
    }
  });
  await open(page);
  await page.getByRole("button", { name: "Theme: system" }).click();
  await expect(page.getByRole("button", { name: "Theme: light" })).toBeVisible();
  await page.getByRole("link", { name: "Administration" }).click();
  await page.getByRole("link", { name: "Generate" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Generate a picture" })).toBeFocused();
});

test("the theme that a person chooses wins over the system's, and is kept", async ({ page }) => {
  await page.emulateMedia({ colorScheme: "dark" });
  await open(page);
  const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const theme = (name: string) => page.getByRole("button", { name: `Theme: ${name}` });
  await expect(theme("system")).toBeVisible();
  const dark = await background();

  await theme("system").click();
  await expect(theme("light")).toBeVisible();
  expect(await background()).not.toBe(dark);
  await page.reload();
  await expect(theme("light")).toBeVisible();
  expect(await background()).not.toBe(dark);

  await theme("light").click();
  await expect(theme("dark")).toBeVisible();
  expect(await background()).toBe(dark);
});
