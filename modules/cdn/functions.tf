# What runs at the edge before anything else.

locals {
  functions = {
    pages = "Which object of the bucket a path stands for."
    strip = "The API's own path."
  }
}

# The name carries the code: a new version is a new function, made before the old one goes. So the distribution
# moves from one that works to one that works, and the embedded cloud, which cannot update one, follows.
resource "aws_cloudfront_function" "this" {
  for_each = local.functions

  name    = "${var.name}-${each.key}-${substr(filesha256("${path.module}/functions/${each.key}.js"), 0, 8)}"
  comment = each.value
  runtime = "cloudfront-js-2.0"
  code    = file("${path.module}/functions/${each.key}.js")
  publish = true

  lifecycle {
    create_before_destroy = true
  }
}
