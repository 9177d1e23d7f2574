import { act, screen, waitFor, within } from "@testing-library/react";
import { useRef, useState } from "react";
import { expect, test, vi } from "vitest";
import { useOutbox } from "../offline/OutboxContext";
import { comeNear, isWatched } from "../test/browser";
import { setOnline } from "../test/network";
import { renderPage } from "../test/render";
import { pageOf, refusal, shown, stored } from "../test/samples";
import { on } from "../test/server";
import { WriteFeedback } from "./FeedbackPage";
import FeedbackStream from "./FeedbackStream";

/** The page's two halves, with the outbox of the test instead of the app's. */
function Both() {
  const outbox = useRef(useOutbox());
  return (
    <>
      <WriteFeedback
        submit={async (...handed) => ({
          outcome: await outbox.current.submit("feedback", ...handed),
          outbox: outbox.current,
        })}
      />
      <FeedbackStream />
    </>
  );
}

/** As somebody who goes to another page of the app, and back. */
function Leaving() {
  const [here, setHere] = useState(true);
  return (
    <>
      <button type="button" onClick={() => setHere(!here)}>
        Another page
      </button>
      {here && <Both />}
    </>
  );
}

async function open(at = "/", tree = <Both />) {
  const page = await renderPage(tree, { at });
  const { user } = page;
  return {
    ...page,
    fill: async ({
      name = "Ada Lovelace",
      email = "ada@example.com",
      message = "Wonderful!",
    } = {}) => {
      await user.click(screen.getByRole("radio", { name: /4 stars/ }));
      for (const [label, text] of Object.entries({
        Message: message,
        Name: name,
        "E-mail": email,
      })) {
        await user.click(screen.getByLabelText(label));
        await user.paste(text);
      }
    },
    send: () => user.click(screen.getByRole("button", { name: "Send feedback" })),
  };
}

const messages = () =>
  within(screen.getByRole("list", { name: /newest first/ }))
    .getAllByRole("article")
    .map((card) => card.querySelector(".message")?.textContent);

test("what is missing is said at each field, and the first one gets the focus", async () => {
  on("get", "/feedback", () => pageOf([]));
  const { send } = await open();
  await send();
  for (const field of ["Rating", "Message", "Name", "E-mail"])
    expect(screen.getByText(`${field} is required`)).toBeVisible();
  expect(screen.getByLabelText("Name")).toBeInvalid();
  expect(screen.getByLabelText("Name")).toHaveAccessibleDescription(
    "Shown publicly. Name is required",
  );
  await waitFor(() => expect(screen.getByRole("radio", { name: /1 star/ })).toHaveFocus());
});

test("after sending, the mood is shown and the feedback is on top of the list", async () => {
  on("get", "/feedback", () => pageOf([shown(1)]));
  on("post", "/feedback", async ({ request }) => {
    const body = (await request.json()) as Parameters<typeof stored>[1];
    return { status: 201, body: stored(2, { ...body, sentiment: "mixed" }) };
  });
  const { fill, send } = await open();
  await screen.findByText("Feedback 1");
  await fill({ message: "  Good and bad  " });
  await send();
  const heading = await screen.findByRole("heading", { name: "Thank you, Ada Lovelace!" });
  await waitFor(() => expect(heading).toHaveFocus());
  expect(heading.parentElement).toHaveTextContent(/its mood was read as .*Mixed/);
  expect(messages()).toEqual(["Good and bad", "Feedback 1"]);
  expect(screen.queryByText(/ada@example/)).not.toBeInTheDocument();
});

test("to write another one is to be in the form's first field", async () => {
  on("get", "/feedback", () => pageOf([]));
  on("post", "/feedback", () => ({ status: 201, body: stored(2) }));
  const { fill, send, user } = await open();
  expect(document.body).toHaveFocus();
  await fill();
  await send();
  await user.click(await screen.findByRole("button", { name: "Write another" }));
  expect(screen.getByRole("radio", { name: /1 star/ })).toHaveFocus();
  expect(screen.getByLabelText("Message")).toHaveValue("");
});

