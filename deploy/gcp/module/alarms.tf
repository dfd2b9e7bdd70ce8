# Two ways to be told: slots were missed, or no run has been sealed for too long.

resource "google_logging_metric" "missed" {
  name    = "${var.name}/missed"
  project = var.project
  filter  = "resource.type=\"cloud_run_job\" AND resource.labels.job_name=\"${var.name}\" AND jsonPayload.event=\"run sealed\" AND jsonPayload.missed>0"
}

resource "google_logging_metric" "sealed" {
  name    = "${var.name}/sealed"
  project = var.project
  filter  = "resource.type=\"cloud_run_job\" AND resource.labels.job_name=\"${var.name}\" AND jsonPayload.event=\"run sealed\""
}

resource "google_monitoring_alert_policy" "missed" {
  project               = var.project
  display_name          = "${var.name}: slots were missed"
  combiner              = "OR"
  notification_channels = var.alert_channels
  conditions {
    display_name = "Evidence was not collected when it was due"
    condition_threshold {
      filter          = "resource.type=\"cloud_run_job\" AND metric.type=\"logging.googleapis.com/user/${google_logging_metric.missed.name}\""
      comparison      = "COMPARISON_GT"
      threshold_value = 0
      duration        = "0s"
      aggregations {
        alignment_period   = "300s"
        per_series_aligner = "ALIGN_DELTA"
      }
    }
  }
}

resource "google_monitoring_alert_policy" "silent" {
  project               = var.project
  display_name          = "${var.name}: silent"
  combiner              = "OR"
  notification_channels = var.alert_channels
  conditions {
    display_name = "No run has been sealed for a day"
    condition_absent {
      filter   = "resource.type=\"cloud_run_job\" AND metric.type=\"logging.googleapis.com/user/${google_logging_metric.sealed.name}\""
      duration = "84600s" # the longest that there is
      aggregations {
        alignment_period   = "3600s"
        per_series_aligner = "ALIGN_DELTA"
      }
    }
  }
}
