# The task: the image, unprivileged on a read-only root, its state mounted, its configuration written here.

data "aws_region" "here" {}

locals {
  toml = join("\n", [
    "[archive]",
    "path = \"s3://${var.bucket}/${trimsuffix(var.prefix, "/")}?region=${data.aws_region.here.name}\"",
    "keys = \"/var/lib/collector/keys\"",
    "retain_days = ${var.retain_days}",
    "",
    var.configuration,
  ])
  command = {
    service   = ["serve", "--config", "/tmp/collector.toml"]
    scheduled = ["--log-level", "info", "--log-json", "run", "--due", "--config", "/tmp/collector.toml"]
  }
  # Fargate mounts no files, and the image needs no shell: Python writes the configuration and becomes the collector.
  start = <<-EOT
    import os, sys
    open("/tmp/collector.toml", "w").write(os.environ["COLLECTOR_TOML"])
    os.execv("/opt/collector/bin/collector", ["collector", *sys.argv[1:]])
  EOT
}

resource "aws_cloudwatch_log_group" "collector" {
  name              = "/${var.name}"
  retention_in_days = 400
}

resource "aws_ecs_cluster" "collector" {
  name = var.name
}

resource "aws_security_group" "collector" {
  name        = var.name
  description = "The evidence collector: nobody gets in"
  vpc_id      = var.vpc
}

resource "aws_vpc_security_group_egress_rule" "tls" {
  security_group_id = aws_security_group.collector.id
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

resource "aws_vpc_security_group_egress_rule" "state" {
  security_group_id            = aws_security_group.collector.id
  referenced_security_group_id = aws_security_group.state.id
  ip_protocol                  = "tcp"
  from_port                    = 2049
  to_port                      = 2049
}

resource "aws_ecs_task_definition" "collector" {
  family                   = var.name
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = 512
  memory                   = 1024
  task_role_arn            = aws_iam_role.collector.arn
  execution_role_arn       = aws_iam_role.start.arn

  volume {
    name = "state"
    efs_volume_configuration {
      file_system_id     = aws_efs_file_system.state.id
      transit_encryption = "ENABLED"
      authorization_config {
        access_point_id = aws_efs_access_point.state.id
      }
    }
  }
  volume {
    name = "temporary"
  }

  container_definitions = jsonencode([{
    name                   = "collector"
    image                  = var.image
    essential              = true
    entryPoint             = ["/opt/collector/bin/python", "-c", local.start]
    command                = local.command[var.mode]
    user                   = "65532:65532"
    readonlyRootFilesystem = true
    stopTimeout            = 60
    environment            = [{ name = "COLLECTOR_TOML", value = local.toml }]
    secrets                = [for name, arn in var.secrets : { name = name, valueFrom = arn }]
    mountPoints = [
      { sourceVolume = "state", containerPath = "/var/lib/collector" },
      { sourceVolume = "temporary", containerPath = "/tmp" },
    ]
    logConfiguration = {
      logDriver = "awslogs"
      options = {
        awslogs-group         = aws_cloudwatch_log_group.collector.name
        awslogs-region        = data.aws_region.here.name
        awslogs-stream-prefix = "collector"
      }
    }
  }])
}