test("what the API refuses stands at the field, and the text stays", async () => {
  on("get", "/feedback", () => pageOf([]));
  on("post", "/feedback", () => ({
    status: 400,
    body: refusal("ValidationError", "email must be an e-mail address", [
      { field: "email", issue: "must be an e-mail address" },
    ]),
  }));
  const { fill, send } = await open();
  await fill();
  await send();
  expect(await screen.findByText("E-mail must be an e-mail address")).toBeVisible();
  expect(screen.getByLabelText("Message")).toHaveValue("Wonderful!");
  expect(screen.queryByText("Written on this device")).not.toBeInTheDocument();
});

test("what was typed is there again when the person comes back, until it is sent", async () => {
  on("get", "/feedback", () => pageOf([]));
  on("post", "/feedback", () => ({ status: 201, body: stored(2) }));
  const { fill, send, user } = await open("/", <Leaving />);
  const elsewhere = () => user.click(screen.getByRole("button", { name: "Another page" }));
  await fill({ message: "Half of it" });
  await elsewhere();
  expect(screen.queryByLabelText("Message")).not.toBeInTheDocument();
  await elsewhere();
  expect(screen.getByLabelText("Message")).toHaveValue("Half of it");
  expect(screen.getByLabelText("Name")).toHaveValue("Ada Lovelace");
  expect(screen.getByRole("radio", { name: /4 stars/ })).toBeChecked();
  await send();
  await screen.findByRole("heading", { name: /Thank you/ });
  expect(sessionStorage).toHaveLength(0);
  await elsewhere();
  await elsewhere();
  expect(screen.getByLabelText("Message")).toHaveValue("");
});

test("what the API refused is still there after another page", async () => {
  on("get", "/feedback", () => pageOf([]));
  on("post", "/feedback", () => ({ status: 413, body: refusal("PayloadTooLarge", "too long") }));
  const { fill, send, user } = await open("/", <Leaving />);
  await fill();
  await send();
  await screen.findByRole("alert");
  await user.click(screen.getByRole("button", { name: "Another page" }));
  await user.click(screen.getByRole("button", { name: "Another page" }));
  expect(screen.getByLabelText("Message")).toHaveValue("Wonderful!");
});

test("a browser that keeps nothing takes feedback all the same", async () => {
  on("get", "/feedback", () => pageOf([]));
  on("post", "/feedback", () => ({ status: 201, body: stored(2) }));
  vi.stubGlobal("sessionStorage", undefined);
  try {
    const { fill, send } = await open();
    await fill();
    await send();
    expect(await screen.findByRole("heading", { name: /Thank you/ })).toBeVisible();
  } finally {
    vi.unstubAllGlobals();
  }
});

test("what is refused after its form was left is kept, and the person is told", async () => {
  on("get", "/feedback", () => pageOf([]));
  let answer = (): void => undefined;
  const asked = new Promise<void>((resolve) => (answer = resolve));
  on("post", "/feedback", async () => {
    await asked;
    return { status: 413, body: refusal("PayloadTooLarge", "too long") };
  });
  const { fill, send, user, outbox } = await open("/", <Leaving />);
  await fill();
  await send();
  await user.click(screen.getByRole("button", { name: "Another page" }));
  answer();
  expect(await screen.findByText(/What you wrote was not accepted/)).toBeVisible();
  expect(outbox.snapshot()).toMatchObject([
    { state: "refused", body: { message: "Wonderful!" }, refusal: { status: 413 } },
  ]);
  await user.click(screen.getByRole("button", { name: "Another page" }));
  const kept = await screen.findByRole("region", { name: "Written on this device" });
  expect(kept).toHaveTextContent(/Not accepted.*Wonderful!/);
  expect(screen.getByLabelText("Message")).toHaveValue("");
});

