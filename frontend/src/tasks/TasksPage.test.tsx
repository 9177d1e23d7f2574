import { act, fireEvent, screen, waitFor, within } from "@testing-library/react";
import { useLocation, useNavigate } from "react-router";
import type { UserEvent } from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { expectAccessible } from "../test/axe";
import { setOnline } from "../test/network";
import { bePatient } from "../test/patience";
import { renderPage } from "../test/render";
import { on } from "../test/server";
import { errorBody, ID, task, Tracker } from "../test/tracker";
import { UNDO_MILLISECONDS } from "./deletions";
import TasksPage from "./TasksPage";
import { REFRESH_MILLISECONDS } from "./useTasks";

bePatient();

function Address() {
  return <output aria-label="address">{useLocation().search}</output>;
}

/** The page, and a way to another one. */
function Site() {
  const navigate = useNavigate();
  const here = useLocation().pathname === "/tasks";
  return (
    <>
      {here && <TasksPage />}
      <button onClick={() => void navigate(here ? "/elsewhere" : "/tasks")}>Elsewhere</button>
      <Address />
    </>
  );
}

async function open(at = "/tasks") {
  return await renderPage(<Site />, { at });
}

const row = (title: string) => {
  const found = screen.getByRole("link", { name: title }).closest("li");
  if (!found) throw new Error(`no row ${title}`);
  return within(found);
};
const titles = () =>
  screen.queryAllByRole("link", { name: /^Task(?!s with)/ }).map(({ textContent }) => textContent);
const box = (title: string) => screen.getByRole("checkbox", { name: `Completed: ${title}` });
const CONFLICT = "Somebody else changed this task";
const dialog = () => within(screen.getByRole("dialog"));

async function pass(milliseconds: number): Promise<void> {
  await act(() => vi.advanceTimersByTimeAsync(milliseconds));
}

beforeEach(() => {
  vi.useFakeTimers({ shouldAdvanceTime: true, now: Date.parse("2026-03-31T12:00:00Z") });
});

describe("list", () => {
  it("shows tasks with what is known of them", async () => {
    new Tracker(
      task(1, { Priority: "High", Tags: ["security"], DueDate: "2026-03-30T12:00:00Z" }),
      task(2, { Status: "Completed", DueDate: "2026-03-30T12:00:00Z" }),
    );
    await open();
    expect(await screen.findByRole("heading", { name: "2 tasks" })).toBeVisible();
    expect(row("Task 1").getByText("High priority")).toBeVisible();
    expect(row("Task 1").getByText(/24 hours overdue/)).toBeVisible();
    expect(row("Task 2").queryByText(/overdue/)).not.toBeInTheDocument();
    expect(box("Task 2")).toBeChecked();
  });

  it("says that there is nothing to do", async () => {
    new Tracker();
    await open();
    expect(await screen.findByText("Nothing to do")).toBeVisible();
  });

  it("goes on where the Link header leads, with the same filters", async () => {
    const tracker = new Tracker(task(1), task(2), task(3));
    tracker.pageSize = 2;
    const { user } = await open("/tasks?status=Open");
    expect(await screen.findByRole("heading", { name: "2 tasks, and more" })).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Show more" }));
    expect(await screen.findByRole("heading", { name: "3 tasks" })).toBeVisible();
    expect(tracker.lists.at(-1)?.toString()).toBe("Status=Open&limit=25&cursor=2");
    expect(screen.queryByRole("button", { name: "Show more" })).not.toBeInTheDocument();
  });

  it("begins anew when the API takes its cursor no more", async () => {
    const tracker = new Tracker(task(1), task(2), task(3));
    tracker.pageSize = 2;
    const { user } = await open();
    await screen.findByRole("link", { name: "Task 2" });
    const cursors: (string | null)[] = [];
    on("get", "/tasks", ({ url }) => {
      const cursor = url.searchParams.get("cursor");
      cursors.push(cursor);
      return cursor === "2"
        ? { status: 400, body: errorBody("Validation Error", "The cursor is not valid") }
        : { status: 200, body: [task(4)] };
    });
    await user.click(screen.getByRole("button", { name: "Show more" }));
    expect(await screen.findByRole("alert")).toHaveTextContent("The cursor is not valid");
    await user.click(screen.getByRole("button", { name: "Try again" }));
    await waitFor(() => expect(titles()).toEqual(["Task 4"]));
    expect(cursors).toEqual(["2", null]);
    expect(screen.queryByRole("alert")).not.toBeInTheDocument();
    expect(screen.getByRole("heading", { name: "1 task" })).toHaveFocus();
  });

  it("looks through empty pages by itself, but not for ever", async () => {
    let asked = 0;
    on("get", "/tasks", () => {
      asked += 1;
      return { status: 200, body: [], headers: { Link: `<?cursor=${asked}>; rel="next"` } };
    });
    const { user } = await open("/tasks?tag=rare");
    const button = await screen.findByRole("button", { name: "Look further" });
    await waitFor(() => expect(asked).toBe(5));
    await user.click(button);
    await waitFor(() => expect(asked).toBe(6));
  });

  it("keeps what it has when it cannot be refreshed, and says so", async () => {
    new Tracker(task(1));
    await open();
    await screen.findByRole("link", { name: "Task 1" });
    on("get", "/tasks", () => ({ status: 500, body: errorBody("Internal Server Error") }));
    await pass(REFRESH_MILLISECONDS + 1000);
    const alert = await screen.findByRole("alert");
    expect(alert).toHaveTextContent("The list could not be refreshed");
    expect(alert).toHaveTextContent("req-9");
    expect(titles()).toEqual(["Task 1"]);
    new Tracker(task(1), task(2));
    fireEvent.click(screen.getByRole("button", { name: "Try again" }));
    expect(await screen.findByRole("link", { name: "Task 2" })).toBeVisible();
  });

  it("sees by itself what others do", async () => {
    const tracker = new Tracker(task(1));
    await open();
    await screen.findByRole("link", { name: "Task 1" });
    tracker.elsewhere(1, { Title: "Task 1, revised" });
    await pass(REFRESH_MILLISECONDS);
    expect(await screen.findByRole("link", { name: "Task 1, revised" })).toBeVisible();
  });

  it("breaks no rule of accessibility, dialogs included", async () => {
    const tracker = new Tracker(task(1, { Tags: ["a"], Priority: "Low" }));
    tracker.activity.push({ At: "2026-03-01T00:00:00Z", Action: "created", Version: 1 });
    const { container, user } = await open();
    await screen.findByRole("link", { name: "Task 1" });
    vi.useRealTimers();
    await expectAccessible(container);
    await user.click(screen.getByRole("link", { name: "Task 1" }));
    await dialog().findByText("Created", { selector: "strong" });
    await expectAccessible(container);
    await user.click(dialog().getByRole("button", { name: "Edit" }));
    await dialog().findByRole("textbox", { name: "Title" });
    await expectAccessible(container);
  });
});

