# Who the collector is. What it may read is what `collector permissions azure` prints.

locals {
  role = jsondecode(file("${path.module}/../collector-role.json"))
}

resource "azurerm_user_assigned_identity" "collector" {
  name                = var.name
  resource_group_name = azurerm_resource_group.collector.name
  location            = azurerm_resource_group.collector.location
}

resource "azurerm_role_definition" "read" {
  name        = "${var.name} reads evidence"
  scope       = var.management_group
  description = "What `collector permissions azure` prints: only reading"
  permissions {
    actions = local.role.properties.permissions[0].actions
  }
  assignable_scopes = [var.management_group]
}

resource "azurerm_role_assignment" "read" {
  scope              = var.management_group
  role_definition_id = azurerm_role_definition.read.role_definition_resource_id
  principal_id       = azurerm_user_assigned_identity.collector.principal_id
}
