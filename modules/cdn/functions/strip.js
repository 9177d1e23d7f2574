// Viewer request: the API's own path, without the prefix under which the site has it.
function handler(event) {
  const request = event.request;
  if (climbs(request.uri)) return refused(event.context.requestId);
  request.uri = request.uri.replace(/^\/api(?=\/|$)/, "") || "/";
  return request;
}

// Whether a path leaves the place that it names: the origin's path ends in the API's stage.
function climbs(path) {
  try {
    return decodeURIComponent(path)
      .split("/")
      .some((segment) => segment === "." || segment === "..");
  } catch (error) {
    return true;
  }
}

// As the API says it: nobody has to know who answered.
function refused(requestId) {
  return {
    statusCode: 400,
    statusDescription: "Bad Request",
    headers: {
      "content-type": { value: "application/json" },
      "cache-control": { value: "no-store" },
      "x-content-type-options": { value: "nosniff" },
    },
    body: JSON.stringify({
      error: "ValidationError",
      message: "The path must be encoded well and hold no . or .. segment.",
      details: [],
      requestId,
    }),
  };
}
