import { AxeBuilder } from "@axe-core/playwright";
import { test as base, expect, type Locator, type Page, type Route } from "@playwright/test";
import settings from "../inference_settings.json" with { type: "json" };
import type { components } from "../src/app/utils/api.gen";

export { expect };

type NewTask = components["schemas"]["NewTask"];
type TaskView = components["schemas"]["TaskView"];

const { E2E_USER_KEY = "", E2E_ADMIN_KEY = "" } = process.env;
export const USER_KEY = E2E_USER_KEY;
export const ADMIN_KEY = E2E_ADMIN_KEY;

const MODEL = "reaction-diffusion";
export const TITLE = settings.models[MODEL].title;
const POLL_MS = settings.poll_interval_s * 1000;

/** The standards that every page must meet. */
const WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

export const RANGES = settings.models[MODEL].parameters;

/** The parameters of a picture that is painted in no time. */
const SMALL = { size: RANGES.size.min, steps: RANGES.steps.min, seed: RANGES.seed.min };

/**
 * A test that fails, too, when the page writes an error to the console, breaks its
 * Content-Security-Policy (which the browser writes there), or asks another host for anything.
 * A test in which the API fails names the errors that it expects.
 */
export const test = base.extend<{ expectedErrors: RegExp; watch: undefined }>({
  expectedErrors: [/^$/, { option: true }],
  watch: [
    async ({ page, baseURL, expectedErrors }, use) => {
      const faults: string[] = [];
      page.on("pageerror", (error) => faults.push(`Uncaught: ${error.message}`));
      page.on("console", (message) => {
        if (["error", "warning"].includes(message.type()) && !expectedErrors.test(message.text())) {
          faults.push(`Console: ${message.text()}`);
        }
      });
      page.on("request", (request) => {
        if (new URL(request.url()).origin !== baseURL) {
          faults.push(`Another host was asked: ${request.url()}`);
        }
      });
      await use(undefined);
      expect(faults).toEqual([]);
    },
    { auto: true },
  ],
});

/** Open a page and enter the user's key. */
export async function open(page: Page, path = "/"): Promise<void> {
  await page.goto(path);
  await page.getByLabel("API key").fill(USER_KEY);
  await page.getByRole("button", { name: "Continue" }).click();
  await expect(page.getByRole("banner").getByRole("button", { name: "Forget key" })).toBeVisible();
}

/** Open the administration and enter its key, which is all that it needs. */
export async function openAdmin(page: Page): Promise<void> {
  await page.goto("/admin");
  await page.getByLabel("Admin key").fill(ADMIN_KEY);
  await page.getByRole("button", { name: "Open" }).click();
  await expect(page.getByRole("heading", { level: 2, name: "Audit log" })).toBeVisible();
}

/** Have a small picture painted without the page, and return the finished task. */
export async function paint(page: Page): Promise<TaskView> {
  const headers = { "X-API-Key": USER_KEY };
  const data: NewTask = { model: MODEL, parameters: SMALL };
  const answer = await page.request.post("/api/tasks", { headers, data });
  expect(answer.status()).toBe(202);
  let task: TaskView = await answer.json();
  await expect
    .poll(async () => {
      task = await (await page.request.get(`/api/tasks/${task.id}`, { headers })).json();
      return task.state;
    })
    .toBe("done");
  return task;
}

/** A task as the API would answer it, whatever the server holds. */
export function taskInState(state: TaskView["state"], changes: Partial<TaskView> = {}): TaskView {
  const ranges = Object.entries(RANGES);
  const defaults = Object.fromEntries(ranges.map(([name, range]) => [name, range.default]));
  return {
    id: "0123456789abcdef",
    model: MODEL,
    parameters: { ...defaults, ...SMALL },
    state,
    progress: 0,
    reason: null,
    created_at: "2030-01-02T03:04:05Z",
    changed_at: "2030-01-02T03:04:06Z",
    ...changes,
  };
}

/** Handle the page's GET requests of one path of the API in place of the server. */
export async function intercept(
  page: Page,
  path: string,
  handler: (route: Route) => Promise<void>,
): Promise<void> {
  await page.route(
    (url) => url.pathname === path,
    (route) => (route.request().method() === "GET" ? handler(route) : route.fallback()),
  );
}

/** The picture, once it is shown: its width in pixels of the file. */
export async function widthOf(picture: Locator): Promise<number> {
  await expect(picture).toBeVisible();
  return picture.evaluate((image: HTMLImageElement) =>
    image.decode().then(() => image.naturalWidth),
  );
}

/** Let the page's clock run on to the next time it asks the server. */
export async function nextPoll(page: Page): Promise<void> {
  await page.clock.fastForward(POLL_MS);
}

/** Expect that a part of the page has the focus, and that one can see that. */
export async function expectFocus(part: Locator): Promise<void> {
  await expect(part).toBeFocused();
  const outline = await part.evaluate((element) => {
    const { outlineStyle, outlineWidth } = getComputedStyle(element);
    return outlineStyle === "none" ? 0 : Number.parseFloat(outlineWidth);
  });
  expect(outline, "pixels of outline").toBeGreaterThan(0);
}

/**
 * Expect that axe finds nothing, and that nothing must be scrolled sideways, on a desktop in the
 * light and on a small phone in the dark. Colours do not depend on the width, nor sizes on the
 * theme, so these two stand for all four.
 */
export async function expectAccessible(page: Page): Promise<void> {
  for (const [width, height, colorScheme] of [
    [1280, 800, "light"],
    [360, 740, "dark"],
  ] as const) {
    await page.setViewportSize({ width, height });
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    const { violations } = await new AxeBuilder({ page })
      .options({ runOnly: WCAG, resultTypes: ["violations"] })
      // The page has no frames, and so axe needs no page of its own.
      .setLegacyMode()
      .analyze();
    const found = violations.flatMap(({ id, help, nodes }) =>
      nodes.map((node) => `${id}: ${help}: ${node.html}`),
    );
    expect(found, `${colorScheme}, ${width} pixels`).toEqual([]);
    const contentWidth = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(contentWidth, `width of what is shown on ${width} pixels`).toBeLessThanOrEqual(width);
  }
}