test("another refusal is a notice with the reference", async () => {
  on("get", "/feedback", () => pageOf([]));
  on("post", "/feedback", () => ({ status: 413, body: refusal("PayloadTooLarge", "too long") }));
  const { fill, send } = await open();
  await fill();
  await send();
  const notice = await screen.findByRole("alert");
  expect(notice).toHaveTextContent("That is too long");
  expect(notice).toHaveTextContent("Reference request-1");
});

test("the counter counts characters, and says aloud when few are left", async () => {
  on("get", "/feedback", () => pageOf([]));
  const { user } = await open();
  await user.click(screen.getByLabelText("Message"));
  await user.paste("😀".repeat(4_950));
  expect(screen.getByText("4,950 / 5,000")).toBeVisible();
  expect(screen.getByText("50 characters left")).toBeInTheDocument();
  await user.paste("x".repeat(51));
  expect(screen.getByText("1 characters too many")).toBeInTheDocument();
});

test("written offline it waits, can be edited, and is sent with the network", async () => {
  on("get", "/feedback", () => pageOf([shown(1)]));
  const sent: unknown[] = [];
  on("post", "/feedback", async ({ request }) => {
    sent.push(((await request.json()) as { message: string }).message);
    return { status: 201, body: stored(2, { message: "Edited" }) };
  });
  const { fill, send, user } = await open();
  await screen.findByText("Feedback 1");
  await fill({ message: "Offline" });
  act(() => setOnline(false));
  await send();
  const waiting = await screen.findByRole("heading", { name: "Waiting to be sent" });
  await waitFor(() => expect(waiting).toHaveFocus());
  expect(screen.getByText(/this list is of/)).toBeVisible();

  await user.click(await screen.findByRole("button", { name: "Edit" }));
  const dialog = await screen.findByRole("dialog", { name: "Edit what waits" });
  const text = within(dialog).getByLabelText("Message");
  await user.clear(text);
  await user.type(text, "Edited");
  await user.click(within(dialog).getByRole("button", { name: "Save and send" }));
  expect(await screen.findByText("Changed. It is waiting to be sent")).toBeVisible();

  act(() => setOnline(true));
  expect(await screen.findByText("What was waiting has been sent")).toBeInTheDocument();
  expect(sent).toEqual(["Edited"]);
  expect(await screen.findByRole("heading", { name: "Thank you, Ada Lovelace!" })).toBeVisible();
  expect(messages()).toEqual(["Edited", "Feedback 1"]);
});

test("what waits can be deleted", async () => {
  on("get", "/feedback", () => pageOf([]));
  const { fill, send, user, outbox } = await open();
  await screen.findByText("Nobody has said anything yet");
  await fill();
  act(() => setOnline(false));
  await send();
  await user.click(await screen.findByRole("button", { name: "Delete" }));
  await waitFor(() => expect(screen.queryByText("Written on this device")).not.toBeInTheDocument());
  expect(outbox.snapshot()).toEqual([]);
});

test("the list goes on when its end comes near, and by its button", async () => {
  const asked: (string | null)[] = [];
  on("get", "/feedback", ({ url }) => {
    const lastKey = url.searchParams.get("lastKey");
    asked.push(lastKey);
    if (lastKey === null) return pageOf([shown(9)], "second");
    if (lastKey === "second") return pageOf([shown(8)], "third");
    return pageOf([shown(7)]);
  });
  const { user } = await open();
  await screen.findByText("Feedback 9");
  await waitFor(() => expect(isWatched()).toBe(true));
  act(comeNear);
  await screen.findByText("Feedback 8");
  await user.click(screen.getByRole("button", { name: "Load more" }));
  expect(await screen.findByText("That is all of it.")).toBeVisible();
  expect(messages()).toEqual(["Feedback 9", "Feedback 8", "Feedback 7"]);
  expect(asked).toEqual([null, "second", "third"]);
});

