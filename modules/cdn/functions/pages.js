// Viewer request: which object of the bucket a path stands for. What looks like a file is one, and a missing
// one is S3's 404; every other path is a page of the app, which knows its own addresses.
function handler(event) {
  const request = event.request;
  const segments = decoded(request.uri);
  if (segments === null || segments.includes(".") || segments.includes("..")) return refused();
  const isAsset = segments[1] === "assets" && segments.length > 2;
  const isFile = isAsset || segments[segments.length - 1].includes(".");
  if (!isFile) request.uri = "/index.html";
  return request;
}

// The path's segments as S3 would read them; null for what is no text.
function decoded(path) {
  try {
    return decodeURIComponent(path).split("/");
  } catch (error) {
    return null;
  }
}

// Dot segments: which place CloudFront and S3 take them for is not left to chance.
function refused() {
  return {
    statusCode: 400,
    statusDescription: "Bad Request",
    headers: {
      "content-type": { value: "text/plain; charset=utf-8" },
      "cache-control": { value: "no-store" },
      "x-content-type-options": { value: "nosniff" },
    },
    body: "There is nothing at this path.",
  };
}
