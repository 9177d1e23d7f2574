# The feedback system: submissions, listing, analytics.

module "feedback_table" {
  source = "../modules/dynamo"

  name      = join("-", compact(["customer-feedback", local.suffix, var.feedback.restored_suffix]))
  hash_key  = { name = "feedbackId", type = "S" }
  range_key = { name = "timestamp", type = "N" }
  stream    = "NEW_IMAGE"
  ttl       = "expiresAt"

  # "Newest first", in partitions of one day. The indexes hold what the public list shows and
  # nothing else: a function that may read them cannot read an e-mail address.
  indexes = {
    recent         = { hash_key = "listBucket", range_key = "sortKey", projection = local.public_attributes }
    recent-by-kind = { hash_key = "kindBucket", range_key = "sortKey", projection = local.public_attributes }

    # What the lexicon answered for Comprehend, until that has been asked again: only such items
    # have a pendingBucket, so finding them costs nothing when there are none.
    pending-analysis = {
      hash_key   = "pendingBucket"
      range_key  = "sortKey"
      projection = ["message", "sentiment", "rating", "createdAt", "analysisFailures"]
    }
  }

  deletion_protection = var.feedback.deletion_protection
  kms_key_arn         = var.kms_key_arn
  tags                = local.tags
}

module "analytics_table" {
  source = "../modules/dynamo"

  name      = "analytics-${local.suffix}"
  hash_key  = { name = "aggregateId", type = "S" }
  range_key = { name = "period", type = "S" }
  ttl       = "expiresAt" # only the de-duplication ledger's items have it

  deletion_protection = var.feedback.deletion_protection
  kms_key_arn         = var.kms_key_arn
  tags                = local.tags
}

module "idempotency_table" {
  source = "../modules/dynamo"

  name     = "idempotency-${local.suffix}"
  hash_key = { name = "idempotencyKey", type = "S" }
  ttl      = "expiresAt"

  kms_key_arn = var.kms_key_arn
  tags        = local.tags
}