describe("filters", () => {
  it("are kept in the URL and asked of the API", async () => {
    const tracker = new Tracker(task(1), task(2, { Status: "Completed" }));
    const { user } = await open();
    await screen.findByRole("link", { name: "Task 1" });
    await user.click(screen.getByRole("radio", { name: "Completed" }));
    await waitFor(() => expect(titles()).toEqual(["Task 2"]));
    await user.click(screen.getByText("Priority, tag, due date"));
    await user.selectOptions(screen.getByRole("combobox", { name: "Priority" }), "High");
    await user.type(screen.getByRole("searchbox", { name: "Tag" }), " ops {Enter}");
    fireEvent.change(screen.getByLabelText("Due from"), { target: { value: "2026-04-01" } });
    fireEvent.change(screen.getByLabelText("Due to"), { target: { value: "2026-04-02" } });
    expect(screen.getByLabelText("address")).toHaveTextContent(
      "?status=Completed&priority=High&tag=ops&due-from=2026-04-01&due-to=2026-04-02",
    );
    await waitFor(() =>
      expect(Object.fromEntries(tracker.lists.at(-1) ?? [])).toEqual({
        Status: "Completed",
        Priority: "High",
        Tag: "ops",
        DueAfter: isoOf(new Date(2026, 3, 1)),
        DueBefore: isoOf(new Date(2026, 3, 3)),
        limit: "25",
      }),
    );
    expect(await screen.findByText("No task fits these filters")).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Show all tasks" }));
    await waitFor(() => expect(titles()).toEqual(["Task 1", "Task 2"]));
    expect(screen.getByLabelText("address")).toHaveTextContent("");
    expect(screen.getByRole("searchbox", { name: "Tag" })).toHaveValue("");
  });

  it("come from the URL, and from a tag of a task", async () => {
    new Tracker(task(1, { Tags: ["ops"] }), task(2), task(3, { Status: "Completed" }));
    const { user } = await open("/tasks?status=Open");
    await user.click(await screen.findByRole("link", { name: "Tasks with the tag ops" }));
    await waitFor(() => expect(titles()).toEqual(["Task 1"]));
    expect(screen.getByLabelText("address")).toHaveTextContent("?status=Open&tag=ops");
  });

  it("tell aloud what they found, which the opening does not", async () => {
    new Tracker(task(1), task(2), task(3, { Status: "Completed" }));
    const { user, container } = await open();
    const announced = () =>
      container.querySelector("[role=status].visually-hidden[aria-live]")?.textContent.trim();
    await screen.findByRole("heading", { name: "3 tasks" });
    expect(announced()).toBe("");
    await user.click(screen.getByRole("radio", { name: "Completed" }));
    await waitFor(() => expect(announced()).toBe("1 task"));
    await user.click(screen.getByRole("radio", { name: "In Progress" }));
    await waitFor(() => expect(announced()).toBe("No tasks match"));
    // Seen before: what is told is what it is now.
    await user.click(screen.getByRole("radio", { name: "All" }));
    await waitFor(() => expect(announced()).toBe("3 tasks"));
  });

  it("say when the days are the wrong way round", async () => {
    new Tracker();
    await open("/tasks?due-from=2026-02-02&due-to=2026-02-01");
    expect(await screen.findByLabelText("Due from")).toHaveAccessibleDescription(
      "Due from must not be after “due to”",
    );
  });
});

