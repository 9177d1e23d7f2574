# The task tracker: tasks, their activity, reminders before they are due.

locals {
  task_functions  = {}
  task_operations = {}
  task_tables     = {}
}
