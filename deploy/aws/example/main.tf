# The collector in a security account, reading this account and one member.

provider "aws" {
  region = "eu-central-1"
}

provider "aws" {
  alias  = "member"
  region = "eu-central-1"
  assume_role {
    role_arn = "arn:aws:iam::222222222222:role/Administrator"
  }
}

variable "external_id" {
  description = "A long random text; the same in every member account."
  type        = string
  sensitive   = true
}

module "collector" {
  source        = "../module"
  image         = "111111111111.dkr.ecr.eu-central-1.amazonaws.com/evidence-collector@sha256:0000000000000000000000000000000000000000000000000000000000000000"
  bucket        = "example-evidence"
  vpc           = "vpc-00000000000000000"
  subnets       = ["subnet-00000000000000000", "subnet-11111111111111111"]
  alarm_topics  = ["arn:aws:sns:eu-central-1:111111111111:security"]
  configuration = <<-EOT
    [schedule]
    default = "daily at 02:00 UTC"

    [aws]
    role = "EvidenceCollector"
    external_id = "${var.external_id}"
  EOT
}

module "member" {
  source      = "../member"
  providers   = { aws = aws.member }
  collector   = module.collector.role
  external_id = var.external_id
}

output "archive" {
  description = "Where the archive is."
  value       = module.collector.archive
}
