# The evidence container: a time-based immutability policy on the container itself, locked when you say so. Not
# version-level: there the current version of a log object could become a previous one.

resource "azurerm_resource_group" "collector" {
  name     = var.name
  location = var.location
}

resource "azurerm_storage_account" "evidence" {
  name                            = var.storage_account
  resource_group_name             = azurerm_resource_group.collector.name
  location                        = azurerm_resource_group.collector.location
  account_tier                    = "Standard"
  account_replication_type        = "ZRS"
  min_tls_version                 = "TLS1_2"
  https_traffic_only_enabled      = true
  shared_access_key_enabled       = true # a Container Apps job mounts its state by it; the archive is used by identity
  allow_nested_items_to_be_public = false
}

resource "azurerm_storage_container" "evidence" {
  name                  = "evidence"
  storage_account_id    = azurerm_storage_account.evidence.id
  container_access_type = "private"
}

resource "azurerm_storage_container_immutability_policy" "evidence" {
  storage_container_resource_manager_id = azurerm_storage_container.evidence.id
  immutability_period_in_days           = var.retain_days
  protected_append_writes_enabled       = false
  locked                                = var.lock
}

# Put new blobs and read them, and see the policy; no right to delete, nor to change the policy.
resource "azurerm_role_definition" "keep" {
  name        = "${var.name} keeps evidence"
  scope       = azurerm_resource_group.collector.id
  description = "Put new blobs, read and list them, and see the container's lock and who has rights in it"
  permissions {
    actions = [
      "Microsoft.Storage/storageAccounts/blobServices/containers/read",
      "Microsoft.Storage/storageAccounts/blobServices/containers/immutabilityPolicies/read",
      "Microsoft.Insights/DiagnosticSettings/Read",
      "Microsoft.Storage/storageAccounts/read",
      "Microsoft.Authorization/roleAssignments/read",
      "Microsoft.Authorization/roleDefinitions/read",
      "Microsoft.Authorization/roleEligibilityScheduleInstances/read",
    ]
    data_actions = [
      "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/add/action",
      "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read",
      "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write",
    ]
  }
  assignable_scopes = [azurerm_resource_group.collector.id]
}

resource "azurerm_role_assignment" "keep" {
  scope              = azurerm_storage_account.evidence.id
  role_definition_id = azurerm_role_definition.keep.role_definition_resource_id
  principal_id       = azurerm_user_assigned_identity.collector.principal_id
}

# Who reads, writes and deletes blobs, kept as long as the collector's own log.
resource "azurerm_monitor_diagnostic_setting" "evidence" {
  name                       = "${var.name}-access"
  target_resource_id         = "${azurerm_storage_account.evidence.id}/blobServices/default"
  log_analytics_workspace_id = azurerm_log_analytics_workspace.collector.id
  enabled_log {
    category = "StorageRead"
  }
  enabled_log {
    category = "StorageWrite"
  }
  enabled_log {
    category = "StorageDelete"
  }
}
