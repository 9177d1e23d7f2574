import { act, screen, waitFor } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { expect, test, vi } from "vitest";
import { setOnline } from "../test/network";
import { renderPage } from "../test/render";
import { refusal } from "../test/samples";
import { on, server } from "../test/server";
import ContactPage from "./ContactPage";
import { FOLLOWED_MS } from "./useDelivery";

const messageId = "6e3f4c86-3a35-4a9e-b0c5-2a2d0b1f8f10";

function accepts(keys: (string | null)[] = []): void {
  on("post", "/contact", ({ request }) => {
    keys.push(request.headers.get("Idempotency-Key"));
    return { status: 202, body: { messageId, status: "queued" as const } };
  });
}

/** The states that the API tells, one after the other; the last one stays. */
function tells(...states: ("queued" | "sent" | "failed" | 404 | "lost")[]): { asked: number } {
  const seen = { asked: 0 };
  server.use(
    http.get(`https://site.example/api/contact/${messageId}`, () => {
      const state = states[Math.min(seen.asked, states.length - 1)];
      seen.asked += 1;
      if (state === "lost") return HttpResponse.error();
      if (state === 404)
        return HttpResponse.json(refusal("NotFound", "There is no such message"), { status: 404 });
      return HttpResponse.json({ messageId, status: state });
    }),
  );
  return seen;
}

async function write() {
  const page = await renderPage(<ContactPage />);
  await page.user.type(screen.getByLabelText("E-mail"), "ada@example.com");
  await page.user.type(screen.getByLabelText("Subject"), "Opening hours");
  await page.user.type(screen.getByLabelText("Message"), "Are you open on Sundays?");
  return { ...page, send: () => page.user.click(screen.getByRole("button", { name: /^Send/ })) };
}

test("what is missing or too long is said before anything is sent", async () => {
  const { user } = await renderPage(<ContactPage />);
  await user.type(screen.getByLabelText("E-mail"), "ada@localhost");
  await user.click(screen.getByLabelText("Subject"));
  await user.paste("x".repeat(201));
  await user.click(screen.getByRole("button", { name: /^Send/ }));
  expect(screen.getByText("E-mail must be an e-mail address, in ASCII before the @")).toBeVisible();
  expect(screen.getByText("Subject must have at most 200 characters")).toBeVisible();
  expect(screen.getByText("Message is required")).toBeVisible();
});

test("the delivery is followed until the message has arrived", async () => {
  const keys: (string | null)[] = [];
  accepts(keys);
  const seen = tells("queued", "lost", "sent");
  const { send } = await write();
  await send();
  const heading = await screen.findByRole("heading", { name: "Thank you, we have your message" });
  await waitFor(() => expect(heading).toHaveFocus());
  expect(screen.getByText("It is on its way to the team…")).toBeVisible();
  expect(screen.getByText(messageId)).toBeVisible();
  expect(await screen.findByText("It has reached the team’s inbox.")).toBeVisible();
  expect(seen.asked).toBe(3);
  expect(keys).toEqual([expect.stringMatching(/^[0-9a-f-]{36}$/)]);
});

test("what was typed is there again when the page is loaded again", async () => {
  const { unmount } = await write();
  unmount();
  await renderPage(<ContactPage />);
  expect(screen.getByLabelText("E-mail")).toHaveValue("ada@example.com");
  expect(screen.getByLabelText("Message")).toHaveValue("Are you open on Sundays?");
});

test("to write another one is to be in the form's first field", async () => {
  accepts();
  tells("sent");
  const { send, user } = await write();
  await send();
  await user.click(await screen.findByRole("button", { name: "Write another" }));
  expect(screen.getByLabelText("E-mail")).toHaveFocus();
  expect(screen.getByLabelText("Message")).toHaveValue("");
});

test.each([
  ["failed", /could not be delivered/],
  [404, /cannot be followed here/],
] as const)("%s is told, and not asked for again", async (state, words) => {
  accepts();
  const seen = tells(state, "sent");
  const { send } = await write();
  await send();
  expect(await screen.findByText(words)).toBeVisible();
  expect(seen.asked).toBe(1);
});

test("after two minutes on its way it is no longer asked for", async () => {
  accepts();
  const seen = tells("queued");
  // Not setImmediate, which the outbox's database lives on.
  vi.useFakeTimers({
    shouldAdvanceTime: true,
    toFake: ["Date", "setTimeout", "clearTimeout", "setInterval", "clearInterval"],
  });
  const { send } = await write();
  await send();
  await screen.findByText("It is on its way to the team…");
  await act(() => vi.advanceTimersByTimeAsync(FOLLOWED_MS + 10_000));
  expect(await screen.findByText(/takes longer than usual/)).toBeVisible();
  const { asked } = seen;
  expect(asked).toBeGreaterThan(5);
  await act(() => vi.advanceTimersByTimeAsync(FOLLOWED_MS));
  expect(seen.asked).toBe(asked);
});

test.each([{}, null, "welcome to this hotel", { messageId: 7 }])(
  "%j is no answer of the API's: the message is kept, and sent again",
  async (body) => {
    server.use(http.post("https://site.example/api/contact", () => HttpResponse.json(body)));
    const { send, outbox } = await write();
    await send();
    expect(await screen.findByRole("heading", { name: "Waiting to be sent" })).toBeVisible();
    expect(outbox.snapshot()).toMatchObject([
      { state: "waiting", body: { message: "Are you open on Sundays?" } },
    ]);
    expect(screen.getByText(/went wrong on our side/)).toBeVisible();
  },
);

test("written offline it waits, and is sent and followed with the network", async () => {
  accepts();
  tells("sent");
  const { send } = await write();
  act(() => setOnline(false));
  await send();
  expect(await screen.findByRole("heading", { name: "Waiting to be sent" })).toBeVisible();
  act(() => setOnline(true));
  expect(await screen.findByText("It has reached the team’s inbox.")).toBeVisible();
});
