# Two ways to be told: slots were missed, or no run has been sealed for too long.

resource "azurerm_monitor_scheduled_query_rules_alert_v2" "missed" {
  name                 = "${var.name}-missed-slots"
  resource_group_name  = azurerm_resource_group.collector.name
  location             = azurerm_resource_group.collector.location
  scopes               = [azurerm_log_analytics_workspace.collector.id]
  description          = "Evidence was not collected when it was due"
  severity             = 2
  evaluation_frequency = "PT15M"
  window_duration      = "PT15M"
  criteria {
    query                   = "ContainerAppConsoleLogs_CL | where Log_s has 'run sealed' | extend said = parse_json(Log_s) | where toint(said.missed) > 0"
    time_aggregation_method = "Count"
    operator                = "GreaterThan"
    threshold               = 0
  }
  action {
    action_groups = var.alert_action_groups
  }
}

resource "azurerm_monitor_scheduled_query_rules_alert_v2" "silent" {
  name                 = "${var.name}-silent"
  resource_group_name  = azurerm_resource_group.collector.name
  location             = azurerm_resource_group.collector.location
  scopes               = [azurerm_log_analytics_workspace.collector.id]
  description          = "No run has been sealed for a day"
  severity             = 1
  evaluation_frequency = "PT1H"
  window_duration      = "P1D"
  criteria {
    query                   = "ContainerAppConsoleLogs_CL | where Log_s has 'run sealed'"
    time_aggregation_method = "Count"
    operator                = "LessThan"
    threshold               = 1
  }
  action {
    action_groups = var.alert_action_groups
  }
}
