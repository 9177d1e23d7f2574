# The task tracker: tasks, their activity, reminders before they are due.

module "tasks_table" {
  source = "../modules/dynamo"

  name      = "tasks-${local.suffix}"
  hash_key  = { name = "TaskId", type = "S" }
  range_key = { name = "Entry", type = "S" }
  stream    = "NEW_IMAGE"

  # Keys only: a page reads the tasks themselves. So a changed title costs no write of an index, and
  # no page shows what an index has not followed yet.
  indexes = {
    recent      = { hash_key = "ListBucket", range_key = "SortKey", projection = [] }
    by-kind     = { hash_key = "KindBucket", range_key = "SortKey", projection = [] }
    by-tag      = { hash_key = "TagBucket", range_key = "SortKey", projection = [] }
    by-due-date = { hash_key = "DueBucket", range_key = "DueKey", projection = [] }
  }

  deletion_protection = var.tasks.deletion_protection
  kms_key_arn         = var.kms_key_arn
  tags                = local.tags
}

# What happened to each task, also after it is gone.
module "task_activity_table" {
  source = "../modules/dynamo"

  name      = "task-activity-${local.suffix}"
  hash_key  = { name = "TaskId", type = "S" }
  range_key = { name = "Entry", type = "S" }
  ttl       = "expiresAt"

  deletion_protection = var.tasks.deletion_protection
  kms_key_arn         = var.kms_key_arn
  tags                = local.tags
}

locals {
  task_writing = {
    TASKS_TABLE_NAME             = module.tasks_table.name
    TASK_ACTIVITY_TABLE_NAME     = module.task_activity_table.name
    TASK_ACTIVITY_RETENTION_DAYS = var.tasks.activity_retention_days
    TASK_SHARDS                  = var.tasks.list_shards
  }

  task_functions = {
    get_tasks = {
      description = "GET /tasks: a page of tasks, newest first or by due date."
      environment = {
        TASKS_TABLE_NAME = module.tasks_table.name
        TASK_SHARDS      = var.tasks.list_shards
      }
      permissions = {
        FindTasks = { actions = ["dynamodb:Query"], resources = values(module.tasks_table.index_arns) }
        ReadTasks = { actions = ["dynamodb:BatchGetItem"], resources = [module.tasks_table.arn] }
      }
    }

    get_task = {
      description = "GET /tasks/{TaskId}: one task."
      environment = { TASKS_TABLE_NAME = module.tasks_table.name }
      permissions = {
        ReadTask = { actions = ["dynamodb:GetItem"], resources = [module.tasks_table.arn] }
      }
    }

    create_task = {
      description = "POST /tasks: creates a task."
      environment = merge(local.task_writing, { IDEMPOTENCY_TABLE_NAME = module.idempotency_table.name })
      permissions = {
        CreateTask = {
          actions   = ["dynamodb:PutItem"]
          resources = [module.tasks_table.arn, module.task_activity_table.arn, module.idempotency_table.arn]
        }
      }
    }

    update_task = {
      description = "PUT /tasks/{TaskId}: changes the fields that the request names."
      environment = local.task_writing
      permissions = {
        ChangeTask = {
          actions   = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:DeleteItem"]
          resources = [module.tasks_table.arn]
        }
        WriteActivity = { actions = ["dynamodb:PutItem"], resources = [module.task_activity_table.arn] }
      }
    }

    delete_task = {
      description = "DELETE /tasks/{TaskId}: deletes one task."
      environment = local.task_writing
      permissions = {
        DeleteTask    = { actions = ["dynamodb:GetItem", "dynamodb:DeleteItem"], resources = [module.tasks_table.arn] }
        WriteActivity = { actions = ["dynamodb:PutItem"], resources = [module.task_activity_table.arn] }
      }
    }

    get_task_activity = {
      description = "GET /tasks/{TaskId}/activity: what happened to a task, newest first."
      environment = {
        TASKS_TABLE_NAME             = module.tasks_table.name
        TASK_ACTIVITY_TABLE_NAME     = module.task_activity_table.name
        TASK_ACTIVITY_RETENTION_DAYS = var.tasks.activity_retention_days
      }
      permissions = {
        ReadActivity = { actions = ["dynamodb:Query"], resources = [module.task_activity_table.arn] }
        ReadTask     = { actions = ["dynamodb:GetItem"], resources = [module.tasks_table.arn] }
      }
    }
  }

  task_operations = {
    listTasks       = "get_tasks"
    getTask         = "get_task"
    createTask      = "create_task"
    updateTask      = "update_task"
    deleteTask      = "delete_task"
    getTaskActivity = "get_task_activity"
  }

  task_tables = {
    tasks         = module.tasks_table
    task-activity = module.task_activity_table
  }
}
