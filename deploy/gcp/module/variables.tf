variable "organisation" {
  description = "The numeric id of the organisation whose evidence is collected."
  type        = string
}

variable "project" {
  description = "The project that the collector itself runs in."
  type        = string
}

variable "region" {
  description = "Where it runs, and where the bucket is."
  type        = string
  default     = "europe-west3"
}

variable "name" {
  description = "What everything made here is called."
  type        = string
  default     = "evidence-collector"
}

variable "image" {
  description = "The collector's image with the extra gcp, by digest: REGISTRY/evidence-collector@sha256:…"
  type        = string
  validation {
    condition     = can(regex("@sha256:[0-9a-f]{64}$", var.image))
    error_message = "Name the image by its digest; a tag can be moved."
  }
}

variable "bucket" {
  description = "The name of the evidence bucket, which is made here."
  type        = string
}

variable "prefix" {
  description = "Where in the bucket the archive lies, without slashes at its ends."
  type        = string
  default     = "archive"
}

variable "retain_days" {
  description = "How many days evidence is locked. Once locked, this can be made longer and never shorter."
  type        = number
  default     = 823 # two years beyond the end of the longest quarter
}

variable "lock" {
  description = "Whether the retention policy is locked. Nobody can undo that; try it out unlocked first."
  type        = bool
  default     = false
}

variable "log_access" {
  description = "Whether the project logs who reads and writes objects of Cloud Storage, all its buckets."
  type        = bool
  default     = true
}

variable "configuration" {
  description = "The text of collector.toml, without its [archive] table, which this module writes."
  type        = string
  default     = ""
}

variable "keys" {
  description = "Cloud KMS key versions (EC_SIGN_ED25519) that sign: log and collector, as projects/…/cryptoKeyVersions/1."
  type        = object({ log = string, collector = string })
}

variable "secrets" {
  description = "Environment variables of the collector by name, each the id of a Secret Manager secret in this project."
  type        = map(string)
  default     = {}
}

variable "schedule" {
  description = "How often it looks for what is due, as a cron line in UTC."
  type        = string
  default     = "*/15 * * * *"
}

variable "alert_channels" {
  description = "Monitoring notification channels that are told when slots are missed or the collector is silent."
  type        = list(string)
  default     = []
}
