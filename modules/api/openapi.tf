# What the OpenAPI document says, in the shapes that the resources need.

locals {
  http_methods = ["delete", "get", "patch", "post", "put"]

  # What main.tf refuses: paths without a resource block for their depth, and `security` that is
  # no API key in X-API-Key (an operation must not become public for want of an authorizer).
  malformed_paths = [for path in keys(try(var.openapi.paths, {})) : path if !can(regex("^/([^/]+/?){0,4}$", path))]
  unknown_schemes = distinct([
    for scheme in flatten([
      for security in concat([try(var.openapi.security, [])], flatten([
        for item in values(try(var.openapi.paths, {})) : [
          for method in local.http_methods : { alternatives = try(item[method].security, []) } if contains(keys(item), method)
        ]
      ])[*].alternatives) : [for alternative in security : keys(alternative)]
    ]) : scheme
    if !try(
      var.openapi.components.securitySchemes[scheme].type == "apiKey" &&
      var.openapi.components.securitySchemes[scheme].in == "header" &&
      lower(var.openapi.components.securitySchemes[scheme].name) == "x-api-key",
    false)
  ])

  # operationId => where it answers and what it takes. (variables.tf refuses one without an ID.)
  operations = merge([
    for path, item in try(var.openapi.paths, {}) : {
      for method in local.http_methods : try(item[method].operationId, "${method} ${path}") => {
        method   = upper(method)
        path     = path
        key      = trim(path, "/")
        has_body = contains(keys(item[method]), "requestBody")

        # A key is required when every alternative of `security` (the operation's, else the
        # document's) asks for one; an empty alternative ({}) makes it optional.
        api_key_required = (
          length(try(item[method].security, var.openapi.security, [])) > 0 &&
          alltrue([for alternative in try(item[method].security, var.openapi.security, []) : length(alternative) > 0])
        )

        # An operation's parameters win over its path's, being later.
        request_parameters = {
          for parameter in [
            for entry in concat(try(item.parameters, []), try(item[method].parameters, [])) :
            try(var.openapi.components.parameters[trimprefix(entry["$ref"], "#/components/parameters/")], entry)
          ] :
          "method.request.${local.parameter_locations[parameter.in]}.${parameter.name}" => tobool(try(parameter.required, false))...
          if contains(keys(local.parameter_locations), parameter.in)
        }
      } if contains(keys(item), method)
    }
  ]...)

  # "METHOD /path" => its operation. Routes are what API Gateway keeps apart: under their
  # operationId, a renamed operation would be made anew and then deleted with its old name.
  routes = { for id, operation in local.operations : "${operation.method} ${operation.path}" => merge(operation, { id = id }) }

  # Cookies are not API Gateway's business.
  parameter_locations = { path = "path", query = "querystring", header = "header" }

  # Path (without slashes around it; "" is the root) => the methods it answers.
  paths = {
    for path, item in try(var.openapi.paths, {}) :
    trim(path, "/") => [for method in local.http_methods : upper(method) if contains(keys(item), method)]
  }

  # API Gateway wants a resource for every step of every path.
  steps = toset(flatten([
    for path in keys(local.paths) : [
      for depth in range(1, length(split("/", path)) + 1) : join("/", slice(split("/", path), 0, depth))
    ] if path != ""
  ]))
  # Depth => steps; a resource block per depth, because a block cannot refer to itself.
  resources = { for depth in range(1, 5) : depth => {
    for step in local.steps : step => {
      parent = join("/", slice(split("/", step), 0, depth - 1))
      part   = element(split("/", step), depth - 1)
    } if length(split("/", step)) == depth
  } }
}
