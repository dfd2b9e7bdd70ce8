variable "management_group" {
  description = "The resource id of the management group whose subscriptions are read; the tenant's root group for all."
  type        = string
}

variable "location" {
  description = "Where the collector runs and keeps its evidence."
  type        = string
  default     = "westeurope"
}

variable "name" {
  description = "What everything made here is called."
  type        = string
  default     = "evidence-collector"
}

variable "storage_account" {
  description = "The name of the evidence storage account, which is made here."
  type        = string
}

variable "image" {
  description = "The collector's image with the extra azure, by digest: REGISTRY/evidence-collector@sha256:…"
  type        = string
  validation {
    condition     = can(regex("@sha256:[0-9a-f]{64}$", var.image))
    error_message = "Name the image by its digest; a tag can be moved."
  }
}

variable "prefix" {
  description = "Where in the container the archive lies, without slashes at its ends."
  type        = string
  default     = "archive"
}

variable "retain_days" {
  description = "How many days evidence is locked. Once locked, this can be made longer and never shorter."
  type        = number
  default     = 823 # two years beyond the end of the longest quarter
}

variable "lock" {
  description = "Whether the immutability policy is locked. Nobody can undo that; try it out unlocked first."
  type        = bool
  default     = false
}

variable "configuration" {
  description = "The text of collector.toml, without its [archive] table, which this module writes."
  type        = string
  default     = ""
}

variable "secrets" {
  description = "Environment variables of the collector by name, each the id of a Key Vault secret: tokens of other providers."
  type        = map(string)
  default     = {}
}

variable "schedule" {
  description = "How often it looks for what is due, as a cron line in UTC."
  type        = string
  default     = "*/15 * * * *"
}

variable "alert_action_groups" {
  description = "Monitor action groups that are told when slots are missed or the collector is silent."
  type        = list(string)
  default     = []
}
