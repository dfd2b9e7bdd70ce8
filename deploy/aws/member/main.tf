# The role in one member account. For all accounts of an organisation, use a StackSet as ../README.md says.

terraform {
  required_version = ">= 1.6"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.80"
    }
  }
}

variable "collector" {
  description = "The ARN of the collector's role: the output `role` of ../module."
  type        = string
}

variable "external_id" {
  description = "What the collector must say to enter; the same as `external_id` in [aws] of collector.toml."
  type        = string
  sensitive   = true
}

variable "role" {
  description = "The role's name, the same in every account."
  type        = string
  default     = "EvidenceCollector"
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "AWS"
      identifiers = [var.collector]
    }
    condition {
      test     = "StringEquals"
      variable = "sts:ExternalId"
      values   = [var.external_id]
    }
  }
}

resource "aws_iam_role" "collector" {
  name                 = var.role
  description          = "Read by the evidence collector"
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  max_session_duration = 3600
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

output "role" {
  description = "The role that the collector takes here."
  value       = aws_iam_role.collector.arn
}
