/** Answers the challenge that a page of the test app holds, as its worker takes answers. */
import type { Page } from '@playwright/test';

/** Runs page code. */
type Run = <T, A>(code: (argument: A) => T | Promise<T>, argument: A) => Promise<T>;

/** Submits the code by a call or, where the worker takes codes itself, opens the callback page in a window. */
export async function answerChallenge(page: Page, run: Run, callback: URL): Promise<void> {
  const isTaken = await run(
    (code) =>
      window.challenge?.setCode(code).then(
        () => true,
        (error: unknown) => {
          if (window.isIdentityError(error) && error.code === 'response-misplaced') return false;
          throw error;
        },
      ),
    callback.searchParams.get('code') ?? '',
  );
  if (isTaken) return;
  const tab = await page.context().newPage();
  await tab.goto(callback.href);
  await tab.close();
}