describe("completing", () => {
  it("is one click, and shown before the API has answered", async () => {
    const tracker = new Tracker(task(1));
    const { user } = await open();
    await screen.findByRole("link", { name: "Task 1" });
    const answer = tracker.hold();
    await user.click(box("Task 1"));
    expect(box("Task 1")).toBeChecked();
    expect(row("Task 1").getByRole("button", { name: "Delete Task 1" })).toBeDisabled();
    expect(tracker.get(1)?.Status).toBe("Open");
    answer();
    await waitFor(() => expect(tracker.get(1)?.Status).toBe("Completed"));
    expect(tracker.seen).toEqual(["GET 1", 'PUT 1 "1"']);

    await user.click(box("Task 1"));
    await waitFor(() => expect(tracker.get(1)?.Status).toBe("Open"));
    // The version is known from the answer.
    expect(tracker.seen.slice(2)).toEqual(['PUT 1 "2"']);
    expect(box("Task 1")).not.toBeChecked();
  });

  it("is undone on the page when the API refuses, with the reference", async () => {
    new Tracker(task(1));
    const { user } = await open();
    await screen.findByRole("link", { name: "Task 1" });
    let refuse = (): void => undefined;
    const asked = new Promise<void>((resolve) => (refuse = resolve));
    on("put", "/tasks/{TaskId}", async () => {
      await asked;
      return { status: 500, body: errorBody("Internal Server Error") };
    });
    await user.click(box("Task 1"));
    expect(box("Task 1")).toBeChecked();
    refuse();
    expect(await screen.findByText(/“Task 1” was not changed.*Reference req-9/)).toBeVisible();
    expect(box("Task 1")).not.toBeChecked();
  });

  it("without network is undone on the page, and promises nothing", async () => {
    new Tracker(task(1));
    const { user } = await open();
    await screen.findByRole("link", { name: "Task 1" });
    setOnline(false);
    await user.click(box("Task 1"));
    expect(
      await screen.findByText(
        "“Task 1” was not changed. You are offline. Please try again when you are online.",
      ),
    ).toBeVisible();
    expect(box("Task 1")).not.toBeChecked();
  });

  it("twice in a row is of one's own version", async () => {
    const tracker = new Tracker(task(1));
    const { user } = await open();
    await screen.findByRole("link", { name: "Task 1" });
    const answer = tracker.hold();
    await user.click(box("Task 1"));
    await user.click(box("Task 1"));
    expect(box("Task 1")).not.toBeChecked();
    answer();
    await waitFor(() => expect(tracker.seen).toEqual(["GET 1", 'PUT 1 "1"', 'PUT 1 "2"']));
    expect(tracker.get(1)?.Status).toBe("Open");
  });

  it("of what somebody else changed since asks which version counts", async () => {
    const tracker = new Tracker(task(1));
    const { user } = await open();
    await screen.findByRole("link", { name: "Task 1" });
    tracker.elsewhere(1, { Title: "Renamed", Priority: "High" });
    await user.click(box("Task 1"));
    expect(await screen.findByRole("alert")).toHaveTextContent("Somebody else changed this task");
    expect(tracker.seen).toEqual(["GET 1"]);
    expect(dialog().getByRole("row", { name: "Title Renamed Task 1" })).toBeVisible();
    expect(dialog().getByRole("row", { name: "Status Open Completed" })).toBeVisible();
    expect(box("Task 1")).not.toBeChecked();

    await user.click(dialog().getByRole("button", { name: "Save mine over it" }));
    await waitFor(() => expect(screen.queryByRole("dialog")).not.toBeInTheDocument());
    expect(tracker.get(1)).toMatchObject({
      Title: "Renamed",
      Priority: "High",
      Status: "Completed",
    });
    expect(box("Renamed")).toBeChecked();
  });

  it("of what is gone takes it off the list", async () => {
    const tracker = new Tracker(task(1), task(2));
    const { user } = await open();
    await screen.findByRole("link", { name: "Task 1" });
    tracker.rows.delete(ID(1));
    await user.click(box("Task 1"));
    expect(await screen.findByText(/was not changed. Somebody deleted it/)).toBeVisible();
    expect(titles()).toEqual(["Task 2"]);
  });
});

