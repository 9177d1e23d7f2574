# Views: a query kept under a name, as Athena keeps it (a "Presto view").

locals {
  # What stands in a view's text besides its query.
  presto = { for name, view in var.views : name => {
    catalog = "awsdatacatalog"
    schema  = aws_glue_catalog_database.this.name
    columns = [for column in view.columns : { name = column.name, type = local.trino_types[column.type] }]
  } }
}

# Whoever moves a view (a workflow) writes all of it: Terraform makes it and never looks again,
# because an update of any attribute would write the whole table, with the text of the last refresh.
resource "aws_glue_catalog_table" "view" {
  for_each = var.views

  name          = each.key
  database_name = aws_glue_catalog_database.this.name
  description   = each.value.description
  table_type    = "VIRTUAL_VIEW"
  parameters    = merge(each.value.parameters, { presto_view = "true", comment = "Presto View" })

  view_original_text = "/* Presto View: ${base64encode(jsonencode(merge(local.presto[each.key], { originalSql = each.value.sql })))} */"
  view_expanded_text = "/* Presto View */"

  storage_descriptor {
    ser_de_info {
      name = "-" # Glue wants the block, Athena ignores it
    }

    dynamic "columns" {
      for_each = each.value.columns
      content {
        name = columns.value.name
        type = columns.value.type
      }
    }
  }

  lifecycle {
    ignore_changes = all
  }
}