locals {
  public_attributes = ["name", "rating", "message", "sentiment", "createdAt"]

  # What re-analysis names of an item: its keys, what it looks at and what it writes.
  revised_attributes = [
    "feedbackId", "timestamp", "pendingBucket", "kindBucket", "sentiment", "sentimentScores", "engine",
    "language", "revision", "revisedFrom", "analysisFailures", "analysisProblem",
  ]

  # What a stream's consumer is given: new feedback, and what re-analysis revised. Every other
  # change of an item says nothing new.
  new_and_revised = [
    jsonencode({ eventName = ["INSERT"] }),
    jsonencode({ eventName = ["MODIFY"], dynamodb = { NewImage = { revision = { N = [{ exists = true }] } } } }),
  ]

  # operationId => handler that answers it.
  feedback_operations = {
    submitFeedback = "feedback_processor"
    listFeedback   = "list_feedback"
    getFeedback    = "get_feedback"
    deleteFeedback = "delete_feedback"
    getAnalytics   = "get_analytics"
    getHealth      = "health"
  }

  # Handler (a folder of lambda_src) => what its function is. `permissions` are all that its
  # role may do besides writing its own logs and traces.
  feedback_functions = {
    feedback_processor = {
      description = "POST /feedback: analyses and stores one piece of feedback."
      timeout     = var.lambda_timeout
      memory_size = var.lambda_memory_size
      environment = {
        FEEDBACK_TABLE_NAME     = module.feedback_table.name
        IDEMPOTENCY_TABLE_NAME  = module.idempotency_table.name
        FEEDBACK_RETENTION_DAYS = var.feedback.retention_days
        LIST_SHARDS             = var.feedback.list_shards
        SENTIMENT_ENGINE        = var.sentiment.engine
        COMPREHEND_REGION       = var.sentiment.comprehend_region
        LANGUAGE_CODE           = var.sentiment.language_code
      }
      permissions = {
        StoreFeedback = {
          actions   = ["dynamodb:PutItem"]
          resources = [module.feedback_table.arn, module.idempotency_table.arn]
        }
      }
      permissions_without_arn = var.sentiment.engine != "comprehend" ? {} : {
        AnalyseSentiment = {
          actions = ["comprehend:DetectSentiment"]
          reason  = "Comprehend's real-time actions have no resource to name"
          conditions = [
            { test = "StringEquals", variable = "aws:RequestedRegion", values = [var.sentiment.comprehend_region] },
          ]
        }
      }
    }

    list_feedback = {
      description = "GET /feedback: a page of feedback, newest first."
      environment = {
        FEEDBACK_TABLE_NAME     = module.feedback_table.name
        FEEDBACK_RETENTION_DAYS = var.feedback.retention_days
        LIST_SHARDS             = var.feedback.list_shards
      }
      permissions = {
        ReadPublicIndexes = {
          actions   = ["dynamodb:Query"]
          resources = [for name in ["recent", "recent-by-kind"] : module.feedback_table.index_arns[name]]
        }
      }
    }

    get_feedback = {
      description = "GET /feedback/{feedbackId}: one piece of feedback."
      environment = { FEEDBACK_TABLE_NAME = module.feedback_table.name }
      permissions = {
        ReadFeedback = { actions = ["dynamodb:Query"], resources = [module.feedback_table.arn] }
      }
    }

    delete_feedback = {
      description = "DELETE /feedback/{feedbackId}: erases one piece of feedback."
      environment = { FEEDBACK_TABLE_NAME = module.feedback_table.name }
      permissions = {
        EraseFeedback = { actions = ["dynamodb:Query", "dynamodb:DeleteItem"], resources = [module.feedback_table.arn] }
      }
    }

    get_analytics = {
      description = "GET /analytics: totals and days, from the aggregates."
      environment = {
        ANALYTICS_TABLE_NAME = module.analytics_table.name
        AGGREGATE_SHARDS     = var.feedback.aggregate_shards
      }
      permissions = {
        ReadAggregates = { actions = ["dynamodb:BatchGetItem", "dynamodb:Query"], resources = [module.analytics_table.arn] }
      }
    }

    health = {
      description = "GET /health: whether the API answers, and with which release."
    }

    reanalyze_feedback = {
      description = "On a schedule: asks Comprehend about what the lexicon answered in its place."
      timeout     = 300
      environment = {
        FEEDBACK_TABLE_NAME     = module.feedback_table.name
        FEEDBACK_RETENTION_DAYS = var.feedback.retention_days
        LIST_SHARDS             = var.feedback.list_shards
        SENTIMENT_ENGINE        = var.sentiment.engine
        COMPREHEND_REGION       = var.sentiment.comprehend_region
        LANGUAGE_CODE           = var.sentiment.language_code
        REANALYSIS_DAYS         = var.sentiment.reanalysis.days
        REANALYSIS_ITEMS        = var.sentiment.reanalysis.items
      }
      permissions = {
        FindPending = {
          actions   = ["dynamodb:Query"]
          resources = [module.feedback_table.index_arns["pending-analysis"]]
        }
        ReviseSentiment = {
          actions   = ["dynamodb:UpdateItem"]
          resources = [module.feedback_table.arn]
          # It can change no name, address or message, and asks for none back.
          conditions = [
            { test = "ForAllValues:StringEquals", variable = "dynamodb:Attributes", values = local.revised_attributes },
            { test = "StringEqualsIfExists", variable = "dynamodb:ReturnValues", values = ["NONE"] },
          ]
        }
      }
      permissions_without_arn = var.sentiment.engine != "comprehend" ? {} : {
        AnalyseSentiments = {
          actions = ["comprehend:BatchDetectSentiment"]
          reason  = "Comprehend's real-time actions have no resource to name"
          conditions = [
            { test = "StringEquals", variable = "aws:RequestedRegion", values = [var.sentiment.comprehend_region] },
          ]
        }
      }
      dead_letter_queue = {}
      schedules = {
        pending = {
          expression = var.sentiment.reanalysis.schedule
          enabled    = var.sentiment.engine == "comprehend" && var.sentiment.reanalysis.enabled
          # The next run does what this one could not.
          maximum_event_age_in_seconds = 600
        }
      }
    }

    stream_aggregator = {
      description = "Feedback stream: counts each new item and each revision exactly once."
      timeout     = 30
      environment = {
        ANALYTICS_TABLE_NAME = module.analytics_table.name
        AGGREGATE_SHARDS     = var.feedback.aggregate_shards
      }
      permissions = {
        CountFeedback = { actions = ["dynamodb:BatchGetItem", "dynamodb:UpdateItem"], resources = [module.analytics_table.arn] }
      }
      dead_letter_queue = {}
      event_sources = {
        feedback = {
          stream_arn                         = module.feedback_table.stream_arn
          batch_size                         = 100
          maximum_batching_window_in_seconds = 1
          parallelization_factor             = 2
          filters                            = local.new_and_revised
        }
      }
    }

    lake_exporter = {
      description = "Feedback stream: writes each new item and each revision into the data lake."
      timeout     = 60
      environment = {
        LAKE_BUCKET             = module.datalake.bucket
        CUSTOMER_SALT_PARAMETER = aws_ssm_parameter.customer_salt.name
      }
      permissions = {
        WriteLake = { actions = ["s3:PutObject"], resources = ["${module.datalake.bucket_arn}/feedback/*"] }
        ReadSalt  = { actions = ["ssm:GetParameter"], resources = [aws_ssm_parameter.customer_salt.arn] }
      }
      key_services      = ["s3", "ssm"]
      dead_letter_queue = {}
      event_sources = {
        feedback = {
          stream_arn = module.feedback_table.stream_arn
          batch_size = 500
          # An object for every 20 seconds in quiet hours rather than for every item: queries open
          # them one by one. Still queryable within a minute.
          maximum_batching_window_in_seconds = var.datalake.export_window_seconds
          # An object is named after its first row. In order, and in whole batches, the stream goes
          # on where it stopped, so a batch that comes again writes the same objects again.
          parallelization_factor         = 1
          bisect_batch_on_function_error = false
          filters                        = local.new_and_revised
        }
      }
    }
  }
}