describe("creating", () => {
  it("writes what was filled in, and lists it before the index knows it", async () => {
    const tracker = new Tracker(task(1));
    const { user } = await open();
    await screen.findByRole("link", { name: "Task 1" });
    await user.click(screen.getByRole("button", { name: "New task" }));
    await user.type(dialog().getByRole("textbox", { name: "Title" }), "  Task of mine ");
    await user.selectOptions(dialog().getByRole("combobox", { name: "Priority" }), "Low");
    fireEvent.change(dialog().getByLabelText(/^Due/), { target: { value: "2027-01-31T13:00" } });
    await user.type(dialog().getByRole("textbox", { name: /^Tags/ }), "one{Enter}one,two");
    on("get", "/tasks", () => ({ status: 200, body: [task(1)] }));
    await user.click(dialog().getByRole("button", { name: "Create task" }));
    await waitFor(() => expect(titles()).toEqual(["Task of mine", "Task 1"]));
    expect(screen.queryByRole("dialog")).not.toBeInTheDocument();
    expect(tracker.seen).toHaveLength(1);
    expect(JSON.parse(tracker.seen[0]?.slice(5) ?? "")).toEqual({
      Title: "Task of mine",
      Description: "",
      Status: "Open",
      Priority: "Low",
      Tags: ["one", "two"],
      DueDate: isoOf(new Date(2027, 0, 31, 13)),
    });
  });

  it("does not go back to what was created when that is changed before the index knows it", async () => {
    new Tracker(task(1));
    const { user } = await open();
    await screen.findByRole("link", { name: "Task 1" });
    await user.click(screen.getByRole("button", { name: "New task" }));
    await user.type(dialog().getByRole("textbox", { name: "Title" }), "Task of mine");
    on("get", "/tasks", () => ({ status: 200, body: [task(1)] }));
    await user.click(dialog().getByRole("button", { name: "Create task" }));
    await waitFor(() => expect(titles()).toEqual(["Task of mine", "Task 1"]));
    await user.click(box("Task of mine"));
    await waitFor(() =>
      expect(box("Task of mine").closest("li")).not.toHaveAttribute("aria-busy", "true"),
    );
    expect(box("Task of mine")).toBeChecked();
  });

  it("says what is wrong at the field, and asks nobody", async () => {
    const tracker = new Tracker();
    const { user } = await open();
    await user.click(screen.getByRole("button", { name: "New task" }));
    await user.click(dialog().getByRole("button", { name: "Create task" }));
    const title = dialog().getByRole("textbox", { name: "Title" });
    expect(title).toHaveAccessibleDescription("Title is required");
    expect(title).toHaveFocus();
    fireEvent.change(title, { target: { value: "😀".repeat(201) } });
    await user.click(dialog().getByRole("button", { name: "Create task" }));
    expect(title).toHaveAccessibleDescription("Title must have at most 200 characters");
    expect(tracker.seen).toEqual([]);
  });

  it("counts a description as the other forms do, and says aloud when little is left", async () => {
    new Tracker();
    const { user } = await open();
    await user.click(screen.getByRole("button", { name: "New task" }));
    expect(dialog().getByText("0 / 5,000")).toBeVisible();
    fireEvent.change(dialog().getByRole("textbox", { name: /^Description/ }), {
      target: { value: "x".repeat(4_990) },
    });
    expect(dialog().getByText("10 characters left")).toHaveAttribute("aria-live", "polite");
  });

  it("shows what the API finds wrong at the field, with the reference", async () => {
    new Tracker();
    const { user } = await open();
    const details = [{ field: "Tags.0", issue: "must not contain control characters" }];
    const refusal = errorBody("Validation Error", "Tags.0 is not valid", details);
    on("post", "/tasks", () => ({ status: 400, body: refusal }));
    await user.click(screen.getByRole("button", { name: "New task" }));
    await user.type(dialog().getByRole("textbox", { name: "Title" }), "Mine");
    await user.click(dialog().getByRole("button", { name: "Create task" }));
    expect(await dialog().findByText("req-9")).toBeVisible();
    expect(dialog().getByRole("textbox", { name: /^Tags/ })).toHaveAccessibleDescription(
      /must not contain control characters/,
    );
    expect(dialog().getByRole("textbox", { name: "Title" })).toHaveValue("Mine");
  });

  it("sends the same key again after a lost answer, and another for another text", async () => {
    new Tracker();
    const keys: (string | null)[] = [];
    on("post", "/tasks", ({ request }) => {
      keys.push(request.headers.get("Idempotency-Key"));
      return "lost";
    });
    const { user } = await open();
    await user.click(screen.getByRole("button", { name: "New task" }));
    const title = dialog().getByRole("textbox", { name: "Title" });
    await user.type(title, "Mine");
    for (const [attempt, more] of ["", "", "!"].entries()) {
      if (more) await user.type(title, more);
      await user.click(dialog().getByRole("button", { name: "Create task" }));
      await waitFor(() => expect(keys).toHaveLength(attempt + 1));
      await dialog().findByRole("alert");
    }
    expect(keys[0]).toMatch(/^[0-9a-f-]{36}$/);
    expect(keys[1]).toBe(keys[0]);
    expect(keys[2]).not.toBe(keys[0]);
  });

  it("without network says that it was not saved, and promises nothing", async () => {
    new Tracker();
    const { user } = await open();
    await screen.findByText("Nothing to do");
    await user.click(screen.getByRole("button", { name: "New task" }));
    await user.type(dialog().getByRole("textbox", { name: "Title" }), "Mine");
    setOnline(false);
    await user.click(dialog().getByRole("button", { name: "Create task" }));
    const alert = await dialog().findByRole("alert");
    expect(alert).toHaveTextContent("You are offline");
    expect(alert).toHaveTextContent("It was not saved. Please try again when you are online.");
    expect(alert).not.toHaveTextContent("will be here again");
  });

  it("is done once, however often the button is pressed", async () => {
    const tracker = new Tracker();
    const { user } = await open();
    await user.click(screen.getByRole("button", { name: "New task" }));
    await user.type(dialog().getByRole("textbox", { name: "Title" }), "Mine");
    const button = dialog().getByRole("button", { name: "Create task" });
    fireEvent.click(button);
    fireEvent.click(button);
    expect(await screen.findAllByText("“Mine” was created.")).toHaveLength(1);
    expect(tracker.seen).toHaveLength(1);
  });

  /** Sends a task that is refused, with its key, once the function that comes back is called. */
  async function sendInVain(user: UserEvent) {
    const keys: (string | null)[] = [];
    let refuse = (): void => undefined;
    const asked = new Promise<void>((resolve) => (refuse = resolve));
    on("post", "/tasks", async ({ request }) => {
      keys.push(request.headers.get("Idempotency-Key"));
      await asked;
      return { status: 500, body: errorBody("Internal Server Error") };
    });
    await user.click(screen.getByRole("button", { name: "New task" }));
    await user.type(dialog().getByRole("textbox", { name: "Title" }), "Mine");
    await user.click(dialog().getByRole("button", { name: "Create task" }));
    await waitFor(() => expect(keys).toHaveLength(1));
    return { keys, refuse };
  }

  it("that fails after the dialog was closed is told, and opened again with its text", async () => {
    new Tracker();
    const { user } = await open("/tasks?status=Open");
    const { keys, refuse } = await sendInVain(user);
    fireEvent.keyDown(screen.getByRole("dialog"), { key: "Escape" });
    // While it is sent nothing is discarded, so there is nothing to ask.
    expect(screen.queryByText("Close without saving?")).not.toBeInTheDocument();
    await user.click(dialog().getByRole("button", { name: "Close" }));
    expect(screen.queryByRole("dialog")).not.toBeInTheDocument();
    refuse();
    expect(await screen.findByText(/“Mine” was not created.*Reference req-9/)).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Open again" }));
    expect(dialog().getByRole("textbox", { name: "Title" })).toHaveValue("Mine");
    expect(screen.getByLabelText("address")).toHaveTextContent("?status=Open");
    // Nothing was typed into this one, but its text is somebody's.
    fireEvent.keyDown(screen.getByRole("dialog"), { key: "Escape" });
    expect(dialog().getByText("Close without saving?")).toBeVisible();
    // It may have arrived all the same: the same key, so that there is one task of it.
    await user.click(dialog().getByRole("button", { name: "Create task" }));
    await waitFor(() => expect(keys).toHaveLength(2));
    expect(keys[1]).toBe(keys[0]);
    await user.click(dialog().getByRole("button", { name: "Cancel" }));
    expect(screen.queryByRole("dialog")).not.toBeInTheDocument();
  });

  it("that fails when the page was left is opened again from there", async () => {
    new Tracker();
    const { user } = await open();
    const { refuse } = await sendInVain(user);
    await user.click(dialog().getByRole("button", { name: "Cancel" }));
    await user.click(screen.getByRole("button", { name: "Elsewhere" }));
    refuse();
    await user.click(await screen.findByRole("button", { name: "Open again" }));
    expect(dialog().getByRole("textbox", { name: "Title" })).toHaveValue("Mine");
  });
});