test("filters stand in the address, are asked for, and can be taken away", async () => {
  on("get", "/feedback", ({ url }) => {
    const { sentiment, rating } = Object.fromEntries(url.searchParams);
    if (sentiment === undefined && rating === undefined) return pageOf([shown(1)]);
    return sentiment === "negative" && rating === "2"
      ? pageOf([])
      : pageOf([shown(2, { sentiment: "negative" })]);
  });
  const { user } = await open("/?sentiment=negative&rating=none");
  expect(await screen.findByText("Feedback 2")).toBeVisible();
  expect(screen.getByLabelText("Mood")).toHaveValue("negative");
  expect(screen.queryByText(/pieces? of feedback/)).not.toBeInTheDocument(); // nobody chose
  await user.selectOptions(screen.getByLabelText("Rating", { selector: "select" }), "2");
  const all = await screen.findByRole("button", { name: "Show all feedback" });
  expect(screen.getAllByText("Nothing matches these filters")).toHaveLength(2); // shown and said
  await user.click(all);
  expect(await screen.findByText("Feedback 1")).toBeVisible();
  expect(screen.getByText("1 piece of feedback")).toBeInTheDocument();
  expect(screen.getByLabelText("Mood")).toHaveValue("");
});

test("a place in the list that the API does not know begins the list anew", async () => {
  let known = false;
  on("get", "/feedback", ({ url }) => {
    if (url.searchParams.get("lastKey") === null)
      return pageOf([shown(known ? 2 : 1)], known ? null : "forgotten");
    known = true;
    return { status: 400, body: refusal("ValidationError", "lastKey is not one of this list's") };
  });
  const { user } = await open();
  await screen.findByText("Feedback 1");
  await waitFor(() => expect(isWatched()).toBe(true));
  act(comeNear);
  await user.click(await screen.findByRole("button", { name: "Try again" }));
  expect(await screen.findByText("Feedback 2")).toBeVisible();
});

test("what others write appears on top without a reload", async () => {
  let items = [shown(1)];
  on("get", "/feedback", () => pageOf(items));
  const { queries } = await open();
  await screen.findByText("Feedback 1");
  items = [shown(2), shown(1)];
  await act(() => queries.invalidateQueries({ queryKey: ["feedback", "arrivals"] }));
  await waitFor(() => expect(messages()).toEqual(["Feedback 2", "Feedback 1"]));
  expect(screen.getByText("1 new piece of feedback")).toBeInTheDocument();
});

test("a list that cannot be loaded says so, and can be asked for again", async () => {
  on("get", "/feedback", () => ({
    status: 503,
    body: refusal("ServiceUnavailable", "busy"),
    headers: { "Retry-After": "7" },
  }));
  const { user } = await open();
  const notice = await screen.findByRole("alert");
  expect(notice).toHaveTextContent("The service is busy");
  expect(notice).toHaveTextContent("try again in 7 seconds");
  on("get", "/feedback", () => pageOf([shown(1)]));
  await user.click(within(notice).getByRole("button", { name: "Try again" }));
  expect(await screen.findByText("Feedback 1")).toBeVisible();
});

test("a list opened without network is there when the network is", async () => {
  setOnline(false);
  on("get", "/feedback", () => pageOf([shown(1)]));
  await open();
  expect(await screen.findByText("You are offline")).toBeVisible();
  act(() => setOnline(true));
  expect(await screen.findByText("Feedback 1")).toBeVisible();
});

test("a long message is folded until somebody wants all of it", async () => {
  on("get", "/feedback", () => pageOf([shown(1, { message: "long ".repeat(200), rating: null })]));
  const { user } = await open();
  const button = await screen.findByRole("button", { name: "Show all" });
  expect(button).toHaveAttribute("aria-expanded", "false");
  await user.click(button);
  expect(screen.getByRole("button", { name: "Show less" })).toBeVisible();
});
