# How it is started: as a service that keeps the schedule, or by EventBridge every quarter of an hour.

resource "aws_ecs_service" "collector" {
  count                              = var.mode == "service" ? 1 : 0
  name                               = var.name
  cluster                            = aws_ecs_cluster.collector.id
  task_definition                    = aws_ecs_task_definition.collector.arn
  launch_type                        = "FARGATE"
  desired_count                      = 1
  deployment_minimum_healthy_percent = 0
  deployment_maximum_percent         = 100
  network_configuration {
    subnets          = var.subnets
    security_groups  = [aws_security_group.collector.id]
    assign_public_ip = false
  }
  depends_on = [aws_efs_mount_target.state]
}

data "aws_iam_policy_document" "scheduler" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["scheduler.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "launch" {
  statement {
    actions   = ["ecs:RunTask"]
    resources = ["${aws_ecs_task_definition.collector.arn_without_revision}:*"]
  }
  statement {
    actions   = ["iam:PassRole"]
    resources = [aws_iam_role.collector.arn, aws_iam_role.start.arn]
  }
}

resource "aws_iam_role" "scheduler" {
  count              = var.mode == "scheduled" ? 1 : 0
  name               = "${var.name}-scheduler"
  assume_role_policy = data.aws_iam_policy_document.scheduler.json
}

resource "aws_iam_role_policy" "scheduler" {
  count  = var.mode == "scheduled" ? 1 : 0
  name   = "launch"
  role   = aws_iam_role.scheduler[0].id
  policy = data.aws_iam_policy_document.launch.json
}

resource "aws_scheduler_schedule" "due" {
  count               = var.mode == "scheduled" ? 1 : 0
  name                = var.name
  schedule_expression = "rate(15 minutes)"
  flexible_time_window {
    mode = "OFF"
  }
  target {
    arn      = aws_ecs_cluster.collector.arn
    role_arn = aws_iam_role.scheduler[0].arn
    ecs_parameters {
      task_definition_arn = aws_ecs_task_definition.collector.arn
      launch_type         = "FARGATE"
      network_configuration {
        subnets          = var.subnets
        security_groups  = [aws_security_group.collector.id]
        assign_public_ip = false
      }
    }
    retry_policy {
      maximum_retry_attempts = 0 # the next quarter of an hour does what this one did not
    }
  }
}