describe("editing", () => {
  async function edit(tracker: Tracker, at?: string) {
    const page = await open(at);
    await screen.findByRole("link", { name: "Task 1" });
    await page.user.click(screen.getByRole("button", { name: "Edit Task 1" }));
    await dialog().findByRole("textbox", { name: "Title" });
    expect(tracker.seen).toEqual(["GET 1"]);
    return page;
  }

  async function retitle(user: Awaited<ReturnType<typeof edit>>["user"], title: string) {
    const field = dialog().getByRole("textbox", { name: "Title" });
    await user.clear(field);
    await user.type(field, title);
    await user.click(dialog().getByRole("button", { name: "Save" }));
  }

  it("begins with the task as it is now, and sends only what was changed", async () => {
    const tracker = new Tracker(task(1, { Priority: "High", Tags: ["a"] }));
    const bodies: unknown[] = [];
    const { user } = await open();
    await screen.findByRole("link", { name: "Task 1" });
    tracker.elsewhere(1, { Description: "Added by somebody" });
    await user.click(screen.getByRole("button", { name: "Edit Task 1" }));
    expect(await dialog().findByRole("textbox", { name: /^Description/ })).toHaveValue(
      "Added by somebody",
    );
    on("put", "/tasks/{TaskId}", async ({ request }) => {
      bodies.push(await request.json(), request.headers.get("If-Match"));
      const data = { TaskId: ID(1), Title: "Task 1b" };
      return {
        status: 200,
        body: { message: "Task updated successfully" as const, data },
        headers: { ETag: '"3"' },
      };
    });
    await user.selectOptions(dialog().getByRole("combobox", { name: "Priority" }), "None");
    await user.click(dialog().getByRole("button", { name: "Remove tag a" }));
    await retitle(user, "Task 1b");
    expect(await screen.findByText("The task was saved.")).toBeVisible();
    expect(bodies).toEqual([{ Title: "Task 1b", Priority: null, Tags: [] }, '"2"']);
    expect(row("Task 1b").queryByText("High priority")).not.toBeInTheDocument();
    expect(screen.queryByRole("dialog")).not.toBeInTheDocument();
  });

  it("shows both versions when somebody was faster, and takes theirs", async () => {
    const tracker = new Tracker(task(1));
    const { user } = await edit(tracker);
    tracker.elsewhere(1, { Title: "Task theirs", Priority: "Low" });
    await retitle(user, "Task mine");
    expect(await dialog().findByRole("alert")).toHaveTextContent("Somebody else changed this task");
    // Or it would have fallen off the page with the button of the form.
    expect(dialog().getByRole("heading", { name: CONFLICT })).toHaveFocus();
    const title = dialog().getByRole("row", { name: /^Title/ });
    expect(
      within(title)
        .getAllByRole("cell")
        .map(({ textContent }) => textContent),
    ).toEqual(["Task theirs", "Task mine"]);
    expect(title).toHaveTextContent("both changed it");
    expect(dialog().getByRole("row", { name: "Priority Low none" })).toBeVisible();
    await user.click(dialog().getByRole("button", { name: "Take theirs" }));
    expect(titles()).toEqual(["Task theirs"]);
    expect(tracker.get(1)?.Title).toBe("Task theirs");
  });

  it("writes mine over it, and only what I changed", async () => {
    const tracker = new Tracker(task(1));
    const { user } = await edit(tracker);
    tracker.elsewhere(1, { Title: "Task theirs", Priority: "Low" });
    await retitle(user, "Task mine");
    await user.click(await dialog().findByRole("button", { name: "Save mine over it" }));
    await waitFor(() => expect(titles()).toEqual(["Task mine"]));
    expect(tracker.get(1)).toMatchObject({ Title: "Task mine", Priority: "Low" });
    expect(tracker.seen).toEqual(["GET 1", 'PUT 1 "1"', "GET 1", 'PUT 1 "2"']);
  });

  it("asks again when somebody is faster again", async () => {
    const tracker = new Tracker(task(1));
    const { user } = await edit(tracker);
    tracker.elsewhere(1, { Title: "Task theirs" });
    await retitle(user, "Task mine");
    await dialog().findByRole("cell", { name: "Task theirs" });
    tracker.elsewhere(1, { Title: "Task theirs 2" });
    await user.click(dialog().getByRole("button", { name: "Save mine over it" }));
    expect(await dialog().findByRole("cell", { name: "Task theirs 2" })).toBeVisible();
    expect(dialog().getByRole("heading", { name: CONFLICT })).toHaveFocus();
  });

  it("goes on with both put together", async () => {
    const tracker = new Tracker(task(1));
    const { user } = await edit(tracker);
    tracker.elsewhere(1, { Title: "Task theirs", Description: "Theirs too" });
    await retitle(user, "Task mine");
    await user.click(await dialog().findByRole("button", { name: "Go on editing" }));
    expect(dialog().getByRole("textbox", { name: /^Description/ })).toHaveValue("Theirs too");
    await retitle(user, "Task of both");
    await waitFor(() => expect(tracker.get(1)?.Title).toBe("Task of both"));
    expect(tracker.seen.at(-1)).toBe('PUT 1 "2"');
  });

  it("takes no notice of a change that says the same", async () => {
    const tracker = new Tracker(task(1));
    const { user } = await edit(tracker);
    tracker.elsewhere(1, { Title: "Task mine" });
    await retitle(user, "Task mine");
    expect(await screen.findByText("The task was saved.")).toBeVisible();
  });

  it("keeps the text when the task is gone, as a new one", async () => {
    const tracker = new Tracker(task(1));
    const { user } = await edit(tracker);
    tracker.rows.clear();
    await retitle(user, "Task mine");
    const again = await dialog().findByRole("button", { name: "Create it again" });
    expect(
      dialog().getByRole("heading", { name: "Somebody deleted this task meanwhile" }),
    ).toHaveFocus();
    await user.click(again);
    expect(dialog().getByRole("textbox", { name: "Title" })).toHaveValue("Task mine");
    fireEvent.keyDown(screen.getByRole("dialog"), { key: "Escape" });
    await user.click(dialog().getByRole("button", { name: "Keep writing" }));
    await user.click(dialog().getByRole("button", { name: "Create task" }));
    await waitFor(() => expect(titles()).toEqual(["Task mine"]));
  });

  it("keeps the text when the API fails, and the list as it was", async () => {
    const tracker = new Tracker(task(1));
    const { user } = await edit(tracker);
    on("put", "/tasks/{TaskId}", () => ({
      status: 503,
      body: errorBody("Service Unavailable"),
      headers: { "Retry-After": "7" },
    }));
    await retitle(user, "Task mine");
    expect(await dialog().findByRole("alert")).toHaveTextContent("try again in 7 seconds");
    expect(dialog().getByRole("textbox", { name: "Title" })).toHaveValue("Task mine");
    expect(titles()).toEqual(["Task 1"]);
  });

  it("tells of a failure also who has closed the dialog", async () => {
    const tracker = new Tracker(task(1));
    const { user } = await edit(tracker);
    let refuse = (): void => undefined;
    const asked = new Promise<void>((resolve) => (refuse = resolve));
    on("put", "/tasks/{TaskId}", async () => {
      await asked;
      return { status: 500, body: errorBody("Internal Server Error") };
    });
    await retitle(user, "Task mine");
    await user.click(dialog().getByRole("button", { name: "Close" }));
    expect(titles()).toEqual(["Task mine"]);
    refuse();
    expect(await screen.findByText(/“Task 1” was not changed/)).toBeVisible();
    expect(titles()).toEqual(["Task 1"]);
  });
});

