# The collector in a security subscription, reading every subscription below a management group.

provider "azurerm" {
  features {}
  subscription_id = "00000000-0000-0000-0000-000000000000"
}

module "collector" {
  source           = "../module"
  management_group = "/providers/Microsoft.Management/managementGroups/example"
  storage_account  = "exampleevidence"
  image            = "example.azurecr.io/evidence-collector@sha256:0000000000000000000000000000000000000000000000000000000000000000"
  configuration    = <<-EOT
    [schedule]
    default = "daily at 02:00 UTC"

    [azure]
  EOT
}

output "archive" {
  description = "Where the archive is."
  value       = module.collector.archive
}
