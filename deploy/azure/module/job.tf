# `collector run --due` as a Container Apps job on a timer. Its keys and its pin lie on a file share of its own.

locals {
  toml = join("\n", [
    "[archive]",
    "path = \"az://${var.storage_account}/${azurerm_storage_container.evidence.name}/${var.prefix}?subscription=${split("/", azurerm_resource_group.collector.id)[2]}&group=${azurerm_resource_group.collector.name}\"",
    "keys = \"/var/lib/collector/keys\"",
    "retain_days = ${var.retain_days}",
    "",
    var.configuration,
  ])
  start = <<-EOT
    import os, sys
    open("/tmp/collector.toml", "w").write(os.environ["COLLECTOR_TOML"])
    os.execv("/opt/collector/bin/collector", ["collector", *sys.argv[1:]])
  EOT
}

resource "azurerm_log_analytics_workspace" "collector" {
  name                = var.name
  resource_group_name = azurerm_resource_group.collector.name
  location            = azurerm_resource_group.collector.location
  sku                 = "PerGB2018"
  retention_in_days   = 400
}

resource "azurerm_container_app_environment" "collector" {
  name                       = var.name
  resource_group_name        = azurerm_resource_group.collector.name
  location                   = azurerm_resource_group.collector.location
  log_analytics_workspace_id = azurerm_log_analytics_workspace.collector.id
}

resource "azurerm_storage_share" "state" {
  name               = "collector-state"
  storage_account_id = azurerm_storage_account.evidence.id
  quota              = 1
}

resource "azurerm_container_app_environment_storage" "state" {
  name                         = "state"
  container_app_environment_id = azurerm_container_app_environment.collector.id
  account_name                 = azurerm_storage_account.evidence.name
  share_name                   = azurerm_storage_share.state.name
  access_key                   = azurerm_storage_account.evidence.primary_access_key
  access_mode                  = "ReadWrite"
}

resource "azurerm_container_app_job" "collector" {
  name                         = var.name
  resource_group_name          = azurerm_resource_group.collector.name
  location                     = azurerm_resource_group.collector.location
  container_app_environment_id = azurerm_container_app_environment.collector.id
  replica_timeout_in_seconds   = 7200
  replica_retry_limit          = 0 # the next call does what this one did not
  schedule_trigger_config {
    cron_expression          = var.schedule
    parallelism              = 1
    replica_completion_count = 1
  }
  identity {
    type         = "UserAssigned"
    identity_ids = [azurerm_user_assigned_identity.collector.id]
  }
  dynamic "secret" {
    for_each = var.secrets
    content {
      name                = lower(replace(secret.key, "_", "-"))
      key_vault_secret_id = secret.value
      identity            = azurerm_user_assigned_identity.collector.id
    }
  }
  template {
    container {
      name    = "collector"
      image   = var.image
      cpu     = 0.5
      memory  = "1Gi"
      command = ["/opt/collector/bin/python", "-c", local.start]
      args    = ["--log-level", "info", "--log-json", "run", "--due", "--config", "/tmp/collector.toml"]
      env {
        name  = "COLLECTOR_TOML"
        value = local.toml
      }
      env {
        name  = "AZURE_CLIENT_ID"
        value = azurerm_user_assigned_identity.collector.client_id
      }
      dynamic "env" {
        for_each = var.secrets
        content {
          name        = env.key
          secret_name = lower(replace(env.key, "_", "-"))
        }
      }
      volume_mounts {
        name = "state"
        path = "/var/lib/collector"
      }
    }
    volume {
      name          = "state"
      storage_type  = "AzureFile"
      storage_name  = azurerm_container_app_environment_storage.state.name
      mount_options = "uid=65532,gid=65532,dir_mode=0700,file_mode=0600"
    }
  }
}