describe("deleting", () => {
  async function remove(tracker: Tracker) {
    const page = await open();
    await screen.findByRole("link", { name: "Task 1" });
    await page.user.click(screen.getByRole("button", { name: "Delete Task 1" }));
    expect(titles()).not.toContain("Task 1");
    await waitFor(() => expect(tracker.seen).toEqual(["GET 1"]));
    return page;
  }

  it("waits until it can be undone no more", async () => {
    const tracker = new Tracker(task(1), task(2));
    await remove(tracker);
    expect(screen.getByText("“Task 1” was deleted.")).toBeVisible();
    expect(screen.getByRole("link", { name: "Task 2" })).toHaveFocus();
    await pass(UNDO_MILLISECONDS - 1000);
    expect(tracker.get(1)).toBeDefined();
    await pass(2000);
    await waitFor(() => expect(tracker.get(1)).toBeUndefined());
    expect(tracker.seen).toEqual(["GET 1", 'DELETE 1 "1"']);
    expect(screen.queryByRole("button", { name: "Undo" })).not.toBeInTheDocument();
    expect(titles()).toEqual(["Task 2"]);
  });

  it("can be undone, and nothing was sent", async () => {
    const tracker = new Tracker(task(1), task(2));
    const { user } = await remove(tracker);
    await user.click(screen.getByRole("button", { name: "Undo" }));
    expect(titles()).toEqual(["Task 1", "Task 2"]);
    expect(screen.getByRole("link", { name: "Task 1" })).toHaveFocus();
    expect(screen.queryByText("“Task 1” was deleted.")).not.toBeInTheDocument();
    await pass(2 * UNDO_MILLISECONDS);
    expect(tracker.seen).toEqual(["GET 1"]);
  });

  it("stops the time while somebody is about to undo", async () => {
    const tracker = new Tracker(task(1));
    await remove(tracker);
    const undo = screen.getByRole("button", { name: "Undo" });
    act(() => undo.focus());
    await pass(3 * UNDO_MILLISECONDS);
    expect(tracker.seen).toEqual(["GET 1"]);
    act(() => undo.blur());
    await pass(UNDO_MILLISECONDS + 1000);
    await waitFor(() => expect(tracker.get(1)).toBeUndefined());
  });

  it("is sent at once, to outlive the page, when the site is left", async () => {
    const tracker = new Tracker(task(1));
    const fetched = vi.spyOn(globalThis, "fetch");
    await remove(tracker);
    act(() => void window.dispatchEvent(new Event("pagehide")));
    const sent = fetched.mock.calls.map(([request]) => request as Request);
    expect(sent.at(-1)).toMatchObject({ method: "DELETE", keepalive: true });
    await waitFor(() => expect(tracker.get(1)).toBeUndefined());
    expect(localStorage).toHaveLength(0);
  });

  it("can be undone when the page was hidden for a moment", async () => {
    const tracker = new Tracker(task(1));
    const { user } = await remove(tracker);
    vi.spyOn(document, "visibilityState", "get").mockReturnValue("hidden");
    act(() => void document.dispatchEvent(new Event("visibilitychange")));
    await pass(UNDO_MILLISECONDS - 1000);
    await user.click(screen.getByRole("button", { name: "Undo" }));
    await pass(2 * UNDO_MILLISECONDS);
    expect(tracker.seen).toEqual(["GET 1"]);
    expect(titles()).toEqual(["Task 1"]);
  });

  it("can be undone on another page", async () => {
    const tracker = new Tracker(task(1));
    const { user } = await remove(tracker);
    await user.click(screen.getByRole("button", { name: "Elsewhere" }));
    await user.click(screen.getByRole("button", { name: "Undo" }));
    await pass(2 * UNDO_MILLISECONDS);
    expect(tracker.seen).toEqual(["GET 1"]);
    await user.click(screen.getByRole("button", { name: "Elsewhere" }));
    expect(await screen.findByRole("link", { name: "Task 1" })).toBeVisible();
  });

  it("goes on on another page, and is still going on when the person comes back", async () => {
    const tracker = new Tracker(task(1), task(2));
    const { user } = await remove(tracker);
    await user.click(screen.getByRole("button", { name: "Elsewhere" }));
    await user.click(screen.getByRole("button", { name: "Elsewhere" }));
    await screen.findByRole("link", { name: "Task 2" });
    expect(titles()).toEqual(["Task 2"]);
    await user.click(screen.getByRole("button", { name: "Elsewhere" }));
    await pass(UNDO_MILLISECONDS + 1000);
    await waitFor(() => expect(tracker.get(1)).toBeUndefined());
    expect(screen.queryByRole("button", { name: "Undo" })).not.toBeInTheDocument();
  });

  it("that fails on another page is told there", async () => {
    const tracker = new Tracker(task(1));
    const { user } = await remove(tracker);
    on("delete", "/tasks/{TaskId}", () => ({ status: 500, body: errorBody("InternalError") }));
    await user.click(screen.getByRole("button", { name: "Elsewhere" }));
    await pass(UNDO_MILLISECONDS + 1000);
    expect(await screen.findByText(/“Task 1” was not deleted.*Reference req-9/)).toBeVisible();
  });

  it("that fails shows the task again, with the reason", async () => {
    const tracker = new Tracker(task(1));
    await remove(tracker);
    on("delete", "/tasks/{TaskId}", () => "lost");
    await pass(UNDO_MILLISECONDS + 1000);
    expect(await screen.findByText(/“Task 1” was not deleted/)).toBeVisible();
    expect(titles()).toEqual(["Task 1"]);
  });

  it("of what is gone already is no error", async () => {
    const tracker = new Tracker(task(1));
    await remove(tracker);
    tracker.rows.clear();
    await pass(UNDO_MILLISECONDS + 1000);
    await waitFor(() => expect(tracker.seen.at(-1)).toBe('DELETE 1 "1"'));
    expect(await screen.findByText("Nothing to do")).toBeVisible();
    expect(screen.queryByText(/was not deleted/)).not.toBeInTheDocument();
  });

  it("of what somebody else changed asks first", async () => {
    const tracker = new Tracker(task(1));
    const { user } = await remove(tracker);
    tracker.elsewhere(1, { Description: "Important!" });
    await pass(UNDO_MILLISECONDS + 1000);
    expect(await screen.findByRole("alert")).toHaveTextContent("Nothing was deleted yet");
    expect(dialog().getByRole("row", { name: "Description Important! none" })).toBeVisible();
    expect(titles()).toEqual(["Task 1"]);
    setOnline(false);
    await user.click(dialog().getByRole("button", { name: "Delete it all the same" }));
    expect(
      await dialog().findByText("It was not deleted. Please try again when you are online."),
    ).toBeVisible();
    setOnline(true);
    await user.click(dialog().getByRole("button", { name: "Delete it all the same" }));
    await waitFor(() => expect(tracker.get(1)).toBeUndefined());
    expect(tracker.seen.at(-1)).toBe('DELETE 1 "2"');
    await waitFor(() => expect(titles()).toEqual([]));
  });

  it("of what somebody else changed can be dropped", async () => {
    const tracker = new Tracker(task(1));
    const { user } = await open();
    await screen.findByRole("link", { name: "Task 1" });
    tracker.elsewhere(1, { Title: "Task 1 new" });
    await user.click(screen.getByRole("button", { name: "Delete Task 1" }));
    await user.click(await screen.findByRole("button", { name: "Keep the task" }));
    expect(titles()).toEqual(["Task 1 new"]);
    expect(screen.queryByRole("button", { name: "Undo" })).not.toBeInTheDocument();
    expect(tracker.get(1)).toBeDefined();
  });

  it("that was sent by a page that did not live to hear the answer is finished", async () => {
    const tracker = new Tracker(task(1), task(2), task(3));
    tracker.elsewhere(2, { Priority: "High" });
    const noted = [
      { id: ID(1), title: "Task 1", etag: '"1"' },
      { id: ID(2), title: "Task 2", etag: '"1"' },
      { id: ID(3), title: "Task 3" },
      { id: ID(4), title: "Task 4", etag: '"1"' },
    ];
    localStorage.setItem("tasks:deletions", JSON.stringify(noted));
    await open();
    expect(await screen.findByText(/“Task 1”, which you deleted.*is gone now/)).toBeVisible();
    expect(await screen.findByText(/“Task 2” was not deleted when you left/)).toBeVisible();
    expect(await screen.findByText(/“Task 3” was not deleted: the page was closed/)).toBeVisible();
    await waitFor(() => expect(localStorage).toHaveLength(0));
    expect([...tracker.rows.keys()]).toEqual([ID(2), ID(3)]);
  });
});

