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

# A schedule per task that somebody is to be reminded of, made and removed by schedule_task_reminders.
# Destroying the group removes those that are left.
resource "aws_scheduler_schedule_group" "task_reminders" {
  name = local.reminder_name
  tags = local.tags
}

# With which the scheduler calls send_task_reminder, and nothing else.
data "aws_iam_policy_document" "assume_task_reminders" {
  statement {
    sid     = "SchedulerReminds"
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["scheduler.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account]
    }
    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [local.reminder_group_arn]
    }
  }
}

data "aws_iam_policy_document" "task_reminders" {
  statement {
    sid       = "InvokeAlias"
    actions   = ["lambda:InvokeFunction"]
    resources = [local.reminder_target_arn]
  }

  statement {
    sid       = "SendDeadLetters"
    actions   = ["sqs:SendMessage"]
    resources = [local.reminder_queue_arn]
  }

  # The queue is encrypted with it.
  dynamic "statement" {
    for_each = var.kms_key_arn == null ? [] : ["UseKeyThroughServices"]
    content {
      sid       = statement.value
      actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
      resources = [var.kms_key_arn]

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = ["sqs.${var.aws_region}.${data.aws_partition.current.dns_suffix}"]
      }
    }
  }
}

resource "aws_iam_role" "task_reminders" {
  name               = local.reminder_name
  description        = "With which EventBridge Scheduler invokes ${local.reminder_function}."
  assume_role_policy = data.aws_iam_policy_document.assume_task_reminders.json
  tags               = local.tags
}

resource "aws_iam_role_policy" "task_reminders" {
  name   = "schedules"
  role   = aws_iam_role.task_reminders.id
  policy = data.aws_iam_policy_document.task_reminders.json
}

locals {
  # Spelled out: the functions are told of each other.
  reminder_function   = "send-task-reminder-${local.suffix}"
  reminder_name       = "task-reminders-${local.suffix}"
  scheduler_arn       = "arn:${data.aws_partition.current.partition}:scheduler:${var.aws_region}:${local.account}"
  reminder_group_arn  = "${local.scheduler_arn}:schedule-group/${local.reminder_name}"
  reminder_target_arn = "arn:${data.aws_partition.current.partition}:lambda:${var.aws_region}:${local.account}:function:${local.reminder_function}:live"
  reminder_queue_arn  = "arn:${data.aws_partition.current.partition}:sqs:${var.aws_region}:${local.account}:${local.reminder_function}-dlq"
  reminder_role_arn   = "arn:${data.aws_partition.current.partition}:iam::${local.account}:role/${local.reminder_name}"

  # The embedded cloud takes every schedule for one of the group default.
  reminder_schedules = concat(
    ["${local.scheduler_arn}:schedule/${local.reminder_name}/*"],
    var.emulator_endpoint == null ? [] : ["${local.scheduler_arn}:schedule/default/*"],
  )

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

    schedule_task_reminders = {
      description = "Stream of tasks: keeps the schedule of each task's reminder."
      timeout     = 60
      environment = {
        TASKS_TABLE_NAME         = module.tasks_table.name
        REMINDER_GROUP           = local.reminder_name
        REMINDER_TARGET_ARN      = local.reminder_target_arn
        REMINDER_ROLE_ARN        = local.reminder_role_arn
        REMINDER_DEAD_LETTER_ARN = local.reminder_queue_arn
        REMINDER_LEAD_MINUTES    = var.tasks.reminder_lead_minutes
      }
      permissions = {
        ReadTasks = { actions = ["dynamodb:BatchGetItem"], resources = [module.tasks_table.arn] }
        KeepSchedules = {
          actions   = ["scheduler:CreateSchedule", "scheduler:UpdateSchedule", "scheduler:DeleteSchedule"]
          resources = local.reminder_schedules
        }
        PassScheduleRole = {
          actions    = ["iam:PassRole"]
          resources  = [local.reminder_role_arn]
          conditions = [{ test = "StringEquals", variable = "iam:PassedToService", values = ["scheduler.amazonaws.com"] }]
        }
      }
      dead_letter_queue = {}
      event_sources = {
        tasks = {
          stream_arn = module.tasks_table.stream_arn
          batch_size = 25 # a call of the scheduler each
          # Tasks themselves, not the rows of their tags; of new ones, those that are due some time.
          filters = [
            jsonencode({ eventName = ["MODIFY", "REMOVE"], dynamodb = { Keys = { Entry = { S = ["task"] } } } }),
            jsonencode({
              eventName = ["INSERT"]
              dynamodb  = { Keys = { Entry = { S = ["task"] } }, NewImage = { DueDate = { S = [{ exists = true }] } } }
            }),
          ]
        }
      }
    }

    send_task_reminder = {
      description = "Called by a task's schedule: hands the reminder to the messages system."
      timeout     = 30
      environment = merge(local.message_outbox, {
        TASKS_TABLE_NAME             = module.tasks_table.name
        TASK_ACTIVITY_TABLE_NAME     = module.task_activity_table.name
        TASK_ACTIVITY_RETENTION_DAYS = var.tasks.activity_retention_days
        REMINDER_LEAD_MINUTES        = var.tasks.reminder_lead_minutes
        TEAM_INBOX                   = local.team_inbox
      })
      permissions = {
        ReadTask       = { actions = ["dynamodb:GetItem"], resources = [module.tasks_table.arn] }
        WriteActivity  = { actions = ["dynamodb:PutItem"], resources = [module.task_activity_table.arn] }
        SubmitReminder = { actions = ["dynamodb:PutItem"], resources = [module.messages_table.arn] }
        StartMessage   = { actions = ["states:StartExecution"], resources = [local.message_workflow_arn] }
      }
      dead_letter_queue = {}
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
