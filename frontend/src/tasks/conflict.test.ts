import { describe, expect, it } from "vitest";
import { differences, remaining } from "./conflict";
import { changed, sameTask, type Task } from "./task";

const BEFORE: Task = {
  TaskId: "123e4567-e89b-12d3-a456-426614174000",
  Title: "Renew the certificate",
  Description: "",
  Status: "Open",
  Tags: ["security"],
  CreatedAt: "2026-01-01T00:00:00Z",
};

describe("differences", () => {
  it("names what either side changed, and where both did", () => {
    const theirs: Task = { ...BEFORE, Status: "In Progress", Priority: "High", Title: "Renew it" };
    const found = differences(BEFORE, theirs, { Title: "Renew both", Priority: "High", Tags: [] });
    expect(found.map(({ field, clashes }) => [field, clashes])).toEqual([
      ["Title", true],
      ["Status", false],
      ["Priority", false],
      ["Tags", false],
    ]);
    expect(found[0]).toMatchObject({
      before: "Renew the certificate",
      theirs: "Renew it",
      mine: "Renew both",
    });
  });

  it("takes absent, null and empty for the same", () => {
    expect(differences(BEFORE, BEFORE, { Priority: null, DueDate: null, Description: "" })).toEqual(
      [],
    );
  });
});

describe("remaining", () => {
  it("leaves out what they already did", () => {
    const theirs: Task = { ...BEFORE, Status: "Completed" };
    expect(remaining(theirs, { Status: "Completed", Title: "x" })).toEqual({ Title: "x" });
  });
});

describe("changed", () => {
  it("takes values away that became null or empty", () => {
    const full: Task = { ...BEFORE, Priority: "Low", DueDate: "2027-01-01T00:00:00Z" };
    const bare = changed(full, { Priority: null, DueDate: null, Tags: [] });
    expect(bare).not.toHaveProperty("Priority");
    expect(bare).not.toHaveProperty("DueDate");
    expect(bare).not.toHaveProperty("Tags");
    expect(sameTask(bare, { ...BEFORE, Tags: undefined } as unknown as Task)).toBe(true);
    expect(sameTask(full, bare)).toBe(false);
  });
});