describe("details", () => {
  it("have an address, everything about the task, and its activity by pages", async () => {
    const tracker = new Tracker(task(1, { Description: "The whole story", Tags: ["a", "b"] }));
    tracker.activity.push(
      { At: "2026-03-03T00:00:00Z", Action: "reminded", Version: 2 },
      {
        At: "2026-03-02T00:00:00Z",
        Action: "updated",
        Version: 2,
        Changes: [
          { Field: "Status", From: "Open", To: "In Progress" },
          { Field: "Tags", To: ["a", "b"] },
          { Field: "Description" },
        ],
      },
      { At: "2026-03-01T00:00:00Z", Action: "created", Version: 1 },
    );
    const { user } = await open(`/tasks?status=Open&task=${ID(1)}`);
    expect(await dialog().findByText("The whole story")).toBeVisible();
    expect(await dialog().findByText("Status: Open → In Progress")).toBeVisible();
    expect(dialog().getByText("Tags: none → a, b")).toBeVisible();
    expect(dialog().getByText("Description changed")).toBeVisible();
    await user.click(dialog().getByRole("button", { name: "Show older" }));
    expect(await dialog().findByText("Created", { selector: "strong" })).toBeVisible();
    await user.click(dialog().getByRole("button", { name: "Close" }));
    expect(screen.getByLabelText("address")).toHaveTextContent("?status=Open");
    expect(screen.queryByRole("dialog")).not.toBeInTheDocument();
  });

  it("of a task that is gone say so", async () => {
    new Tracker();
    on("get", "/tasks/{TaskId}/activity", () => ({ status: 404, body: errorBody("Not Found") }));
    await open(`/tasks?task=${ID(1)}`);
    expect(await dialog().findByText("This task does not exist any more")).toBeVisible();
  });

  it("lead to editing", async () => {
    new Tracker(task(1));
    const { user } = await open();
    await user.click(await screen.findByRole("link", { name: "Task 1" }));
    await user.click(await dialog().findByRole("button", { name: "Edit" }));
    expect(await dialog().findByRole("textbox", { name: "Title" })).toHaveValue("Task 1");
    expect(screen.getByLabelText("address")).toHaveTextContent("");
  });
});

function isoOf(date: Date): string {
  return date.toISOString().replace(".000Z", "Z");
}
