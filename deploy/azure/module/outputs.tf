output "identity" {
  description = "The client id of the collector's managed identity."
  value       = azurerm_user_assigned_identity.collector.client_id
}

output "archive" {
  description = "Where the archive is, as `collector verify --archive` takes it."
  value       = "az://${var.storage_account}/${azurerm_storage_container.evidence.name}/${var.prefix}"
}
