variable "name" {
  description = "What everything made here is called."
  type        = string
  default     = "evidence-collector"
}

variable "image" {
  description = "The collector's image, by digest: REGISTRY/evidence-collector@sha256:…"
  type        = string
  validation {
    condition     = can(regex("@sha256:[0-9a-f]{64}$", var.image))
    error_message = "Name the image by its digest; a tag can be moved."
  }
}

variable "mode" {
  description = "service: one task that keeps the schedule (collector serve). scheduled: a task every 15 minutes (run --due)."
  type        = string
  default     = "service"
  validation {
    condition     = contains(["service", "scheduled"], var.mode)
    error_message = "Choose service or scheduled."
  }
}

variable "configuration" {
  description = "The text of collector.toml, without its [archive] table, which this module writes."
  type        = string
  default     = ""
}

variable "bucket" {
  description = "The name of the evidence bucket, which is made here."
  type        = string
}

variable "prefix" {
  description = "Where in the bucket the archive lies, ending in a slash."
  type        = string
  default     = "archive/"
}

variable "retain_days" {
  description = "How many days evidence is locked beyond the end of the quarter of its sealing."
  type        = number
  default     = 730
}

variable "access_log_bucket" {
  description = "A bucket of somebody else that S3 writes the access log of the evidence bucket to; empty: none is kept."
  type        = string
  default     = ""
}

variable "member_role" {
  description = "The role that the collector takes in each other account of the organisation (../member); empty: none."
  type        = string
  default     = "EvidenceCollector"
}

variable "subnets" {
  description = "Private subnets with a way out to the providers' APIs (`collector egress` lists the hosts)."
  type        = list(string)
}

variable "vpc" {
  description = "The network of these subnets."
  type        = string
}

variable "secrets" {
  description = "Environment variables of the collector by name, each the ARN of a Secrets Manager secret: tokens of other providers."
  type        = map(string)
  default     = {}
}

variable "alarm_topics" {
  description = "SNS topics that are told when slots are missed or the collector is silent."
  type        = list(string)
  default     = []
}

variable "silent_hours" {
  description = "After how many hours without a sealed run the alarm sounds; more than the longest pause of the schedule."
  type        = number
  default     = 26
}
