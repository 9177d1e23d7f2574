# What the OpenAPI document says, in the shapes that the resources need.

locals {
  http_methods = ["delete", "get", "patch", "post", "put"]

  # operationId => where it answers and what it takes.
  operations = merge([
    for path, item in var.openapi.paths : {
      for method in local.http_methods : item[method].operationId => {
        method   = upper(method)
        path     = path
        key      = trim(path, "/")
        has_body = contains(keys(item[method]), "requestBody")

        # A key is required when every alternative of `security` (the operation's, else the
        # document's) asks for one; an empty alternative ({}) makes it optional.
        api_key_required = try(length(try(item[method].security, var.openapi.security)) > 0 && alltrue([
          for alternative in try(item[method].security, var.openapi.security) : anytrue([
            for scheme in keys(alternative) : var.openapi.components.securitySchemes[scheme].type == "apiKey"
          ])
        ]), false)

        # An operation's parameters win over its path's, being later.
        request_parameters = {
          for parameter in [
            for entry in concat(try(item.parameters, []), try(item[method].parameters, [])) :
            try(var.openapi.components.parameters[trimprefix(entry["$ref"], "#/components/parameters/")], entry)
          ] :
          "method.request.${local.parameter_locations[parameter.in]}.${parameter.name}" => parameter.in == "path" || try(parameter.required, false)...
          if contains(keys(local.parameter_locations), parameter.in)
        }
      } if contains(keys(item), method)
    }
  ]...)

  # Cookies are not API Gateway's business.
  parameter_locations = { path = "path", query = "querystring", header = "header" }

  # Path (without slashes around it; "" is the root) => the methods it answers.
  paths = {
    for path, item in var.openapi.paths :
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
