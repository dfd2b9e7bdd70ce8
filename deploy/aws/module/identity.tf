# Who the collector is, and all that it may do: read evidence, take its role in member accounts, keep its archive.

data "aws_iam_policy_document" "tasks" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["ecs-tasks.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "collector" {
  name               = "EvidenceCollectorRunner"
  description        = "The evidence collector: reads, and keeps its archive"
  assume_role_policy = data.aws_iam_policy_document.tasks.json
}

resource "aws_iam_policy" "read" {
  name        = "EvidenceCollectorRead"
  description = "What `collector permissions aws` prints: only reading"
  policy      = file("${path.module}/../collector-policy.json")
}

resource "aws_iam_role_policy_attachment" "read" {
  role       = aws_iam_role.collector.name
  policy_arn = aws_iam_policy.read.arn
}

data "aws_iam_policy_document" "enter" {
  statement {
    sid       = "EnterMemberAccounts"
    actions   = ["sts:AssumeRole"]
    resources = ["arn:aws:iam::*:role/${var.member_role}"]
  }
}

resource "aws_iam_role_policy" "enter" {
  count  = var.member_role == "" ? 0 : 1
  name   = "enter-member-accounts"
  role   = aws_iam_role.collector.id
  policy = data.aws_iam_policy_document.enter.json
}

resource "aws_iam_role_policy" "keep" {
  name = "keep-the-archive"
  role = aws_iam_role.collector.id
  policy = templatefile("${path.module}/keep-policy.json.tftpl", {
    bucket = var.bucket
    prefix = var.prefix
    key    = aws_kms_key.evidence.arn
  })
}

# The role that starts the task: fetches the image, writes the log, hands over the secrets.
resource "aws_iam_role" "start" {
  name               = "${var.name}-start"
  assume_role_policy = data.aws_iam_policy_document.tasks.json
}

resource "aws_iam_role_policy_attachment" "start" {
  role       = aws_iam_role.start.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
}

data "aws_iam_policy_document" "secrets" {
  statement {
    actions   = ["secretsmanager:GetSecretValue"]
    resources = values(var.secrets)
  }
}

resource "aws_iam_role_policy" "secrets" {
  count  = length(var.secrets) == 0 ? 0 : 1
  name   = "hand-over-secrets"
  role   = aws_iam_role.start.id
  policy = data.aws_iam_policy_document.secrets.json
}
